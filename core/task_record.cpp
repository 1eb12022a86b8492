#include "core/task_record.hpp"

#include "core/conversations.hpp"
#include "core/fold.hpp"

#include <algorithm>
#include <utility>

namespace failover::core {
namespace {

constexpr std::size_t message_length = 120;
constexpr std::size_t reason_length = 200;

bool stands(SessionState const& session) {
  return session.phase == Phase::blocked || session.phase == Phase::recovering;
}

std::string last_message(State const& state, TaskState const& task, SessionState const& session, Now now) {
  auto const* const told = conversation_of(state, session);
  bool const since = told != nullptr && told->newest.at >= by_present_clock(task.claimed_at, now);
  std::string_view const said = since && !told->said.empty() ? std::string_view(told->said)
                                : task.stop                  ? std::string_view(task.stop->message)
                                                             : std::string_view{};
  auto text = clipped(without_controls(said), message_length);
  return text.empty() && session.reading ? session.reading->seen.evidence.text : text;
}

}  // namespace

void note_progress(Step& step, TaskId const& id) {
  auto& task = step.state.tasks.at(id);
  auto const session = step.state.sessions.find(task.session);
  if (session == step.state.sessions.end()) return;
  auto const& account = session->second.account;
  if (!account.empty() && (task.accounts.empty() || task.accounts.back() != account)) {
    // Claimed for one account, and its prompt arrived when the fleet had moved on to another.
    bool const was_never_used = task.accounts.size() == 1 && account == step.state.active &&
                                task.given_at != Moment{} && task.given_at.mono >= step.state.active_since.mono;
    if (was_never_used)
      task.accounts.back() = account;
    else
      task.accounts.push_back(account);
    step.changed();
  }
  if (stands(session->second) == task.stands_since.has_value()) return;
  if (task.stands_since)
    task.stood += elapsed(*std::exchange(task.stands_since, std::nullopt), step.now);
  else
    task.stands_since = step.now;
  step.changed();
}

Duration time_spent(TaskState const& task, Now now) {
  auto const stands = task.stands_since ? elapsed(*task.stands_since, now) : Duration::zero();
  return elapsed(task.given_at, now) - task.stood - stands;
}

void count_tokens(Step& step, SessionState const& session, TranscriptRow const& row) {
  if (!session.task || row.kind != RowKind::reply || row.answer.empty()) return;
  auto const found = step.state.tasks.find(*session.task);
  if (found == step.state.tasks.end()) return;
  auto& task = found->second;
  bool const counted = row.answer == task.counted || row.at <= task.counted_at;
  if (counted || row.at < by_present_clock(task.claimed_at, step.now)) return;
  task.counted = row.answer;
  task.counted_at = row.at;
  task.tokens.input += row.tokens.input;
  task.tokens.output += row.tokens.output;
  task.tokens.cache_read += row.tokens.cache_read;
  task.tokens.cache_written += row.tokens.cache_written;
  step.changed();
}

std::string with_reason(std::string sign, std::string_view said) {
  std::string one_line{said};
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  auto const shown = clipped(without_controls(one_line), reason_length);
  return trimmed(shown).empty() ? sign : std::move(sign) + ": " + std::string(trimmed(shown));
}

TaskResult result_of(State const& state, TaskState const& task, TaskPlace place, std::string reason, Now now) {
  auto const session = state.sessions.find(task.session);
  auto const attempts = state.attempts.find(task.file.id);
  TaskResult result;
  result.id = task.file.id;
  result.place = place;
  result.reason = std::move(reason);
  result.session = task.session;
  result.account = session != state.sessions.end() ? session->second.account : task.account;
  result.accounts = task.accounts;
  result.swaps = std::max<std::int64_t>(std::ssize(task.accounts) - 1, 0);
  result.attempts = attempts != state.attempts.end() ? attempts->second : 0;
  result.claimed_at = task.claimed_at.wall;
  if (task.given_at != Moment{}) result.given_at = task.given_at.wall;
  result.ended_at = now.wall;
  if (!task.counted.empty()) result.tokens = task.tokens;
  if (session == state.sessions.end()) return result;
  result.conversation = session->second.conversation;
  result.last_message = last_message(state, task, session->second, now);
  return result;
}

}  // namespace failover::core
