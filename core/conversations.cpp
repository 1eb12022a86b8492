#include "core/conversations.hpp"

#include "core/assignment.hpp"
#include "core/fold.hpp"
#include "core/fresh_start.hpp"
#include "core/looking.hpp"
#include "core/notices.hpp"
#include "core/quota_policy.hpp"
#include "core/task_record.hpp"
#include "core/text_template.hpp"

#include <algorithm>
#include <set>

namespace failover::core {
namespace {

constexpr std::size_t prompt_bytes = 200;
constexpr std::size_t telling_prompt = 6;  ///< shorter ones ("go on") stand in many conversations
/// A screen may have shown a text for so long before it was looked at.
constexpr Duration unseen = std::chrono::minutes{1};
/// A subagent's wall that is older says nothing of the account's present.
constexpr Duration subagent_news = std::chrono::minutes{10};

enum class Same { yes, no, cannot_tell };

Same same_prompt(std::string_view on_screen, std::string_view in_transcript) {
  if (on_screen.empty() || in_transcript.empty()) return Same::cannot_tell;
  if (on_screen.starts_with("[pastedtext") || in_transcript.starts_with("<")) return Same::cannot_tell;
  for (std::string_view const cut : {"...", "\xE2\x80\xA6"})
    if (on_screen.ends_with(cut)) on_screen.remove_suffix(cut.size());
  auto const common = std::min(on_screen.size(), in_transcript.size());
  return on_screen.substr(0, common) == in_transcript.substr(0, common) ? Same::yes : Same::no;
}

struct LimitType {
  std::string_view name;
  Scope scope;
  Window window;
};

/// What Claude Code 2.1 writes as `rateLimitType`; a limit that asks for credits bars the model that needs them.
constexpr LimitType limit_types[] = {
    {"five_hour", Scope::account, Window::five_hour},
    {"seven_day", Scope::account, Window::weekly},
    {"seven_day_opus", Scope::model, Window::weekly},
    {"seven_day_sonnet", Scope::model, Window::weekly},
    {"seven_day_overage_included", Scope::model, Window::weekly},
    {"overage", Scope::spend, Window::monthly},
    {"credits_required", Scope::model, Window::unknown},
};

LimitType const* limit_type(std::string_view name) {
  auto const* const found =
      std::find_if(std::begin(limit_types), std::end(limit_types), [&](auto const& type) { return type.name == name; });
  return found == std::end(limit_types) ? nullptr : found;
}

/// The account's limit that a row reports, by its type where the agent's version writes one, else by its wording.
std::optional<Classification> wall_of(TranscriptRow const& row, MessageReader const& read) {
  if (row.kind != RowKind::api_error || row.transient) return std::nullopt;
  auto wall = read(row.text, row.at);
  bool const worded = wall.state == ScreenState::quota_exhausted;
  if (!worded && !row.usage_limit) return std::nullopt;
  if (!worded) wall = Classification{ScreenState::quota_exhausted, Scope::account, Window::unknown, {}, "typed", {}};
  if (auto const* const type = limit_type(row.limit_type)) {
    wall.scope = type->scope;
    wall.window = type->window;
  }
  if (row.resets_at) wall.resets_at = row.resets_at;
  wall.evidence = {0, clipped(without_controls(row.text), 120)};
  return wall;
}

/// A limit by its type, of a kind that neither its type nor its wording tells.
bool is_unrecognised(TranscriptRow const& row, MessageReader const& read) {
  return row.kind == RowKind::api_error && row.error == "rate_limit" && !row.transient &&
         read(row.text, row.at).state == ScreenState::unknown;
}

void forget_oldest(std::map<ConversationId, Conversation>& conversations) {
  while (conversations.size() > max_conversations)
    conversations.erase(std::min_element(conversations.begin(), conversations.end(), [](auto const& a, auto const& b) {
      return a.second.newest.at < b.second.newest.at;
    }));
}

/// True when the row is news of how the conversation stands.
bool remember(Step& step, TranscriptRow const& row) {
  auto const [entry, added] = step.state.live.conversations.try_emplace(row.conversation);
  auto& conversation = entry->second;
  // What is dated in the future was written before the clock was set back, and is older than anything of now.
  auto const is_newer = [&](WallTime known, RowPlace const& place) {
    if (place.file != 0 && place.file == row.place.file) return row.place.offset >= place.offset;
    return row.at >= known || known > step.now.wall;  // one conversation may lie in two accounts' files
  };
  if (row.kind == RowKind::prompt && is_newer(conversation.prompt_at, conversation.prompt_place)) {
    conversation.prompt = comparable_prompt(row.text);
    conversation.prompt_at = row.at;
    conversation.prompt_place = row.place;
    bool const own = conversation.prompt == comparable_prompt(step.config.switching.continue_prompt);
    if (!own) conversation.request = row.text;
    if (!own) conversation.said.clear();
  }
  if (!added && !is_newer(conversation.newest.at, conversation.newest.place)) return false;
  conversation.newest = row;
  if (!row.said.empty()) conversation.said = row.said;
  conversation.wall = wall_of(row, step.read.message);
  forget_oldest(step.state.live.conversations);
  return true;
}

WallReport report_of(TranscriptRow const& row, Classification wall) {
  return {Source::transcript, std::move(wall), row.at, row_fingerprint(row)};
}

/// Whether the row shows that the session's account answers, as its standing is now.
bool was_answered(Step const& step, SessionState const& session, TranscriptRow const& row) {
  if (row.kind != RowKind::reply && row.kind != RowKind::tool_result) return false;
  auto const account = step.state.accounts.find(session.account);
  return account != step.state.accounts.end() && row.at >= by_present_clock(session.account_since, step.now) &&
         row.at >= by_present_clock(account->second.since, step.now);
}

void judge_newest(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  auto const* const conversation = conversation_of(step.state, session);
  if (conversation == nullptr || !step.state.live.accounts_known) return;
  // A short turn may have begun and ended between two looks.
  if (!session.conversed && conversation->prompt_at != WallTime{}) {
    session.conversed = true;
    step.changed();
  }
  bool const asked_since_flip = conversation->prompt_at >= by_present_clock(step.state.active_since, step.now);
  if (asked_since_flip && !step.state.active.empty()) {
    auto const old_wall = session.void_turn;
    use_active_account(step, session, turn_began(step.state, session, step.now));
    if (session.recovery) session.void_turn = old_wall;  // a look may still show what stood there before our prompt
  }
  if (was_answered(step, session, conversation->newest)) prove_account(step, session.account);
  if (conversation->wall)
    return consider_report(step, name, report_of(conversation->newest, *conversation->wall), WhoMet::session);
  if (is_unrecognised(conversation->newest, step.read.message))
    tell_unrecognised(step, name, conversation->newest.text);
  if (asks_for_login(conversation->newest))
    consider_login_report(step, name, conversation->newest.at, conversation->newest.error);
}

void judge_subagent(Step& step, SessionName const& name, TranscriptRow const& row) {
  if (step.now.wall - row.at > subagent_news) return;
  if (auto wall = wall_of(row, step.read.message))
    consider_report(step, name, report_of(row, std::move(*wall)), WhoMet::subagent);
}

std::string project_of(SessionState const& session) {
  if (!session.project.empty()) return session.project;
  auto const& cwd = session.process_cwd.empty() ? session.cwd : session.process_cwd;
  return cwd.empty() ? std::string{} : project_directory(cwd);
}

bool taken(State const& state, SessionName const& by_other_than, ConversationId const& id) {
  return std::any_of(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
    return entry.first != by_other_than && entry.second.conversation == id;
  });
}

bool in_directory_of(SessionState const& session, Conversation const& conversation) {
  auto const& cwd = session.process_cwd.empty() ? session.cwd : session.process_cwd;
  return !cwd.empty() && conversation.newest.cwd == cwd;
}

/// A row from the future was written before the clock was set back.
bool is_fresh(Conversation const& conversation, Now now) {
  auto const age = now.wall - conversation.newest.at;
  return age >= Duration::zero() && age < row_lead;
}

/// News of a conversation that is no session's yet, and that a look at the screens may assign.
bool is_of_nobody_yet(State const& state, ConversationId const& id) {
  auto const kind = state.live.conversations.at(id).newest.kind;
  return (kind == RowKind::prompt || kind == RowKind::api_error) && !taken(state, SessionName{}, id);
}

void look_in_its_directory(Step& step, ConversationId const& id) {
  auto const& conversation = step.state.live.conversations.at(id);
  for (auto& [name, session] : step.state.sessions)
    if (in_directory_of(session, conversation)) want_look(session);
}

}  // namespace

