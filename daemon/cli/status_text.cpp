#include "daemon/cli/status_text.hpp"

#include "core/fold.hpp"
#include "core/rfc3339.hpp"
#include "core/step.hpp"
#include "daemon/cli/text_table.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <map>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace failover::daemon {
namespace {

namespace json = boost::json;
using Rows = std::vector<std::vector<Cell>>;

/// Lenient reading: what is missing or of another kind is empty, so that a newer daemon can still be shown.
std::string text(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

bool is_true(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

bool is_false(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && !value->get_bool();
}

std::int64_t number(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

json::object const& part(json::object const& object, std::string_view key) {
  static json::object const none;
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

std::vector<json::object> list(json::object const& object, std::string_view key) {
  std::vector<json::object> objects;
  auto const* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return objects;
  for (auto const& item : value->get_array())
    if (item.is_object()) objects.push_back(item.get_object());
  return objects;
}

/// "12 min" since the instant of that name; "" when it is not known.
std::string age(json::object const& object, std::string const& key) {
  if (text(object, key).empty()) return {};
  return core::spoken(std::chrono::seconds{number(object, key + "_age_s")});
}

/// "16:00 (in 2 h 0 min)", with the weekday when that is more than a day away.
std::string countdown(json::object const& object, std::string const& key) {
  auto const at = core::from_rfc3339(text(object, key));
  if (!at) return {};
  auto const left = -std::chrono::seconds{number(object, key + "_age_s")};
  auto const unix_time = std::chrono::system_clock::to_time_t(*at);
  std::tm local{};
  ::localtime_r(&unix_time, &local);
  std::array<char, 32> clock{};
  auto const length =
      std::strftime(clock.data(), clock.size(), left > std::chrono::hours{24} ? "%a %H:%M" : "%H:%M", &local);
  std::string const when{clock.data(), length};
  return left.count() > 0 ? when + " (in " + core::spoken(left) + ")" : when + " (now)";
}

Paint paint_of(std::string const& word) {
  static std::map<std::string, Paint> const paints{
      {"available", Paint::good},     {"working", Paint::good},
      {"exhausted", Paint::warning},  {"blocked(quota)", Paint::warning},
      {"recovering", Paint::warning}, {"waiting_permission", Paint::warning},
      {"dialog", Paint::warning},     {"stalled", Paint::warning},
      {"auth_broken", Paint::bad},    {"spend_blocked", Paint::bad},
      {"auth_needed", Paint::bad},    {"held", Paint::bad},
      {"dead", Paint::bad},           {"missing", Paint::bad},
      {"disabled", Paint::faint},
  };
  auto const found = paints.find(word);
  return found == paints.end() ? Paint::none : found->second;
}

std::vector<Cell> heading(std::vector<std::string> const& words) {
  std::vector<Cell> cells;
  for (auto const& word : words) cells.push_back({word, Paint::heading});
  return cells;
}

Cell state_cell(std::string const& word, std::string const& shown) {
  return {shown, paint_of(word)};
}

std::string account_note(json::object const& account) {
  if (is_false(account, "present")) return "its directory is missing";
  if (is_false(account, "logged_in")) return "not logged in";
  if (is_true(account, "until_assumed")) return "reset time assumed";
  auto const model = countdown(account, "model_limited_until");
  if (!model.empty()) return "a model is limited until " + model;
  return is_true(account, "unproven") ? "back, not tried yet" : "";
}

/// "5h 91 %, week 40 %", and how old that is when it is not new.
std::string use_text(json::object const& account) {
  auto const& use = part(account, "use");
  std::string shown;
  for (auto const& [key, name] : {std::pair{"five_hour", "5h "}, std::pair{"weekly", "week "}}) {
    auto const* percent = part(use, key).if_contains("used_percent");
    if (percent == nullptr || !percent->is_number()) continue;
    shown += (shown.empty() ? "" : ", ") + std::string(name) +
             std::to_string(static_cast<int>(percent->to_number<double>())) + " %";
  }
  if (shown.empty() || number(use, "told_at_age_s") < 120) return shown;
  return shown + " (" + age(use, "told_at") + " ago)";
}

std::string accounts_table(json::object const& status, bool color) {
  Rows rows{heading({"", "ACCOUNT", "STANDING", "WINDOW", "RESETS", "SINCE", "USED", "NOTE"})};
  for (auto const& account : list(status, "accounts")) {
    auto const standing = text(account, "standing");
    rows.push_back({{is_true(account, "active") ? "*" : "", Paint::good},
                    {text(account, "name")},
                    state_cell(standing, standing),
                    {text(account, "window")},
                    {countdown(account, "resets_at")},
                    {age(account, "since")},
                    {use_text(account)},
                    {account_note(account)}});
  }
  return text_table(rows, color);
}

std::string sessions_table(json::object const& status, bool color) {
  std::map<std::string, std::string> titles;
  for (auto const& task : list(part(status, "queue"), "in_flight")) titles[text(task, "id")] = text(task, "title");
  Rows rows{heading({"SESSION", "KIND", "PHASE", "SINCE", "ACCOUNT", "TASK", "NOTE"})};
  for (auto const& session : list(status, "sessions")) {
    auto const phase = text(session, "phase");
    auto const step = text(session, "recovery");
    auto const task = text(session, "task");
    rows.push_back({{text(session, "name")},
                    {text(session, "kind")},
                    state_cell(phase, step.empty() ? phase : phase + ": " + step),
                    {age(session, "since")},
                    {text(session, "account")},
                    {titles[task].empty() ? task : titles[task]},
                    {text(session, "hold_reason")}});
  }
  return text_table(rows, color);
}

std::string queue_line(json::object const& queue) {
  auto const& counts = part(queue, "counts");
  if (counts.empty()) return "not known";
  std::string line;
  for (std::string const place : {"pending", "claimed", "done", "failed", "held"})
    line += (line.empty() ? "" : ", ") + std::to_string(number(counts, place)) + " " + place;
  auto const oldest = age(queue, "oldest_pending");
  return oldest.empty() ? line : line + "; the oldest has waited " + oldest;
}

std::string queue_section(json::object const& status, bool color) {
  auto const& queue = part(status, "queue");
  auto section = painted("QUEUE", Paint::heading, color) + "  " + queue_line(queue) + "\n";
  if (is_false(queue, "readable")) section += painted("The queue cannot be read.", Paint::bad, color) + "\n";
  Rows rows{heading({"TASK", "ID", "SESSION", "PHASE", "SINCE"})};
  for (auto const& task : list(queue, "in_flight"))
    rows.push_back({{text(task, "title")},
                    {text(task, "id")},
                    {text(task, "session")},
                    {text(task, "phase")},
                    {age(task, "since")}});
  return rows.size() > 1 ? section + text_table(rows, color) : section;
}

std::string swap_line(json::object const& status) {
  auto const& swap = part(status, "last_swap");
  if (swap.empty()) return "none yet";
  auto line = text(swap, "from") + " -> " + text(swap, "to") + ", " + text(swap, "phase");
  auto const aborted = text(swap, "abort_reason");
  if (!aborted.empty()) line += " (" + aborted + ")";
  line += ", " + age(swap, "decided_at") + " ago: " + text(swap, "cause");
  auto const session = text(swap, "trigger_session");
  if (!session.empty()) line += ", session " + session + " showed " + text(swap, "rule");
  auto const resets = countdown(swap, "resets_at");
  return resets.empty() ? line : line + ", resets " + resets;
}

/// A line that holds a name goes through the table, which lets no control character through.
std::string named_line(std::string const& name, std::string const& line, bool color) {
  return text_table({{{name, Paint::heading}, {line}}}, color);
}

std::string swap_section(json::object const& status, bool color) {
  auto section = named_line("LAST SWAP", swap_line(status), color);
  auto const refusal = text(status, "last_refusal");
  if (!refusal.empty()) section += named_line("NOT SWAPPED", "the newest wish was refused: " + refusal, color);
  return section;
}

std::string warnings(json::object const& status, bool color) {
  std::string lines;
  auto const warn = [&](std::string const& line) { lines += painted(line, Paint::bad, color) + "\n"; };
  if (is_false(part(status, "tmux"), "up")) warn("tmux does not answer: " + text(part(status, "tmux"), "problem"));
  if (is_false(part(status, "state"), "writable")) warn("The state cannot be saved.");
  if (is_false(part(status, "config"), "reload_ok"))
    warn("The newest configuration was refused; the older one is in use. See check-config.");
  if (is_true(status, "brake")) {
    auto const reason = text(status, "brake_reason");
    warn("The brake is on since " + age(status, "brake_since") +
         (reason.empty() ? "" : " (" + core::without_controls(reason) + ")") +
         ": nothing is changed. `claude-failover brake off` ends that.");
  }
  if (auto const frozen = countdown(status, "frozen_until"); !frozen.empty())
    warn("Two accounts took turns: nothing is switched until " + frozen + ". `claude-failover swap` ends that.");
  for (auto const& drift : list(status, "drift"))  // the table lets no control character of a name through
    lines += text_table({{{text(drift, "kind") + ": " + text(drift, "text"), Paint::bad}}}, color);
  if (is_true(status, "holding")) {
    auto const next = countdown(status, "next_reset");
    warn("No account is left: the queue waits" + (next.empty() ? "." : " until " + next + "."));
  }
  return lines;
}

core::Result<json::object> parsed(std::string const& status_json) {
  boost::system::error_code error;
  auto value = json::parse(status_json, error);
  if (error || !value.is_object() || number(value.get_object(), "schema") != 1)
    return core::Error{core::ErrorKind::invalid,
                       "this is no status that this version understands; is the daemon newer?"};
  return std::move(value.get_object());
}

}  // namespace

core::Result<std::string> status_text(std::string const& status_json, StatusStyle const& style) {
  auto const status = parsed(status_json);
  if (!status) return status.error();
  if (style.part == "accounts") return accounts_table(*status, style.color);
  if (style.part == "sessions") return sessions_table(*status, style.color);
  if (style.part == "queue") return queue_section(*status, style.color);
  // What was saved last is no running daemon: it is "up" for no time.
  auto const uptime = age(*status, "started");
  auto all = named_line("claude-failover " + text(*status, "version"),
                        uptime.empty() || uptime == "0 s" ? "" : "up " + uptime, style.color);
  all += warnings(*status, style.color) + "\n" + accounts_table(*status, style.color) + "\n";
  all += sessions_table(*status, style.color) + "\n" + queue_section(*status, style.color) + "\n";
  return all + swap_section(*status, style.color);
}

core::Result<std::string> status_part(std::string const& status_json, std::string const& part) {
  auto const status = parsed(status_json);
  if (!status) return status.error();
  auto const* value = status->if_contains(part);
  if (value == nullptr) return core::Error{core::ErrorKind::invalid, "the status has no part " + part};
  return json::serialize(json::object{{"schema", 1}, {part, *value}});
}

}  // namespace failover::daemon
