#pragma once

#include "adapters/async.hpp"
#include "adapters/tmux.hpp"
#include "core/classification.hpp"
#include "core/effect.hpp"
#include "core/time.hpp"
#include "core/world.hpp"

#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

namespace failover::adapters {

/// Measured with Claude Code 1.0 to 2.1.330: an Enter right after the text was lost in up to one of three tries, one
/// after 100 ms in none of 18; the text of a large paste took seconds to be shown on a busy machine; a second Enter
/// always repaired a lost one.
struct DeliveryTimes {
  core::Duration calm = std::chrono::milliseconds{600};  ///< the box must be ready, and the same, twice this apart
  core::Duration poll = std::chrono::milliseconds{100};
  core::Duration shown_within = std::chrono::seconds{8};         ///< from the paste to its text in the box
  core::Duration enter_again = std::chrono::milliseconds{2500};  ///< from an Enter to the next
  int enters = 3;                                                ///< at most
};

/// Reads a screen as the agent's own; see core::read_screen.
using ScreenReader = std::function<core::Reading(std::string const& screen)>;

/// Without blanks: a box wraps, indents and may scroll what it shows; its visible characters remain.
[[nodiscard]] std::string without_blanks(std::string_view text);

/// Puts a prompt into an agent's input box and submits it, looking before each step and proving each.
///
/// Types only into a box that is ready and has no person's text in it. A box that holds exactly this prompt already
/// is submitted without typing it again. No Enter is pressed while a dialog or a menu is seen. `unknown` means that
/// the prompt may have arrived: whoever gets it must look, not repeat. An Error means that nothing was typed
/// (`not_found`: the pane is gone; `refused`: a bare shell has its terminal), but for `cancelled`, of which nothing is
/// known. Takes `calm` and some 300 ms when all goes well. `tmux` must outlive the call.
[[nodiscard]] Async<core::Delivery> deliver_prompt(Tmux& tmux, asio::any_io_executor executor,
                                                   core::effect::DeliverPrompt request, ScreenReader read_screen,
                                                   DeliveryTimes times);

}  // namespace failover::adapters
