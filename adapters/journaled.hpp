#pragma once

#include "core/event.hpp"
#include "core/state.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// What a journal may hold of a value: all that decides, and no more text than that. Doing it twice changes nothing.
namespace failover::adapters {

inline constexpr std::size_t max_journaled_text = 600;  ///< bytes of an agent's own message; decisions look at less

/// Of a message that the agent itself worded: its beginning.
[[nodiscard]] std::string journaled_text(std::string_view text);

/// Not what stands in the input box, only whether anything does.
[[nodiscard]] core::Reading journaled(core::Reading reading);

/// What counts of the reading of a screen's last rows.
[[nodiscard]] core::Reading journaled_tail(core::Reading const& reading);

/// A prompt in the short form that conversations are compared by, and after it the claims that it names further on.
[[nodiscard]] std::string journaled_prompt(std::string_view text);

/// A prompt as above, an error's beginning, else no text.
[[nodiscard]] core::TranscriptRow journaled(core::TranscriptRow row);

/// A screen's text becomes screen_key() of its pane.
[[nodiscard]] core::Event journaled(core::Event event);

[[nodiscard]] core::State journaled(core::State state);

/// What stands for the text of a pane's screen.
[[nodiscard]] std::string screen_key(core::PaneRef const& pane);

}  // namespace failover::adapters
