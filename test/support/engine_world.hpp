#pragma once

#include "core/engine.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace failover::test {

using namespace core;

/// A small world around the engine: panes whose screens are words, accounts that exist, a queue in memory. It answers
/// every effect at once; what the engine did is kept in `done` as one line each, log lines in `log`.
///
/// Screens: "idle", "working", "wall N" (reset in an hour), "bare wall N" (no reset), "menu N", "permission", "dialog",
/// "login", "error N", "draft", "blank"; of a process that has ended "dead", "login, dead" and "refused" (it would not
/// resume its conversation; "says refused" lives). Different N are different texts; " > text" at the end is the newest
/// prompt, " | text" after that what stands in the input box.
class EngineWorld {
 public:
  explicit EngineWorld(Config config, EngineOptions options = {}, AgentReader reader = {});

  /// A fleet of two pool sessions on accounts a, b and c, with short but distinct times.
  static Config fleet();

  /// Lets time pass and everything that is due happen.
  void pass(Duration time);
  void show(std::string const& session, std::string const& screen);
  void tell(Event const& event);
  /// Forgets all that is not saved, as a killed and restarted daemon does.
  void restart();

  [[nodiscard]] SessionState const& session(std::string const& name) const {
    return state.sessions.at(SessionName(name));
  }
  [[nodiscard]] Phase phase(std::string const& name) const { return session(name).phase; }
  [[nodiscard]] std::size_t count(std::string const& prefix) const;
  [[nodiscard]] bool logged(std::string const& message, std::string const& field_value = {}) const;

  Config config;
  EngineOptions options;
  AgentReader reader;  ///< read_word and read_words where none is given
  State state = {};
  Now now = {WallTime{std::chrono::hours{24 * 365 * 56}}, MonoTime{std::chrono::hours{1}}};
  std::vector<std::string> done = {};
  std::vector<effect::Log> log = {};
  std::vector<Message> messages = {};
  std::vector<std::string> followed = {};  ///< directories of transcripts
  std::vector<Terminal> terminals = {};    ///< that are watched
  std::int64_t looks = 0;                  ///< batches of screens
  std::vector<PaneRef> drawing = {};       ///< of the last look those of which no hint was wanted
  FirstRows tails = {};                    ///< of the last look
  int whole_looks = 0;                     ///< screens that were read whole

  // The world, to be bent by tests.
  std::map<std::string, std::string> screens = {};  ///< by session
  std::map<std::string, std::int64_t> panes = {};   ///< pane number by session
  std::map<std::string, std::optional<ConversationId>> resumed =
      {};                                                         ///< what the last start of each session goes on with
  std::map<std::string, std::optional<Briefing>> briefings = {};  ///< of the last restart of each session
  std::map<std::string, std::int64_t> processes = {};             ///< of the panes, by session
  std::map<std::string, WallTime> typed_at = {};                  ///< a person's last key, by session
  std::map<std::string, std::int64_t> statuses = {};              ///< with which dead ones ended
  std::map<std::string, Foreground> foregrounds = {};             ///< of the panes' terminals, by session
  std::map<std::string, std::string> ttys = {};                   ///< of the panes, by session
  std::map<std::string, std::string> renamed = {};                ///< what a session is called in listings
  std::set<std::int64_t> orphans = {};                            ///< processes that run on without a pane
  std::string link = "/acc/a";
  std::optional<Error> link_unread = {};    ///< a look at the accounts does not tell where it leads
  std::optional<WallTime> link_since = {};  ///< when it was last moved, as its file tells
  LinkView link_view = {LinkPlace::symlink, false, true, {}};
  std::map<std::string, WallTime> written = {};    ///< when an account's credentials were last written
  std::map<std::string, std::string> logins = {};  ///< identities by account, "" for one that is not known
  std::set<std::string> logged_out = {};           ///< accounts
  QueueListing queue = {};
  std::vector<TaskResult> results = {};
  bool tmux_up = true;
  bool reads_transcripts = true;                 ///< says that those which are followed are read
  std::function<void()> while_claiming = [] {};  ///< happens between a claim and its answer
  Result<Delivery> delivery = Delivery::submitted;
  std::optional<Error> flip_fails = {};
  std::map<TaskId, Error> claims_fail = {};
  std::string show_on_start = "idle";  ///< by a session that was just made
  std::optional<Error> restart_fails = {};
  std::optional<Error> end_fails = {};
  std::optional<Error> save_fails = {};
  std::string after_prompt = "working";        ///< the screen that a delivered prompt leads to
  std::deque<std::string> after_prompts = {};  ///< the same for the next prompts, one each

 private:
  void take(Effects const& effects);
  std::optional<Event> answer(Effect const& effect);
  Event answer_flip(effect::FlipLink const& flip);
  Event answer_claim(effect::ClaimTask const& claim);
  Event answer_move(effect::MoveTask const& move);
  std::string next_screen();
  PaneRef pane(std::int64_t number) const { return {77, 1000, PaneId("%" + std::to_string(number))}; }

  std::int64_t next_pane_ = 1;
  std::map<std::int64_t, std::optional<std::string>> captured_ = {};  ///< what a look at each pane showed last
  std::int64_t next_process_ = 5001;
};

/// The reader of this world's screens.
[[nodiscard]] Reading read_word(std::string_view screen, WallTime now);

/// The reader of this world's messages: "wall …" is one, with or without the word "bare" before it.
[[nodiscard]] Classification read_words(std::string_view message, WallTime at);

/// A pending task file of that id.
[[nodiscard]] TaskFile pending_task(std::string const& id, std::int64_t priority = 0);

}  // namespace failover::test