std::string comparable_prompt(std::string_view prompt) {
  auto text = squeezed(fold(clipped(prompt.substr(0, 4 * prompt_bytes), 4 * prompt_bytes))).text;
  std::erase(text, '\n');
  std::size_t end = std::min(text.size(), prompt_bytes);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

Conversation const* conversation_of(State const& state, SessionState const& session) {
  if (!session.conversation) return nullptr;
  auto const found = state.live.conversations.find(*session.conversation);
  return found == state.live.conversations.end() ? nullptr : &found->second;
}

void follow_transcripts(Step& step) {
  std::set<std::string> directories;
  for (auto const& account : step.config.accounts)
    for (auto const& [name, session] : step.state.sessions)
      if (auto const project = project_of(session); !project.empty())
        directories.insert(account.config_dir + "/projects/" + project);
  std::vector<std::string> wanted(directories.begin(), directories.end());
  if (wanted == step.state.live.followed) return;
  step.state.live.followed = wanted;
  step.state.live.reading_transcripts = true;
  step.ask(effect::FollowTranscripts{std::move(wanted)});
}

void on_transcript_grew(Step& step, event::TranscriptGrew const& grew) {
  if (grew.all_read) step.state.live.reading_transcripts = false;
  std::set<ConversationId> changed;
  for (auto const& row : grew.rows) {
    if (row.sidechain || row.kind == RowKind::notice) continue;
    if (remember(step, row)) changed.insert(row.conversation);
  }
  for (auto const& id : changed)
    if (is_of_nobody_yet(step.state, id)) look_in_its_directory(step, id);
  for (auto const& [name, session] : step.state.sessions) {
    if (!session.conversation) continue;
    if (changed.contains(*session.conversation)) judge_newest(step, name);
    for (auto const& row : grew.rows) {
      if (row.conversation != *session.conversation) continue;
      if (row.sidechain)
        judge_subagent(step, name, row);
      else
        count_tokens(step, session, row);
    }
  }
}

void judge_conversations(Step& step) {
  for (auto const& [name, session] : step.state.sessions) judge_newest(step, name);
}

void enter_conversation(Step& step, SessionName const& name, ConversationId const& id) {
  auto& session = step.state.sessions.at(name);
  if (session.conversation == id || is_refused(step.state, id)) return;
  step.log(LogLevel::info, "conversation recognised", {{"session", name.str()}, {"conversation", id.str()}});
  session.conversation = id;
  session.conversed = conversation_of(step.state, session) != nullptr;
  step.changed();
  judge_newest(step, name);
}

void recognise_conversation(Step& step, SessionName const& name, Reading const& reading) {
  // Our own stands in each conversation that was brought back.
  bool const ours = reading.newest_prompt == comparable_prompt(step.config.switching.continue_prompt);
  if (ours || reading.newest_prompt.size() < telling_prompt) return;
  auto const& session = step.state.sessions.at(name);
  auto const* const known = conversation_of(step.state, session);
  if (known != nullptr && same_prompt(reading.newest_prompt, known->prompt) != Same::no) return;
  std::optional<ConversationId> match;
  for (auto const& [id, conversation] : step.state.live.conversations) {
    if (!in_directory_of(session, conversation) || taken(step.state, name, id)) continue;
    if (known != nullptr && conversation.newest.at <= known->newest.at) continue;
    if (same_prompt(reading.newest_prompt, conversation.prompt) != Same::yes) continue;
    if (match) return;  // two that could be it are none
    match = id;
  }
  if (match) enter_conversation(step, name, *match);
}

bool asks_for_login(TranscriptRow const& row) {
  return row.kind == RowKind::api_error &&
         (row.error == "authentication_failed" || row.error == "oauth_org_not_allowed");
}

std::string row_fingerprint(TranscriptRow const& row) {
  return "row " + row.uuid;
}

bool keeps_up(Conversation const& conversation, SessionState const& session) {
  auto const same =
      session.reading ? same_prompt(session.reading->newest_prompt, conversation.prompt) : Same::cannot_tell;
  if (same != Same::cannot_tell) return same == Same::yes;
  return !session.seen_to_change || conversation.newest.at >= session.changed_at.wall - unseen;
}

bool stopped_by_row(State const& state, SessionState const& session) {
  auto const* const conversation = conversation_of(state, session);
  if (conversation == nullptr || !conversation->wall) return false;
  auto const fingerprint = row_fingerprint(conversation->newest);
  return std::any_of(session.observations.begin(), session.observations.end(), [&](Observation const& seen) {
    return seen.fingerprint == fingerprint && (seen.ruling == Ruling::confirmed || seen.ruling == Ruling::joined);
  });
}

bool row_leads_screen(State const& state, SessionState const& session, Now now) {
  if (!stopped_by_row(state, session)) return false;
  return is_fresh(*conversation_of(state, session), now);
}

Moment turn_began(State const& state, SessionState const& session, Now now) {
  auto const* const conversation = conversation_of(state, session);
  if (conversation == nullptr || conversation->prompt_at < by_present_clock(state.active_since, now))
    return state.active_since;
  return restored(conversation->prompt_at, now);
}

void distrust_transcript(Step& step, SessionState const& session) {
  auto const* const conversation = conversation_of(step.state, session);
  if (conversation == nullptr || !conversation->wall) return;
  if (is_fresh(*conversation, step.now)) return;
  step.state.live.conversations.erase(*session.conversation);
}

}  // namespace failover::core
