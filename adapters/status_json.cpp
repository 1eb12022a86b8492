#include "adapters/status_views.hpp"
#include "adapters/utf8.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include <boost/json.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;  // value(x), never value{x}: braces make an array of one

json::string text(std::string_view value) {
  return json::string{repaired_utf8(value)};
}

template <class Tag>
json::string text(core::Name<Tag> const& name) {
  return text(name.str());
}

json::value text_or_null(std::string_view value) {
  return value.empty() ? json::value() : json::value(text(value));
}

template <class Tag>
json::value text_or_null(core::Name<Tag> const& name) {
  return text_or_null(name.str());
}

template <class T>
json::value value_or_null(std::optional<T> const& value) {
  return value ? json::value(*value) : json::value();
}

std::int64_t whole_seconds(core::Duration time) {
  return std::chrono::floor<std::chrono::seconds>(time).count();
}

void put(json::object& object, std::string const& name, std::optional<core::Instant> const& instant) {
  object[name] = instant ? json::value(core::to_rfc3339(instant->at)) : json::value();
  object[name + "_age_s"] = instant ? json::value(whole_seconds(instant->age)) : json::value();
}

json::value window(std::optional<core::WindowStatus> const& status) {
  if (!status) return nullptr;
  json::object object;
  object["used_percent"] = status->used_percent;
  put(object, "resets_at", status->resets_at);
  return object;
}

json::value use(core::AccountStatus const& status) {
  if (!status.use_told) return nullptr;
  json::object object;
  put(object, "told_at", status.use_told);
  object["five_hour"] = window(status.five_hour);
  object["weekly"] = window(status.weekly);
  return object;
}

json::object account(core::AccountStatus const& status) {
  json::object object;
  object["name"] = text(status.name);
  object["standing"] = text(status.standing);
  object["active"] = status.active;
  put(object, "since", status.since);
  object["window"] = text_or_null(core::to_string(status.window));
  put(object, "resets_at", status.resets_at);
  object["until_assumed"] = status.until_assumed;
  object["rule"] = text_or_null(status.rule);
  object["reported_by"] = text_or_null(status.reported_by);
  object["exhausted_total"] = status.exhausted_total;
  object["use"] = use(status);
  object["present"] = value_or_null(status.present);
  object["logged_in"] = value_or_null(status.logged_in);
  object["unproven"] = status.unproven;
  put(object, "model_limited_until", status.model_limited_until);
  return object;
}

json::object session(core::SessionStatus const& status) {
  json::object object;
  object["name"] = text(status.name);
  object["kind"] = text(core::to_string(status.kind));
  object["phase"] = text(core::to_string(status.phase));
  put(object, "since", status.since);
  object["account"] = text_or_null(status.account);
  object["task"] = status.task ? json::value(text(*status.task)) : json::value();
  object["hold_reason"] = text_or_null(status.hold_reason);
  object["recovery"] = status.recovery ? json::value(text(core::to_string(*status.recovery))) : json::value();
  object["recovery_attempts"] = status.recovery_attempts;
  object["person_types"] = status.person_types;
  return object;
}

/// Counts by one word.
json::object counts(std::map<std::string, std::int64_t> const& counters) {
  json::object object;
  for (auto const& [key, count] : counters) object[repaired_utf8(key)] = count;
  return object;
}

json::object queue(core::QueueStatus const& status, bool scanned) {
  json::object object;
  object["readable"] = status.readable;
  json::object const by_place{{"pending", status.pending},
                              {"claimed", status.claimed},
                              {"done", status.done},
                              {"failed", status.failed},
                              {"held", status.held}};
  object["counts"] = scanned ? json::value(by_place) : json::value();
  put(object, "oldest_pending", status.oldest_pending);
  object["stopped_by"] = text_or_null(status.stopped_by);
  object["waiting"] = counts(status.waiting);
  json::array pending;
  for (auto const& task : status.next) {
    json::object entry;
    entry["id"] = text(task.id);
    entry["title"] = text(task.title);
    entry["priority"] = task.priority;
    entry["waits_for"] = text_or_null(task.waits_for);
    put(entry, "since", task.since);
    pending.push_back(std::move(entry));
  }
  object["pending"] = std::move(pending);
  json::array in_flight;
  for (auto const& task : status.in_flight) {
    json::object entry;
    entry["id"] = text(task.id);
    entry["title"] = text(task.title);
    entry["session"] = text_or_null(task.session);
    entry["phase"] = text(core::to_string(task.phase));
    put(entry, "since", task.since);
    in_flight.push_back(std::move(entry));
  }
  object["in_flight"] = std::move(in_flight);
  return object;
}

