#pragma once

#include "core/effect.hpp"
#include "core/event.hpp"
#include "test/sim/scenario.hpp"
#include "test/sim/words.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// The truth of one run: clocks, accounts, tmux, agents and the queue, as they really are.
namespace failover::sim {

/// What one login may still use. Accounts with the same directory share one.
struct Purse {
  std::int64_t left = 0;
  std::int64_t size = 0;
  std::optional<core::MonoTime> resets = {};  ///< of the running window
  bool over_budget = false;                   ///< its spend limit is met, until somebody raises it
  bool login_broken = false;                  ///< until somebody logs in
  std::optional<core::MonoTime> last_wall = {};
  std::optional<core::MonoTime> last_spend_limit = {};
  std::optional<core::MonoTime> last_refused_login = {};
  std::optional<core::MonoTime> last_answer = {};
  std::int64_t walls = 0;  ///< met by agents
};

struct Account {
  core::AccountName name = {};
  std::string directory = {};
  std::string real_path = {};
  std::size_t purse = 0;
};

enum class Doing { starting, idle, working, wall, permission, dead, shell };

struct Agent {
  core::SessionName session = {};
  std::int64_t pane = 0;
  std::int64_t process = 0;
  bool ours = true;
  bool keeps_login = false;
  std::string cwd = {};
  std::string config_dir = {};
  core::AccountName login = {};  ///< of one that keeps it
  core::ConversationId conversation = {};
  Doing doing = Doing::starting;
  core::MonoTime next = {};   ///< when it does the next thing by itself
  std::int64_t requests = 0;  ///< left in the turn
  std::string first_prompt = {};
  bool refuses = false;  ///< does not have the conversation that it was to resume, and ends
  bool menu = false;
  bool draft = false;
  std::optional<core::MonoTime> typed = {};  ///< a person's last key
  std::string quote = {};                    ///< the drawing of a wall that the running turn's tool has printed
  Drawing wall = {};
  core::MonoTime met = {};  ///< when its last turn was stopped
  std::int64_t wall_number = 0;
  std::int64_t continued = 0;  ///< the wall for which the daemon's continue prompt was submitted
  std::optional<core::MonoTime> working_since = {};
  std::optional<std::pair<core::TaskId, core::ClaimId>> task = {};
  core::TaskId last_task = {};  ///< its signal may be read when a later turn stands at a wall
  std::string screen = {};
  std::string screen_before = {};
  core::MonoTime drawn = {};
  core::WallTime written = {};  ///< to its terminal, as tmux remembers it

  [[nodiscard]] std::string version() const { return keeps_login ? "2.0.77" : "2.1.330"; }
};

/// A conversation outlives its agents.
struct History {
  std::int64_t turn = 0;
  std::string prompt = {};
  std::optional<Drawing> wall = {};  ///< how its last turn ended
  std::int64_t wall_number = 0;
  std::int64_t continued = 0;
  std::vector<core::TranscriptRow> rows = {};  ///< the newest few
  std::uint64_t file = 0;                      ///< 0 before its first row
  std::uint64_t written = 0;                   ///< rows
};

struct QueuedTask {
  core::TaskFile file = {};
  std::int64_t runs = 0;      ///< times that an agent was given it
  std::int64_t failures = 0;  ///< times that an agent said that it failed
  std::int64_t walls = 0;     ///< and other errors that its runs met
  std::int64_t orders = 0;    ///< of the operator, after which it may be given anew
  std::vector<core::TaskSignal> signals = {};
};

/// How an effect goes.
enum class Luck { good, refused, failed_but_done, failed_and_not_done };

class World {
 public:
  using Tell = std::function<void(core::Duration after, core::Event)>;
  using Blame = std::function<void(std::string)>;

  World(Scenario const& scenario, Chance& chance, Tell tell, Blame blame);

  void pass_to(core::MonoTime mono);
  void set_clock_by(core::Duration by) { offset_ += by; }
  [[nodiscard]] core::Now now() const { return {true_wall(mono_) + offset_, mono_}; }
  [[nodiscard]] core::WallTime true_wall(core::MonoTime at) const;

  /// When an agent does something by itself.
  [[nodiscard]] core::MonoTime next_happening() const;
  void happen();

  /// Does what the effect asks for, with that luck, and says what its answer is.
  [[nodiscard]] std::optional<core::Event> perform(core::Effect const& effect, Luck luck);

  // What people and the machine do.
  void end_tmux();
  void mute_tmux(core::MonoTime until) { mute_until_ = until; }
  void kill_an_agent();
  void flip_by_hand();
  void type_by_hand();
  void leave_a_draft();
  void make_adopted_session();
  void write_task();
  /// A person raises all spend limits and logs in wherever it is needed; names the accounts that were cured.
  [[nodiscard]] std::vector<core::AccountName> cure_accounts();
  /// A person has looked at the session: what was typed before does not count any more.
  void pardon(core::SessionName const& name);
  void end_faults() { calm_ = true; }

