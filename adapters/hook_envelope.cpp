#include "adapters/hook_envelope.hpp"

#include "adapters/utf8.hpp"
#include "core/hook.hpp"

#include <array>

#include <boost/json.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;
using core::Error;
using core::ErrorKind;

constexpr std::size_t longest_variable = 4096;

constexpr std::array<std::string_view, 18> travelling{
    "session_id",    "transcript_path", "cwd",      "prompt_id",         "hook_event_name", "error",
    "error_details", "source",          "reason",   "notification_type", "message",         "last_assistant_message",
    "trigger",       "tool_name",       "agent_id", "agent_type",        "version",         "rate_limits",
};

bool is_hex(std::string_view text) {
  return text.size() == 4 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// Whether the escape of half a surrogate pair stands at `at`; the second digit after the D tells which half.
bool is_surrogate(std::string_view text, std::size_t at, std::string_view second_digits) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u' || !is_hex(text.substr(at + 2, 4))) return false;
  return (text[at + 2] == 'd' || text[at + 2] == 'D') && second_digits.find(text[at + 3]) != std::string_view::npos;
}

/// JavaScript writes half of a pair as an escape where it cut a text within an emoji. To a strict parser that is no
/// JSON, and the whole call would be lost for it.
std::string with_whole_pairs(std::string_view text) {
  constexpr std::string_view high = "89abAB";
  constexpr std::string_view low = "cdefCDEF";
  std::string whole{text};
  for (std::size_t at = whole.find('\\'); at != std::string::npos && at + 1 < whole.size(); at = whole.find('\\', at)) {
    bool const first = is_surrogate(whole, at, high);
    if (first && is_surrogate(whole, at + 6, low)) {
      at += 12;
    } else if (first || is_surrogate(whole, at, low)) {
      whole.replace(at + 2, 4, "fffd");
      at += 6;
    } else {
      at += 2;
    }
  }
  return whole;
}

std::string variable(std::string_view value) {
  return std::string{cut_utf8(repaired_utf8(value), longest_variable)};
}

void shorten(json::value& value) {
  if (!value.is_string()) return;
  auto& text = value.get_string();
  text.resize(cut_utf8({text.data(), text.size()}, core::max_hook_text).size());
}

}  // namespace

core::Result<std::string> make_envelope(std::string_view agent_input, HookSurroundings const& around) {
  if (agent_input.size() > max_agent_input)
    return Error{ErrorKind::too_large, "the agent wrote more than " + std::to_string(max_agent_input) + " bytes"};
  json::parse_options options;
  options.max_depth = max_agent_depth;
  boost::system::error_code error;
  auto parsed = json::parse(with_whole_pairs(agent_input), error, {}, options);
  if (error) return Error{ErrorKind::invalid, "what the agent wrote is no JSON: " + error.message()};
  if (!parsed.is_object()) return Error{ErrorKind::invalid, "what the agent wrote is no JSON object"};
  json::object input;
  for (auto const name : travelling)
    if (auto* const value = parsed.get_object().if_contains({name.data(), name.size()}))
      input[{name.data(), name.size()}] = std::move(*value);
  for (auto const* prose : {"message", "last_assistant_message", "error", "error_details"})
    if (auto* const value = input.if_contains(prose)) shorten(*value);

  json::object envelope;
  envelope["v"] = envelope_version;
  envelope["at"] = around.at.time_since_epoch().count();
  envelope["tmux"] = variable(around.tmux);
  envelope["pane"] = variable(around.pane);
  envelope["config_dir"] = variable(around.config_dir);
  envelope["input"] = std::move(input);
  return json::serialize(envelope);
}

}  // namespace failover::adapters
