#include "adapters/metric_families.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace failover::adapters {
namespace {

constexpr std::array phases{
    core::Phase::missing,     core::Phase::starting, core::Phase::idle,    core::Phase::working,
    core::Phase::blocked,     core::Phase::dialog,   core::Phase::stalled, core::Phase::waiting_permission,
    core::Phase::auth_needed, core::Phase::held,     core::Phase::dead,    core::Phase::recovering,
};

std::string seconds(core::Duration time) {
  return fmt::format("{:.3f}", std::chrono::duration<double>(time).count());
}

std::string timestamp(core::WallTime time) {
  return seconds(time.time_since_epoch());
}

std::string number(std::int64_t value) {
  return fmt::format("{}", value);
}

std::string number(bool value) {
  return value ? "1" : "0";
}

class Families {
 public:
  void add(MetricType type, std::string name, std::string help, std::vector<MetricSample> samples) {
    if (samples.empty()) return;
    families_.push_back({"claude_failover_" + std::move(name), type, std::move(help), std::move(samples)});
  }
  void gauge(std::string name, std::string help, std::string value) {
    add(MetricType::gauge, std::move(name), std::move(help), {{{}, std::move(value)}});
  }
  void counter(std::string name, std::string help, std::int64_t value) {
    add(MetricType::counter, std::move(name), std::move(help), {{{}, number(value)}});
  }
  /// A counter by key, whose parts are divided by line feeds; `labels` names the parts.
  void counter(std::string name, std::string help, std::map<std::string, std::int64_t> const& counts,
               std::vector<std::string> const& labels) {
    std::vector<MetricSample> samples;
    for (auto const& [key, count] : counts) samples.push_back({labelled(key, labels), number(count)});
    add(MetricType::counter, std::move(name), std::move(help), std::move(samples));
  }
  /// One that keeps its standard name.
  void standard_gauge(std::string name, std::string help, std::string value) {
    families_.push_back({std::move(name), MetricType::gauge, std::move(help), {{{}, std::move(value)}}});
  }
  [[nodiscard]] std::vector<MetricFamily> take() { return std::move(families_); }

 private:
  static std::vector<std::pair<std::string, std::string>> labelled(std::string_view key,
                                                                   std::vector<std::string> const& labels) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (auto const& label : labels) {
      auto const end = key.find('\n');
      auto const last = pairs.size() + 1 == labels.size();
      pairs.emplace_back(label, last ? key : key.substr(0, end));
      key.remove_prefix(last || end == std::string_view::npos ? key.size() : end + 1);
    }
    return pairs;
  }

  std::vector<MetricFamily> families_;
};

void add_use(std::vector<MetricSample>& used, core::AccountName const& account, char const* window,
             std::optional<core::WindowStatus> const& status) {
  if (!status) return;
  std::array<char, 32> ratio{};
  (void)std::snprintf(ratio.data(), ratio.size(), "%.4g", status->used_percent / 100);
  used.push_back({{{"account", account.str()}, {"window", window}}, ratio.data()});
}

std::vector<MetricSample> drift(core::StatusReport const& report) {
  std::vector<MetricSample> samples;
  for (auto const kind : core::drift_kinds) {
    auto const count =
        std::count_if(report.drift.begin(), report.drift.end(), [&](auto const& drift) { return drift.kind == kind; });
    samples.push_back({{{"kind", std::string{core::to_string(kind)}}}, number(std::int64_t{count})});
  }
  return samples;
}

void add_accounts(Families& families, core::StatusReport const& report) {
  std::vector<MetricSample> active;
  std::vector<MetricSample> exhausted;
  std::vector<MetricSample> resets;
  std::vector<MetricSample> exhaustions;
  std::vector<MetricSample> used;
  for (auto const& account : report.accounts) {
    std::vector<std::pair<std::string, std::string>> const labels{{"account", account.name.str()}};
    active.push_back({labels, number(account.active)});
    exhausted.push_back({labels, number(account.resets_at.has_value())});
    if (account.resets_at) resets.push_back({labels, timestamp(account.resets_at->at)});
    exhaustions.push_back({labels, number(account.exhausted_total)});
    add_use(used, account.name, "five_hour", account.five_hour);
    add_use(used, account.name, "weekly", account.weekly);
  }
  families.add(MetricType::gauge, "account_active", "1 on the account that new turns use.", active);
  families.add(MetricType::gauge, "account_exhausted", "1 while the account's quota is spent.", exhausted);
  families.add(MetricType::gauge, "account_reset_timestamp_seconds", "When a spent account is released.", resets);
  families.add(MetricType::gauge, "account_window_used_ratio", "Used part of a window, as an agent last told.", used);
  families.add(MetricType::counter, "account_exhaustions", "Times that the account was found spent.", exhaustions);
  families.gauge("brake", "1 while the operator's brake is on.", number(report.brake));
  families.gauge("frozen", "1 while nothing is switched after a ping-pong.", number(report.frozen_until.has_value()));
  if (std::any_of(report.accounts.begin(), report.accounts.end(), [](auto const& account) { return account.present; }))
    families.add(MetricType::gauge, "drift", "What on disk is not as a fail-over needs it, by kind.", drift(report));
  families.gauge("holding", "1 while no account is left and the queue waits.", number(report.holding));
}