  [[nodiscard]] bool is_spent(core::AccountName const& name) const;
  [[nodiscard]] Purse const& purse_of(core::AccountName const& name) const;
  /// Whether two names stand for one quota; false for a name that is none, as where the link leads to no account.
  [[nodiscard]] bool share_quota(core::AccountName const& one, core::AccountName const& other) const;
  [[nodiscard]] Agent* agent_of(core::SessionName const& name);
  [[nodiscard]] core::AccountName linked() const;
  /// Whose quota the agent's next request uses.
  [[nodiscard]] core::AccountName payer_of(Agent const& agent) const;
  /// Whether a request of the account would be refused now.
  [[nodiscard]] bool refuses(core::AccountName const& name) const;
  /// Whether the daemon was shown what was not so, and has no transcript to see through it.
  [[nodiscard]] bool lied_to(core::SessionName const& name) const;
  [[nodiscard]] core::PaneRef pane_ref(Agent const& agent) const;

  std::vector<Account> accounts = {};
  std::map<core::SessionName, Agent> agents = {};
  std::map<core::ConversationId, History> histories = {};
  std::map<core::TaskId, QueuedTask> tasks = {};
  std::string link = {};
  std::optional<core::WallTime> link_since = {};
  std::optional<core::MonoTime> by_hand = {};                  ///< when a person last moved the link
  std::map<core::ConversationId, std::int64_t> refusals = {};  ///< of agents to resume it
  std::set<core::SessionName> quoted = {};                     ///< sessions that showed a tool's output like a wall

 private:
  struct Perform;
  friend struct Perform;

  Account* account(core::AccountName const& name);
  void ask_for_something(core::TaskRequest& request);
  void draw(Agent& agent);
  void write_row(Agent& agent, core::RowKind kind, std::string text, std::string const& error = {});
  void tell_row(core::TranscriptRow row);
  void tell_hook(core::HookCall call);
  void tell_usage(Agent const& agent, Purse const& purse);
  void begin(Agent& agent, std::vector<std::string> const& argv,
             std::vector<std::pair<std::string, std::string>> const& environment);
  [[nodiscard]] bool is_lost(core::ConversationId const& conversation) const;
  void refuse(Agent& agent);
  void leave_a_shell(Agent& agent);
  void submit(Agent& agent, std::string const& prompt);
  void request(Agent& agent);
  void meet_wall(Agent& agent, Account& spent);
  void meet_model_limit(Agent& agent);
  void meet_spend_limit(Agent& agent, Purse& purse);
  void meet_broken_login(Agent& agent, Purse& purse);
  void end_turn(Agent& agent, Drawing wall, std::string const& error, core::Duration most);
  void finish(Agent& agent);
  void rest(Agent& agent, Doing doing, core::Duration most);
  void refill();
  core::HookCall call_of(Agent const& agent, std::string name);

  core::Event start_session(core::effect::StartSession const& request, Luck luck);
  core::Event restart_agent(core::effect::RestartAgent const& request, Luck luck);
  core::Event end_session(core::effect::EndSession const& request, Luck luck);
  core::Event press_escape(core::effect::PressEscape const& request, Luck luck);
  core::Event deliver(core::effect::DeliverPrompt const& request, Luck luck);
  core::Event flip(core::effect::FlipLink const& request, Luck luck);
  core::Event claim(core::effect::ClaimTask const& request, Luck luck);
  core::Event move(core::effect::MoveTask const& request, Luck luck);
  core::Event read_accounts(Luck luck);
  core::Event list_panes(core::effect::ListPanes const& request, Luck luck);
  core::Event capture(core::effect::CapturePanes const& request, Luck luck);
  core::Event scan(Luck luck);
  void follow();
  void watch(core::effect::WatchTerminals const& request);
  void arm(core::effect::CapturePanes const& look);
  [[nodiscard]] bool draws_on(Agent const& agent) const;
  /// Something is written to the agent's terminal.
  void touch(Agent const& agent);
  /// The agent's terminal ends.
  void close(Agent const& agent);
  [[nodiscard]] bool runs(core::ProcessRef const& process) const;

  Scenario const& scenario_;
  Chance& chance_;
  Tell tell_;
  Blame blame_;
  core::MonoTime mono_ = core::MonoTime{std::chrono::hours{5}};
  core::Duration offset_ = {};
  std::vector<Purse> purses_ = {};
  std::vector<core::TranscriptRow> unheard_rows_ = {};         ///< whose hint was lost; the next sweep finds them
  std::set<core::PaneRef> watched_ = {};                       ///< terminals
  std::map<core::PaneRef, std::string> captured_ = {};         ///< what the last look at each pane showed
  std::set<core::PaneRef> armed_ = {};                         ///< of them those that will tell
  std::map<core::SessionName, core::MonoTime> last_lie_ = {};  ///< when an old screen was shown
  bool calm_ = false;
  bool tmux_runs_ = true;
  std::int64_t server_ = 1;
  core::MonoTime mute_until_ = {};
  std::int64_t next_pane_ = 1;
  std::int64_t next_process_ = 5001;
  std::int64_t next_row_ = 1;
  std::int64_t next_wall_ = 1;
  std::int64_t next_task_ = 1;
  std::int64_t next_conversation_ = 1;
  std::set<core::ConversationId> begun_ = {};  ///< by --session-id
};

}  // namespace failover::sim
