#include "adapters/journaled.hpp"

#include "adapters/utf8.hpp"
#include "core/conversations.hpp"
#include "core/fold.hpp"
#include "core/ulid.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

namespace failover::adapters {
namespace {

constexpr std::string_view alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t most_claims = 4;     ///< a prompt of ours names one
constexpr std::size_t shortest_cut = 197;  ///< bytes of a comparable prompt that was cut, before a character's end
/// A character that does not fit behind a comparable prompt that was cut, so that this stays what it is.
constexpr std::string_view after_the_cut = "\U00020000";

bool has_form_of_claim(std::string word) {
  for (char& c : word)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return core::is_ulid(word);
}

}  // namespace

std::string journaled_text(std::string_view text) {
  if (text.size() <= max_journaled_text) return std::string(text);
  // What is no UTF-8 is cut where it stands: it must not shrink to its valid beginning.
  auto const cut = is_valid_utf8(text) ? cut_utf8(text, max_journaled_text) : text.substr(0, max_journaled_text);
  return std::string(cut);
}

std::string journaled_prompt(std::string_view text) {
  auto form = core::comparable_prompt(text);
  std::size_t claims = 0;
  if (form.size() < shortest_cut) return form;
  while (!text.empty() && claims < most_claims) {
    auto const length = text.find_first_not_of(alphanumeric);
    auto const word = core::lowered(text.substr(0, length));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!has_form_of_claim(word) || form.find(word) != std::string::npos) continue;
    form.append(after_the_cut).append(word);
    ++claims;
  }
  return form;
}

core::Reading journaled(core::Reading reading) {
  if (!reading.input_text.empty()) reading.input_text = "typed";
  reading.unrecognised = journaled_text(reading.unrecognised);
  return reading;
}

core::Reading journaled_tail(core::Reading const& reading) {
  core::Reading counts;
  counts.seen.state = reading.seen.state;
  counts.prompts_seen = reading.prompts_seen;
  return counts;
}

core::TranscriptRow journaled(core::TranscriptRow row) {
  switch (row.kind) {
    case core::RowKind::prompt:
      row.text = journaled_prompt(row.text);
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
    conversation.request = journaled_prompt(conversation.request);
  }
  return state;
}

std::string screen_key(core::PaneRef const& pane) {
  return pane.id.str() + " " + std::to_string(pane.server_pid) + " " + std::to_string(pane.server_start);
}

}  // namespace failover::adapters