void add_sessions(Families& families, core::StatusReport const& report) {
  std::map<core::Phase, std::int64_t> counts;
  for (auto const& session : report.sessions) ++counts[session.phase];
  std::vector<MetricSample> samples;
  for (auto const phase : phases)
    samples.push_back({{{"state", std::string{core::to_string(phase)}}}, number(counts[phase])});
  families.add(MetricType::gauge, "sessions", "Sessions by phase.", samples);
  families.counter("session_changes", "Sessions created, vanished, restarted and started afresh.",
                   report.counters.session_changes, {"change"});
  families.counter("recoveries", "Sessions brought back to work.", report.counters.recoveries);
}

void add_queue(Families& families, core::StatusReport const& report) {
  families.counter("tasks", "Tasks that came to an end, by result.", report.counters.tasks, {"result"});
  if (!report.scanned) return;
  auto const& queue = report.queue;
  auto const place = [](char const* name, std::int64_t count) {
    return MetricSample{{{"state", name}}, number(count)};
  };
  families.add(MetricType::gauge, "queue_tasks", "Task files by place.",
               {place("pending", queue.pending), place("claimed", queue.claimed), place("done", queue.done),
                place("failed", queue.failed), place("held", queue.held)});
  families.gauge("queue_oldest_task_age_seconds", "Age of the oldest pending task; 0 when none waits.",
                 queue.oldest_pending ? seconds(std::max(queue.oldest_pending->age, core::Duration::zero())) : "0");
}

void add_swaps(Families& families, core::StatusReport const& report) {
  families.counter("swaps", "Moves of the active account.", report.counters.swaps, {"from", "to"});
  families.counter("swap_failures", "Swaps that were aborted.", report.counters.swap_failures, {"reason"});
  families.counter("swap_refusals", "Wanted swaps that were not made.", report.counters.refusals, {"reason"});
  families.counter("detections", "Evidence of a limit, by pattern rule and what became of it.",
                   report.counters.detections, {"pattern", "verdict"});
}

void add_daemon(Families& families, core::StatusReport const& report) {
  families.add(MetricType::info, "build", "The version that runs.",
               {{{{"version", report.build.version}, {"revision", report.build.revision}}, "1"}});
  if (report.tmux_up) families.gauge("tmux_up", "1 while the tmux server answers.", number(*report.tmux_up));
  if (report.listed)
    families.gauge("last_poll_timestamp_seconds", "When the panes were last listed.", timestamp(report.listed->at));
  families.counter("notifications", "Messages by channel and result.", report.counters.notifications,
                   {"channel", "result"});
  families.gauge("notification_spool", "Messages that wait to be sent.", number(report.outbox));
  families.gauge("config_last_reload_successful", "0 when the newest configuration was refused.",
                 number(report.build.reload_ok));
  families.gauge("config_last_reload_success_timestamp_seconds", "When the configuration in use was read.",
                 timestamp(report.config_read.at));
  families.counter("state_write_failures", "Failed savings of the state file.", report.counters.state_write_failures);
  families.counter("slow_loop_turns", "Turns of the loop that took longer than 100 ms.",
                   static_cast<std::int64_t>(report.build.slow_turns));
  auto const& reads = report.build.tmux_reads;
  auto const count = [](std::uint64_t value) { return number(static_cast<std::int64_t>(value)); };
  families.add(MetricType::counter, "tmux_reads", "Listings and screens asked of tmux, by transport.",
               {{{{"transport", "control"}}, count(reads.control)}, {{{"transport", "child"}}, count(reads.child)}});
  families.counter("tmux_control_fallbacks", "Reads repeated by a child because the control client failed.",
                   static_cast<std::int64_t>(reads.fallbacks));
  families.gauge("terminals_watched", "Terminals whose programs' writing is told by the kernel.",
                 number(report.build.terminals_watched));
  families.standard_gauge("process_start_time_seconds", "When the daemon was started.",
                          timestamp(report.build.started.wall));
}

}  // namespace

std::vector<MetricFamily> metric_families(core::StatusReport const& report) {
  Families families;
  add_accounts(families, report);
  add_sessions(families, report);
  add_queue(families, report);
  add_swaps(families, report);
  add_daemon(families, report);
  return families.take();
}

std::string sample_name(MetricFamily const& family) {
  switch (family.type) {
    case MetricType::counter:
      return family.name + "_total";
    case MetricType::info:
      return family.name + "_info";
    case MetricType::gauge:
      break;
  }
  return family.name;
}

}  // namespace failover::adapters
