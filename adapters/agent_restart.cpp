#include "adapters/agent_restart.hpp"

#include "adapters/draft.hpp"

#include <string>
#include <utility>
#include <vector>

#include <boost/asio/use_awaitable.hpp>

namespace failover::adapters {
namespace {

bool holds_text(core::Reading const& reading, std::string const& own_prompt) {
  auto const box = without_blanks(reading.input_text);
  return reading.has_input_box && !box.empty() && box != without_blanks(own_prompt);
}

Async<bool> draft_stands(Tmux& tmux, core::PaneRef pane, std::string own_prompt, ScreenReader read_screen) {
  std::vector<core::PaneRef> panes = {pane};
  auto captures = tmux.capture(std::move(panes));
  auto const screens = co_await std::move(captures);
  if (!screens) co_return screens.error();
  if (screens->empty()) co_return core::Error{core::ErrorKind::not_found, "pane " + pane.id.str() + " is gone"};
  if (!holds_text(read_screen(screens->front().text), own_prompt)) co_return false;
  auto colours = tmux.capture_colours(std::move(pane));
  auto const screen = co_await std::move(colours);
  if (!screen) co_return screen.error();
  co_return !holds_only_a_suggestion(screen->text);
}

}  // namespace

Async<void> restart_agent(Tmux& tmux, core::effect::RestartAgent request, ScreenReader read_screen) {
  if (request.spares_draft) {
    std::string own_prompt = request.argv.empty() ? std::string{} : request.argv.back();
    core::PaneRef pane = request.pane;
    auto looking = draft_stands(tmux, std::move(pane), std::move(own_prompt), std::move(read_screen));
    auto const draft = co_await std::move(looking);
    if (!draft) co_return draft.error();
    if (*draft) co_return core::Error{core::ErrorKind::refused, "a draft stands in its input box"};
  }
  auto restarting = tmux.restart(std::move(request));
  co_return co_await std::move(restarting);
}

}  // namespace failover::adapters
