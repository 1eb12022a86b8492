#include "adapters/journaled.hpp"

#include "adapters/utf8.hpp"
#include "core/conversations.hpp"

#include <utility>
#include <variant>

namespace failover::adapters {

std::string journaled_text(std::string_view text) {
  if (text.size() <= max_journaled_text) return std::string(text);
  // What is no UTF-8 is cut where it stands: it must not shrink to its valid beginning.
  auto const cut = is_valid_utf8(text) ? cut_utf8(text, max_journaled_text) : text.substr(0, max_journaled_text);
  return std::string(cut);
}

core::Reading journaled(core::Reading reading) {
  if (!reading.input_text.empty()) reading.input_text = "typed";
  reading.unrecognised = journaled_text(reading.unrecognised);
  return reading;
}

core::TranscriptRow journaled(core::TranscriptRow row) {
  switch (row.kind) {
    case core::RowKind::prompt:
      row.text = core::comparable_prompt(row.text);
      break;
    case core::RowKind::api_error:
      row.text = journaled_text(row.text);
      break;
    case core::RowKind::reply:
    case core::RowKind::tool_result:
    case core::RowKind::notice:
      row.text.clear();
      break;
  }
  return row;
}

core::Event journaled(core::Event event) {
  if (auto* const captured = std::get_if<core::event::ScreensCaptured>(&event)) {
    if (captured->screens)
      for (auto& screen : *captured->screens) screen.text = screen_key(screen.pane);
  } else if (auto* const grew = std::get_if<core::event::TranscriptGrew>(&event)) {
    for (auto& row : grew->rows) row = journaled(std::move(row));
  } else if (auto* const called = std::get_if<core::event::HookCalled>(&event)) {
    called->call.message = journaled_text(called->call.message);
  }
  return event;
}

core::State journaled(core::State state) {
  for (auto& [name, session] : state.sessions)
    if (session.reading) session.reading = journaled(std::move(*session.reading));
  for (auto& [id, conversation] : state.live.conversations) {
    conversation.newest = journaled(std::move(conversation.newest));
    conversation.request = core::comparable_prompt(conversation.request);
  }
  return state;
}

std::string screen_key(core::PaneRef const& pane) {
  return pane.id.str() + " " + std::to_string(pane.server_pid) + " " + std::to_string(pane.server_start);
}

}  // namespace failover::adapters