json::object swap(core::SwapStatus const& status) {
  json::object object;
  object["id"] = status.id;
  object["from"] = text_or_null(status.from);
  object["to"] = text_or_null(status.to);
  object["phase"] = text(core::to_string(status.phase));
  put(object, "decided_at", status.decided);
  put(object, "ended_at", status.ended);
  object["trigger_session"] = text_or_null(status.trigger_session);
  object["rule"] = text_or_null(status.rule);
  put(object, "resets_at", status.resets_at);
  json::array unrecovered;
  for (auto const& name : status.unrecovered) unrecovered.push_back(text(name));
  object["unrecovered"] = std::move(unrecovered);
  object["abort_reason"] = text_or_null(status.abort_reason);
  object["cause"] = text(core::to_string(status.cause));
  return object;
}

json::object drift(core::Drift const& drift) {
  json::object object;
  object["kind"] = text(core::to_string(drift.kind));
  json::array accounts;
  for (auto const& name : drift.accounts) accounts.push_back(text(name));
  object["accounts"] = std::move(accounts);
  object["text"] = text(drift.text);
  return object;
}

/// Counts by two words, which the key divides by a line feed.
json::array counts(std::map<std::string, std::int64_t> const& counters, char const* first, char const* second) {
  json::array array;
  for (auto const& [key, count] : counters) {
    auto const divider = std::min(key.find('\n'), key.size());
    json::object entry;
    entry[first] = text(std::string_view{key}.substr(0, divider));
    entry[second] = text(std::string_view{key}.substr(std::min(divider + 1, key.size())));
    entry["count"] = count;
    array.push_back(std::move(entry));
  }
  return array;
}

json::object counters(core::Counters const& counters) {
  json::object object;
  object["swaps"] = counts(counters.swaps, "from", "to");
  object["swap_failures"] = counts(counters.swap_failures);
  object["refusals"] = counts(counters.refusals);
  object["detections"] = counts(counters.detections, "rule", "verdict");
  object["tasks"] = counts(counters.tasks);
  object["notifications"] = counts(counters.notifications, "channel", "result");
  object["session_changes"] = counts(counters.session_changes);
  object["recoveries"] = counters.recoveries;
  object["state_write_failures"] = counters.state_write_failures;
  return object;
}

template <class Items, class Convert>
json::array each(Items const& items, Convert convert) {
  json::array array;
  for (auto const& item : items) array.push_back(convert(item));
  return array;
}

void put_daemon(json::object& object, core::StatusReport const& report) {
  object["schema"] = 1;
  object["version"] = text(report.build.version);
  object["revision"] = text_or_null(report.build.revision);
  object["state_version"] = report.state_version;
  object["at"] = core::to_rfc3339(report.made.at);
  put(object, "started", core::Instant{report.build.started.wall, report.uptime});
  object["uptime_s"] = whole_seconds(report.uptime);
  json::object config;
  config["reload_ok"] = report.build.reload_ok;
  put(config, "read_at", report.config_read);
  object["config"] = std::move(config);
}

void put_looks(json::object& object, core::StatusReport const& report) {
  auto const& reads = report.build.tmux_reads;
  object["tmux"] = {{"up", value_or_null(report.tmux_up)},
                    {"problem", text_or_null(report.tmux_problem)},
                    {"transport", text(reads.in_use)},
                    {"control_reads", reads.control},
                    {"child_reads", reads.child},
                    {"control_fallbacks", reads.fallbacks},
                    {"terminals_watched", report.build.terminals_watched}};
  json::object looks;
  put(looks, "listed", report.listed);
  put(looks, "captured", report.captured);
  put(looks, "scanned", report.scanned);
  object["looks"] = std::move(looks);
}

}  // namespace

std::string to_json(core::StatusReport const& report) {
  json::object object;
  put_daemon(object, report);
  object["active_account"] = text_or_null(report.active_account);
  object["holding"] = report.holding;
  put(object, "next_reset", report.next_reset);
  object["last_refusal"] = text_or_null(report.last_refusal);
  object["brake"] = report.brake;
  put(object, "brake_since", report.brake_since);
  object["brake_reason"] = text_or_null(report.brake_reason);
  put(object, "frozen_until", report.frozen_until);
  object["accounts"] = each(report.accounts, account);
  object["drift"] = each(report.drift, drift);
  object["sessions"] = each(report.sessions, session);
  object["queue"] = queue(report.queue, report.scanned.has_value());
  object["last_swap"] = report.swaps.empty() ? json::value() : json::value(swap(report.swaps.front()));
  object["swaps"] = each(report.swaps, swap);
  put_looks(object, report);
  object["outbox"] = {{"length", report.outbox}};
  object["state"] = {{"writable", report.state_writable}};
  object["counters"] = counters(report.counters);
  return json::serialize(object);
}

std::string to_json(core::Health const& health) {
  json::object object;
  object["status"] = health.ok() ? "ok" : "failing";
  if (!health.ok())
    object["reasons"] =
        each(health.reasons, [](core::HealthReason reason) { return json::value(text(core::to_string(reason))); });
  return json::serialize(object);
}

}  // namespace failover::adapters
