#include "core/doubt.hpp"

#include "core/dispatch.hpp"
#include "core/fitting.hpp"
#include "core/fold.hpp"
#include "core/looking.hpp"
#include "core/text_template.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace failover::core {
namespace {

/// An agent writes its transcript, and draws, a little after the Enter.
constexpr Duration shortest_search = std::chrono::seconds{10};
/// A look that began before may show what stood there before the Enter.
constexpr Duration settled_screen = std::chrono::seconds{2};
constexpr Duration longest_search = std::chrono::minutes{2};

/// A claim is a nonce: only our prompt names it. Rows of the screen may break it anywhere.
bool names(std::string_view text, ClaimId const& claim) {
  auto plain = squeezed(fold(text)).text;
  std::erase(plain, '\n');
  return plain.find(lowered(claim.str())) != std::string::npos;
}

bool is_anothers(State const& state, SessionName const& than, ConversationId const& id) {
  return std::any_of(state.sessions.begin(), state.sessions.end(),
                     [&](auto const& entry) { return entry.first != than && entry.second.conversation == id; });
}

bool in_transcript(State const& state, TaskState const& task) {
  return std::any_of(state.live.conversations.begin(), state.live.conversations.end(), [&](auto const& entry) {
    return names(entry.second.request, task.claim) && !is_anothers(state, task.session, entry.first);
  });
}

bool stands_in_box(Reading const& reading, TaskState const& task) {
  // What was pasted may stand there as "[Pasted text #1]" alone; nothing else was typed lately.
  return names(reading.input_text, task.claim) || squeezed(fold(reading.input_text)).text.starts_with("[pastedtext");
}

}  // namespace

void begin_doubt(Step& step, TaskId const& id, std::string why) {
  auto& task = step.state.tasks.at(id);
  task.doubt = std::move(why);
  task.doubt_since = step.now;
  step.log(LogLevel::warning, "looking whether a task's prompt arrived",
           {{"task", id.str()}, {"session", task.session.str()}, {"reason", task.doubt}});
  step.changed();
}

void settle_doubt(Step& step, TaskId const& id) {
  auto const& task = step.state.tasks.at(id);
  auto const found = step.state.sessions.find(task.session);
  if (found == step.state.sessions.end())
    return end_task(step, id, TaskPlace::held, task.doubt + ", and its session is not known any more");
  auto& session = found->second;
  if (in_transcript(step.state, task) || (session.reading && names(session.reading->newest_prompt, task.claim)))
    return note_given(step, id, task.claimed_at);
  want_look(session);
  bool const looked = session.reading && elapsed(task.doubt_since, session.read_at) >= settled_screen;
  if (looked && stands_in_box(*session.reading, task))
    return end_task(step, id, TaskPlace::held, task.doubt + ": it stands unsent in the session's input box");
  auto const searched = elapsed(task.doubt_since, step.now);
  bool const nowhere = looked && is_at_rest(session) && !step.state.live.reading_transcripts &&
                       !step.state.live.followed.empty() && searched >= shortest_search;
  if (nowhere || searched >= longest_search)
    end_task(step, id, TaskPlace::held, task.doubt + ": it may or may not have arrived");
}

}  // namespace failover::core
