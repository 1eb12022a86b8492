#include "test/sim/world.hpp"

/// What agents tell by themselves, in rows, hooks and figures, and what becomes of it on the way.
namespace failover::sim {

using core::Duration;
using core::RowKind;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

core::HookCall World::call_of(Agent const& agent, std::string name) {
  core::HookCall call;
  call.name = std::move(name);
  call.conversation = agent.conversation;
  call.cwd = agent.cwd;
  call.transcript_path =
      agent.config_dir + "/projects/" + core::project_directory(agent.cwd) + "/" + agent.conversation.str();
  auto const pane = pane_ref(agent);
  call.caller = {pane.server_pid, pane.id, agent.config_dir};
  call.at = now().wall;
  return call;
}

void World::write_row(Agent& agent, RowKind kind, std::string text, std::string const& error) {
  if (!scenario_.transcripts) return;
  core::TranscriptRow row;
  row.kind = kind;
  row.conversation = agent.conversation;
  row.uuid = "r" + std::to_string(next_row_++);
  row.cwd = agent.cwd;
  row.version = agent.version();
  row.at = now().wall;
  row.text = std::move(text);
  row.error = error;
  row.ends_turn = kind == RowKind::reply && agent.requests <= 0;
  if (error == "rate_limit") {
    row.status = 429;
    auto const seen = read_message(row.text, row.at);
    row.usage_limit = true;
    row.resets_at = seen.resets_at;
    row.limit_type = seen.scope == core::Scope::model   ? "seven_day_opus"
                     : seen.scope == core::Scope::spend ? "overage"
                                                        : "five_hour";
  }
  auto& history = histories[agent.conversation];
  if (history.file == 0) history.file = histories.size();
  row.place = {history.file, ++history.written};
  auto& rows = history.rows;
  rows.push_back(row);
  if (rows.size() > 4) rows.erase(rows.begin());
  tell_row(std::move(row));
}

void World::tell_row(core::TranscriptRow row) {
  auto const& faults = scenario_.faults;
  if (!calm_ && chance_.percent(faults.rows_lost)) return unheard_rows_.push_back(std::move(row));
  bool const late = !calm_ && chance_.percent(faults.rows_late);
  auto const after =
      late ? chance_.between(seconds{1}, seconds{300}) : chance_.between(milliseconds{20}, milliseconds{200});
  if (!calm_ && chance_.percent(faults.rows_doubled))
    tell_(after + chance_.between(milliseconds{1}, milliseconds{60'000}), core::event::TranscriptGrew{{row}});
  tell_(after, core::event::TranscriptGrew{{std::move(row)}});
}

void World::tell_usage(Agent const& agent, Purse const& purse) {
  if (!scenario_.usage) return;
  auto const& faults = scenario_.faults;
  core::UsageReport report;
  report.conversation = agent.conversation;
  auto const call = call_of(agent, "usage");
  report.caller = call.caller;
  report.at = call.at;
  auto used = 100 - 100 * static_cast<double>(purse.left) / static_cast<double>(purse.size);
  auto resets = true_wall(*purse.resets);
  if (!calm_ && chance_.percent(faults.usage_wrong)) {
    used = static_cast<double>(chance_.below(101));
    resets = true_wall(mono_) + chance_.between(Duration{minutes{1}}, scenario_.window);
  }
  if (!calm_ && chance_.percent(faults.usage_old)) {
    report.at -= chance_.between(minutes{1}, minutes{120});
    used = static_cast<double>(chance_.below(101));
  }
  (chance_.one_in(4) ? report.weekly : report.five_hour) = core::WindowUse{used, resets};
  bool const late = !calm_ && chance_.percent(faults.usage_late);
  tell_(late ? chance_.between(seconds{1}, seconds{900}) : chance_.between(milliseconds{20}, milliseconds{400}),
        core::event::UsageTold{std::move(report)});
}

void World::tell_hook(core::HookCall call) {
  auto const& faults = scenario_.faults;
  if (!scenario_.hooks || (!calm_ && chance_.percent(faults.hooks_lost))) return;
  bool const late = !calm_ && chance_.percent(faults.hooks_late);
  auto const after =
      late ? chance_.between(seconds{1}, seconds{900}) : chance_.between(milliseconds{20}, milliseconds{400});
  if (!calm_ && chance_.percent(faults.hooks_doubled))
    tell_(after + chance_.between(milliseconds{1}, milliseconds{60'000}), core::event::HookCalled{call});
  tell_(after, core::event::HookCalled{std::move(call)});
}

}  // namespace failover::sim
