#include "adapters/hook_intake.hpp"

#include "adapters/hook_envelope.hpp"
#include "adapters/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <boost/json.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;
using core::Error;
using core::ErrorKind;
using core::Result;

constexpr std::size_t longest_word = 200;  // names, ids, classes
constexpr std::size_t longest_path = 4096;
constexpr std::int64_t last_second = 4102444800;  // 2100: beyond it is no time that anybody meant
constexpr double most_percent = 10000;            // overage can go beyond 100

/// Takes the members out of an object. The first one that is wrong is kept as the fault of the whole.
class Members {
 public:
  Members(json::object const& object, std::string prefix, std::optional<Error>& fault)
      : object_(object), prefix_(std::move(prefix)), fault_(fault) {}

  [[nodiscard]] json::value const* find(std::string_view name) const {
    auto const* const value = object_.if_contains({name.data(), name.size()});
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  void refuse(std::string_view name, ErrorKind kind, std::string const& why) const {
    if (!fault_) fault_ = Error{kind, prefix_ + std::string{name} + ": " + why};
  }

  /// "" when it is absent.
  [[nodiscard]] std::string text(std::string_view name) const {
    auto const* const value = find(name);
    if (value == nullptr) return {};
    if (!value->is_string()) return refuse(name, ErrorKind::invalid, "a string is expected"), std::string{};
    auto const& found = value->get_string();
    return {found.data(), found.size()};
  }

  /// Something that is compared: too long is wrong, not shortened.
  [[nodiscard]] std::string text(std::string_view name, std::size_t most) const {
    auto found = text(name);
    if (found.size() > most)
      refuse(name, ErrorKind::too_large, "more than " + std::to_string(most) + " bytes");
    else if (found.find('\0') != std::string::npos)
      refuse(name, ErrorKind::invalid, "holds a NUL");
    return found;
  }

  /// Printable ASCII without spaces.
  [[nodiscard]] std::string word(std::string_view name) const {
    auto found = text(name, longest_word);
    if (std::any_of(found.begin(), found.end(), [](char byte) { return byte <= 0x20 || byte >= 0x7f; }))
      refuse(name, ErrorKind::invalid, "a single word in ASCII is expected");
    return found;
  }

  [[nodiscard]] std::string needed_word(std::string_view name) const {
    auto found = word(name);
    if (found.empty()) refuse(name, ErrorKind::invalid, "missing");
    return found;
  }

  /// Becomes part of file names and of commands.
  [[nodiscard]] core::ConversationId needed_conversation(std::string_view name) const {
    auto found = needed_word(name);
    if (found.find_first_of("/'\"\\$`") != std::string::npos || found.starts_with('.') || found.starts_with('-'))
      refuse(name, ErrorKind::invalid, "no id of a conversation");
    return core::ConversationId{std::move(found)};
  }

  /// "" also when it is not absolute: nobody could know from where it counts, and the rest of the call is good.
  [[nodiscard]] std::string absolute_path(std::string_view name) const {
    auto found = text(name, longest_path);
    return found.starts_with('/') ? found : std::string{};
  }

  [[nodiscard]] std::string prose(std::string_view name) const {
    return std::string{cut_utf8(text(name), core::max_hook_text)};
  }

  /// Between `least` and `most`.
  [[nodiscard]] std::optional<double> number(std::string_view name, double least, double most) const {
    auto const* const value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) return refuse(name, ErrorKind::invalid, "a number is expected"), std::nullopt;
    auto const found = value->to_number<double>();
    if (!(found >= least && found <= most)) return refuse(name, ErrorKind::invalid, "out of range"), std::nullopt;
    return found;
  }

 private:
  json::object const& object_;
  std::string prefix_;
  std::optional<Error>& fault_;
};

core::WallTime milliseconds(double since_epoch) {
  return core::WallTime{core::Duration{std::llround(since_epoch)}};
}

/// 0 outside tmux. `$TMUX` is "socket,pid,session", and the socket's path may hold commas.
std::int64_t server_pid(std::string_view tmux) {
  auto const last = tmux.rfind(',');
  if (last == std::string_view::npos || last == 0) return 0;
  auto const before = tmux.rfind(',', last - 1);
  if (before == std::string_view::npos) return 0;
  auto const digits = tmux.substr(before + 1, last - before - 1);
  std::int32_t pid = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
  return error == std::errc{} && end == digits.data() + digits.size() && pid > 0 ? pid : 0;
}

core::PaneId pane_id(std::string pane) {
  bool const is_pane = pane.size() > 1 && pane.size() <= 11 && pane.front() == '%' &&
                       pane.find_first_not_of("0123456789", 1) == std::string::npos;
  return core::PaneId{is_pane ? std::move(pane) : std::string{}};
}

/// An envelope that was opened.
struct Opened {
  core::WallTime at = {};
  core::Caller caller = {};
  json::object input = {};
};

core::Caller caller_of(Members const& members) {
  core::Caller caller;
  caller.server_pid = server_pid(members.text("tmux", longest_path));
  caller.pane = pane_id(members.text("pane", longest_word));
  caller.config_dir = members.text("config_dir", longest_path);
  return caller;
}

Result<json::object> parsed(std::string_view envelope) {
  json::parse_options options;
  options.max_depth = max_agent_depth;
  boost::system::error_code error;
  auto value = json::parse({envelope.data(), envelope.size()}, error, {}, options);
  if (error) return Error{ErrorKind::invalid, "the envelope is no JSON: " + error.message()};
  if (!value.is_object()) return Error{ErrorKind::invalid, "the envelope is no JSON object"};
  return std::move(value.get_object());
}

