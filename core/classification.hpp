#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace failover::core {

/// What one look at a session's screen shows, strongest first where two could hold.
enum class ScreenState {
  quota_exhausted,
  permission_prompt,
  dialog,
  working,
  rate_limited_transient,
  server_error,
  network_error,
  auth_error,
  billing,
  context_limit,
  other_limit,
  quota_warning,
  idle,
  unknown
};

enum class Scope { none, account, model, spend };
enum class Window { none, five_hour, weekly, daily, monthly, unknown };

[[nodiscard]] std::string_view to_string(ScreenState state);
[[nodiscard]] std::string_view to_string(Scope scope);    ///< "" for none
[[nodiscard]] std::string_view to_string(Window window);  ///< "" for none
[[nodiscard]] std::optional<ScreenState> screen_state_from(std::string_view text);
[[nodiscard]] std::optional<Scope> scope_from(std::string_view text);
[[nodiscard]] std::optional<Window> window_from(std::string_view text);

/// The row that decided: 1-based physical row, and its text cut to 120 characters of valid UTF-8.
struct Evidence {
  int row = 0;
  std::string text = {};
  bool operator==(Evidence const&) const = default;
};

struct Classification {
  ScreenState state = ScreenState::unknown;
  Scope scope = Scope::none;
  Window window = Window::none;
  std::optional<WallTime> resets_at = {};  ///< what the text says, relative to the time it was read; unbounded
  std::string rule = {};                   ///< id of the pattern rule that decided, "" for unknown
  Evidence evidence = {};
  bool operator==(Classification const&) const = default;
};

/// What the engine needs of one screen beside its classification.
struct Reading {
  Classification seen = {};
  bool limit_menu = false;           ///< the limit's own menu is open: typed text would be swallowed
  bool auto_continue_armed = false;  ///< the agent will go on by itself at the reset
  bool has_input_box = false;        ///< a prompt line is on the screen
  std::string input_text = {};       ///< what stands in the input box (a grey suggestion looks like typed text)
  std::string agent_version = {};    ///< from the banner, "" when not on the screen
  std::size_t turn_hash = 0;         ///< of newest turn and notices: equal means the same text, seen again
  std::size_t prompts_seen = 0;      ///< number of user prompts visible; grows when a prompt was taken
  std::string newest_prompt = {};    ///< the newest user prompt visible, squeezed, at most 200 bytes of valid UTF-8, ""
                                     ///< when none is on the screen
  std::string unrecognised = {};  ///< a message of the agent itself that speaks of a limit in words no rule knows, ""
                                  ///< when there is none
  bool resume_refused = false;    ///< says that it would not go on with the conversation it was started with, and has
                                  ///< no input box
  std::int64_t works_from = 0;    ///< of a screen at work: from this row on, counted from 1, it shows so by itself; 0:
                                  ///< it has to be read whole
  bool operator==(Reading const&) const = default;
};

}  // namespace failover::core
