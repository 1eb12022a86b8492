#include "adapters/prompt_delivery.hpp"

#include "adapters/draft.hpp"
#include "adapters/foreground.hpp"
#include "adapters/tmux_words.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace failover::adapters {
namespace {

using core::Delivery;
using core::ErrorKind;
using Clock = std::chrono::steady_clock;

/// In these a key would choose something. While it works, a prompt would wait where nobody expects it.
bool takes_a_prompt(core::Reading const& reading) {
  auto const state = reading.seen.state;
  return reading.has_input_box && !reading.limit_menu && state != core::ScreenState::permission_prompt &&
         state != core::ScreenState::dialog && state != core::ScreenState::working;
}

bool would_choose(core::Reading const& reading) {
  auto const state = reading.seen.state;
  return reading.limit_menu || state == core::ScreenState::permission_prompt || state == core::ScreenState::dialog;
}

class PromptDelivery {
 public:
  PromptDelivery(Tmux& tmux, asio::any_io_executor const& executor, core::effect::DeliverPrompt request,
                 ScreenReader read_screen, DeliveryTimes times)
      : tmux_(tmux),
        timer_(executor),
        pane_(std::move(request.pane)),
        text_(tmux::typeable(request.text)),
        visible_(without_blanks(text_)),
        read_screen_(std::move(read_screen)),
        times_(times) {}

  Async<Delivery> deliver();

 private:
  enum class Box { ours, empty, other };
  [[nodiscard]] bool shows_ours(core::Reading const& reading) const;
  [[nodiscard]] bool taken(core::Reading const& reading) const { return reading.prompts_seen > prompts_before_; }
  asio::awaitable<void> pause(core::Duration time);
  Async<core::Reading> look();
  Async<Box> inspect_box();
  Async<void> refuse_shell();
  Async<Delivery> submit();
  Async<bool> appears();
  Async<bool> leaves_within(core::Duration time);