Result<Opened> opened(std::string_view envelope) {
  auto object = parsed(envelope);
  if (!object) return object.error();
  std::optional<Error> fault;
  Members const members{*object, "", fault};
  auto const version = members.number("v", 1, 1e9);
  if (!version && !fault) members.refuse("v", ErrorKind::invalid, "missing");
  if (version && *version != static_cast<double>(envelope_version))
    members.refuse("v", ErrorKind::unsupported, "made by a newer version; restart the daemon");
  Opened opened;
  auto const at = members.number("at", 0, static_cast<double>(last_second) * 1000);
  if (!at) members.refuse("at", ErrorKind::invalid, "missing");
  opened.at = milliseconds(at.value_or(0));
  opened.caller = caller_of(members);
  auto* const input = object->if_contains("input");
  if (input == nullptr || !input->is_object()) members.refuse("input", ErrorKind::invalid, "an object is expected");
  if (fault) return *fault;
  opened.input = std::move(input->get_object());
  return opened;
}

/// Which member tells more about a call, by the name of the hook.
std::string_view telling_member(std::string_view hook) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> table{{
      {"SessionStart", "source"},
      {"SessionEnd", "reason"},
      {"Notification", "notification_type"},
      {"StopFailure", "error_details"},
      {"PermissionRequest", "tool_name"},
      {"PreToolUse", "tool_name"},
      {"PostToolUse", "tool_name"},
      {"PostToolUseFailure", "tool_name"},
      {"PreCompact", "trigger"},
      {"PostCompact", "trigger"},
      {"SubagentStart", "agent_type"},
      {"SubagentStop", "agent_type"},
  }};
  for (auto const& [name, member] : table)
    if (name == hook) return member;
  return {};
}

/// 0 for what is no list: older versions do not tell.
std::int64_t length_of(json::object const& object, std::string_view list) {
  auto const* const value = object.if_contains(list);
  return value != nullptr && value->is_array() ? static_cast<std::int64_t>(value->get_array().size()) : 0;
}

Result<core::HookCall> hook_call(Opened opened) {
  std::optional<Error> fault;
  Members const input{opened.input, "input.", fault};
  core::HookCall call;
  call.name = input.needed_word("hook_event_name");
  call.conversation = input.needed_conversation("session_id");
  call.transcript_path = input.absolute_path("transcript_path");
  call.cwd = input.absolute_path("cwd");
  call.caller = std::move(opened.caller);
  call.at = opened.at;
  // Elsewhere `error` and `message` are other things, of other types.
  if (call.name == "StopFailure") call.error = input.word("error");
  call.message = input.prose(call.name == "Notification" ? "message" : "last_assistant_message");
  if (auto const member = telling_member(call.name); !member.empty()) call.detail = input.prose(member);
  if (call.name == "Stop") call.background = length_of(opened.input, "background_tasks");
  call.prompt_id = input.word("prompt_id");
  call.of_subagent = !input.text("agent_id", longest_word).empty() || call.name.starts_with("Subagent");
  if (fault) return *fault;
  return call;
}

std::optional<core::WindowUse> window_use(Members const& limits, std::string_view name, std::optional<Error>& fault) {
  auto const* const value = limits.find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) return limits.refuse(name, ErrorKind::invalid, "an object is expected"), std::nullopt;
  Members const window{value->get_object(), "input.rate_limits." + std::string{name} + ".", fault};
  auto const percent = window.number("used_percentage", 0, most_percent);
  if (!percent) return std::nullopt;
  core::WindowUse use{*percent, {}};
  auto const resets_at = window.number("resets_at", 0, static_cast<double>(last_second) * 1000);
  bool const in_seconds = resets_at && *resets_at <= static_cast<double>(last_second);
  if (resets_at) use.resets_at = milliseconds(in_seconds ? *resets_at * 1000 : *resets_at);
  return use;
}

Result<core::UsageReport> usage_report(Opened opened) {
  std::optional<Error> fault;
  Members const input{opened.input, "input.", fault};
  core::UsageReport report;
  report.conversation = input.needed_conversation("session_id");
  report.caller = std::move(opened.caller);
  report.at = opened.at;
  report.version = input.word("version");
  auto const* const limits = input.find("rate_limits");
  if (limits != nullptr && limits->is_object()) {
    Members const windows{limits->get_object(), "input.rate_limits.", fault};
    report.five_hour = window_use(windows, "five_hour", fault);
    report.weekly = window_use(windows, "seven_day", fault);
  } else if (limits != nullptr) {
    input.refuse("rate_limits", ErrorKind::invalid, "an object is expected");
  }
  if (fault) return *fault;
  return report;
}

template <class Told>
Result<core::Event> event_of(Result<Told> told) {
  if (!told) return told.error();
  if constexpr (std::is_same_v<Told, core::HookCall>)
    return core::Event{core::event::HookCalled{std::move(*told)}};
  else
    return core::Event{core::event::UsageTold{std::move(*told)}};
}

}  // namespace

Result<core::HookCall> read_hook_call(std::string_view envelope) {
  auto content = opened(envelope);
  return content ? hook_call(std::move(*content)) : content.error();
}

Result<core::UsageReport> read_usage_report(std::string_view envelope) {
  auto content = opened(envelope);
  return content ? usage_report(std::move(*content)) : content.error();
}

Result<core::Event> read_envelope(std::string_view envelope) {
  auto content = opened(envelope);
  if (!content) return content.error();
  bool const of_hook = content->input.contains("hook_event_name");
  return of_hook ? event_of(hook_call(std::move(*content))) : event_of(usage_report(std::move(*content)));
}

}  // namespace failover::adapters