  Tmux& tmux_;
  asio::steady_timer timer_;
  core::PaneRef pane_;
  std::string text_;
  std::string visible_;
  ScreenReader read_screen_;
  DeliveryTimes times_;
  std::size_t prompts_before_ = 0;
};

bool PromptDelivery::shows_ours(core::Reading const& reading) const {
  constexpr std::size_t enough = 24;
  auto const box = without_blanks(reading.input_text);
  auto const length = std::min(visible_.size(), enough);
  std::string_view const whole = visible_;
  return box.find(whole.substr(0, length)) != std::string::npos ||
         box.find(whole.substr(whole.size() - length)) != std::string::npos ||
         box.find("[Pastedtext") != std::string::npos || box.find("[PastedContent") != std::string::npos;
}

asio::awaitable<void> PromptDelivery::pause(core::Duration time) {
  timer_.expires_after(time);
  co_await timer_.async_wait(asio::use_awaitable);
}

Async<core::Reading> PromptDelivery::look() {
  std::vector<core::PaneRef> panes = {pane_};
  auto captures = tmux_.capture(std::move(panes));
  auto const screens = co_await std::move(captures);
  if (!screens) co_return screens.error();
  if (screens->empty()) co_return core::Error{ErrorKind::not_found, "pane " + pane_.id.str() + " is gone"};
  co_return read_screen_(screens->front().text);
}

/// What stands in a box that is ready; `refused` when it is not, or changes while we look.
Async<PromptDelivery::Box> PromptDelivery::inspect_box() {
  auto first_look = look();
  auto const first = co_await std::move(first_look);
  if (!first) co_return first.error();
  if (!takes_a_prompt(*first)) co_return core::Error{ErrorKind::refused, "no input box that is ready"};
  auto calm = pause(times_.calm);
  co_await std::move(calm);
  auto second_look = look();
  auto const second = co_await std::move(second_look);
  if (!second) co_return second.error();
  if (!takes_a_prompt(*second)) co_return core::Error{ErrorKind::refused, "no input box that is ready"};
  prompts_before_ = second->prompts_seen;
  auto const box = without_blanks(second->input_text);
  if (box.empty() && second->input_text == first->input_text) co_return Box::empty;
  if (box.empty()) co_return core::Error{ErrorKind::refused, "somebody is typing"};
  if (box == visible_) co_return Box::ours;
  auto colours = tmux_.capture_colours(pane_);
  auto const screen = co_await std::move(colours);
  if (!screen) co_return screen.error();
  bool const suggested = holds_only_a_suggestion(screen->text) || holds_only_an_unframed_suggestion(screen->text, box);
  co_return suggested ? Box::empty : Box::other;
}

/// A shell's prompt may look like a box, and what was typed at it like a draft.
Async<void> PromptDelivery::refuse_shell() {
  auto asking = tmux_.process_of(pane_);
  auto const process = co_await std::move(asking);
  if (!process) co_return process.error();
  if (foreground_of(*process) != core::Foreground::shell) co_return core::Result<void>{};
  co_return core::Error{ErrorKind::refused,
                        "a bare shell has the terminal of " + pane_.id.str() + "; start the agent there"};
}

Async<bool> PromptDelivery::appears() {
  auto const last = Clock::now() + times_.shown_within;
  while (Clock::now() < last) {
    auto looking = look();
    auto const reading = co_await std::move(looking);
    if (!reading) co_return reading.error();
    if (reading->has_input_box && shows_ours(*reading)) co_return true;
    auto waiting = pause(times_.poll);
    co_await std::move(waiting);
  }
  co_return false;
}

/// True when two looks in a row see the prompt taken, or gone from the box: one may have met a half-drawn screen.
Async<bool> PromptDelivery::leaves_within(core::Duration time) {
  int times_gone = 0;
  auto const last = Clock::now() + time;
  do {
    auto looking = look();
    auto const reading = co_await std::move(looking);
    if (!reading) co_return reading.error();
    bool const left = reading->has_input_box && !would_choose(*reading) && !shows_ours(*reading);
    times_gone = left || taken(*reading) ? times_gone + 1 : 0;
    if (times_gone == 2) co_return true;
    auto waiting = pause(times_.poll);
    co_await std::move(waiting);
  } while (Clock::now() < last || times_gone > 0);
  co_return false;
}

/// Enter until the prompt has left the box.
Async<Delivery> PromptDelivery::submit() {
  for (int presses = 0; presses < times_.enters; ++presses) {
    auto looking = look();
    auto const reading = co_await std::move(looking);
    if (!reading) co_return reading.error();
    if (taken(*reading)) co_return Delivery::submitted;
    if (would_choose(*reading)) co_return Delivery::unknown;
    if (reading->has_input_box && shows_ours(*reading)) {
      auto pressing = tmux_.press_enter(pane_);
      auto const pressed = co_await std::move(pressing);
      // Refused: somebody scrolls in copy mode, and may be done by the next try.
      if (!pressed && pressed.error().kind != ErrorKind::refused) co_return pressed.error();
    }
    auto leaving = leaves_within(times_.enter_again);
    auto const left = co_await std::move(leaving);
    if (!left) co_return left.error();
    if (*left) co_return Delivery::submitted;
  }
  co_return Delivery::unknown;
}

/// An error after something was typed leaves the outcome open.
core::Result<Delivery> after_typing(core::Error const& error) {
  if (error.kind == ErrorKind::cancelled) return error;
  return Delivery::unknown;
}

Async<Delivery> PromptDelivery::deliver() {
  if (visible_.empty()) co_return core::Error{ErrorKind::invalid, "the prompt is empty"};
  auto inspecting = inspect_box();
  auto const box = co_await std::move(inspecting);
  if (!box && box.error().kind == ErrorKind::refused) co_return Delivery::not_ready;
  if (!box) co_return box.error();
  auto checking = refuse_shell();
  auto const no_shell = co_await std::move(checking);
  if (!no_shell) co_return no_shell.error();
  if (*box == Box::other) co_return Delivery::draft_present;

  if (*box == Box::empty) {
    auto pasting = tmux_.paste(pane_, text_);
    auto const pasted = co_await std::move(pasting);
    if (!pasted && pasted.error().kind == ErrorKind::refused) co_return Delivery::not_ready;
    bool const perhaps =
        !pasted && (pasted.error().kind == ErrorKind::timed_out || pasted.error().kind == ErrorKind::io);
    if (perhaps) co_return Delivery::unknown;
    if (!pasted) co_return pasted.error();
    auto appearing = appears();
    auto const shown = co_await std::move(appearing);
    if (!shown) co_return after_typing(shown.error());
    if (!*shown) co_return Delivery::unknown;
  }
  auto submitting = submit();
  auto const outcome = co_await std::move(submitting);
  if (!outcome) co_return after_typing(outcome.error());
  co_return *outcome;
}

}  // namespace

std::string without_blanks(std::string_view text) {
  std::string visible;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\u00a0")) {
      ++i;
    } else if (std::string_view(" \t\r\n").find(text[i]) == std::string_view::npos) {
      visible += text[i];
    }
  }
  return visible;
}

Async<Delivery> deliver_prompt(Tmux& tmux, asio::any_io_executor executor, core::effect::DeliverPrompt request,
                               ScreenReader read_screen, DeliveryTimes times) {
  PromptDelivery delivery{tmux, executor, std::move(request), std::move(read_screen), times};
  auto delivering = delivery.deliver();
  co_return co_await std::move(delivering);
}

}  // namespace failover::adapters
