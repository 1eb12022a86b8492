#pragma once

#include "core/engine.hpp"
#include "test/sim/world.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace failover::sim {

/// How the problem ends of an account that is held to have met what another one met. Where rows and calls are lost and
/// the link is moved while nobody looks, the screen that is left does not always tell which it was.
inline constexpr std::string_view misattributed = ", and no turn met that";

/// Counts of one run, to see that runs do meet what they are about.
struct Tally {
  std::int64_t steps = 0;
  std::int64_t flips = 0;
  std::int64_t walls = 0;
  std::int64_t marked = 0;
  std::int64_t forged = 0;    ///< accounts marked spent by quoted text where there was no transcript
  std::int64_t mistaken = 0;  ///< … by a wall of the account to which a person had just moved the link, not seen yet
  std::int64_t prompts = 0;
  std::int64_t restarts = 0;  ///< of agents, by the daemon
  std::int64_t crashes = 0;
  std::int64_t tasks_given = 0;
  std::int64_t holds = 0;
  std::int64_t refused_logins = 0;  ///< accounts found with a broken login
  std::int64_t spend_limits = 0;    ///< accounts found at their spend limit
  std::int64_t fresh_starts = 0;    ///< with a briefing, after a conversation could not be resumed
};

/// A change of the account, as it was decided.
struct Made {
  std::int64_t id = 0;
  core::AccountName from = {};
  core::AccountName to = {};
  core::SwapCause cause = core::SwapCause::exhausted;
  core::MonoTime decided = {};
  core::MonoTime carried_out = {};
  bool done = false;  ///< in truth, whatever the daemon was told
};

/// What must hold whatever the world does, compared with the truth after each step.
class Judge {
 public:
  using Blame = std::function<void(std::string)>;

  Judge(Scenario const& scenario, World& world, Tally& tally, Blame blame);

  /// One step of the engine was made.
  void after_step(core::Config const& config, core::State const& state, core::Event const& event,
                  core::Effects const& effects, core::Now now);
  /// The effect is about to be carried out, and does what it asks for or not.
  void before_deed(core::Effect const& effect, bool luck_does, core::Now now);
  /// That state is on disk.
  void after_save(core::State const& saved, core::Now now);
  /// What was asked for will not be answered any more.
  void after_crash(core::State const& restored, core::Now now);
  void after_clock_moved_forward(core::Now now) { forward_.push_back(now.mono); }
  void faults_end() { calm_ = true; }

 private:
  void check_request(core::Config const& config, core::State const& state, core::Effect const& effect);
  void check_resumption(core::State const& state, core::SessionName const& name,
                        std::optional<core::ConversationId> const& resumes);
  // What changes the account: judged in swaps.cpp.
  void check_swap(core::Config const& config, core::State const& state, core::Event const& event, core::Now now);
  void check_goal(core::Config const& config, core::State const& state, core::AccountName const& from,
                  core::AccountName const& to);
  void check_restraint(core::Config const& config, core::State const& state, Made const& made);
  void check_flip(core::Config const& config, core::State const& state, core::effect::FlipLink const& flip);
  void check_budgets(Made const& made);
  void take_effect(Made made, bool done, core::Now now);
  /// When the daemon could first see what a person last did to the link.
  [[nodiscard]] core::Duration there_since_by_hand(core::MonoTime now) const;
  [[nodiscard]] bool met_at_a_move(core::AccountName const& left, core::SessionName const& session) const;
  [[nodiscard]] bool quoted_without_transcript(core::State const& state, core::SessionName const& name) const;
  void take_choice(core::State const& state, core::Event const& event, core::Now now);
  [[nodiscard]] std::vector<Made> made_before(std::int64_t id) const;

  // What the operator asked for: judged in orders.cpp.
  void take_orders(core::State const& state, core::Event const& event);
  void check_orders(core::Config const& config, core::State const& state, core::Effect const& effect);
  void check_account_of(core::Config const& config, core::State const& state, core::SessionName const& session,
                        std::vector<std::pair<std::string, std::string>> const& environment);
  void check_probes(core::Config const& config, core::State const& state);
  void ask_of_session(core::SessionName const& name, std::string const& what);
  void take_answer(core::Event const& event);
  void check_keys(core::SessionName const& name, core::PaneRef const& pane);
  void check_standings(core::State const& state, core::Event const& event, core::Now now);
  void check_bounds(core::State const& state);
  void check_tasks(core::State const& state);
  void check_progress(core::Config const& config, core::State const& state, core::Now now);
  void check_session_progress(core::Config const& config, core::State const& state, core::SessionName const& name,
                              core::Now now);
  void check_account_progress(core::Config const& config, core::State const& state, core::Now now);
  [[nodiscard]] bool is_due(core::TaskFile const& file, core::Now now) const;
  [[nodiscard]] bool comes_after_one_said_done(core::TaskFile const& file) const;
  void check_claim(core::State const& state, core::TaskFile const& file);
  void check_queue_progress(core::Config const& config, core::State const& state, core::Now now);
  void lasts(std::string const& what, bool is_so, core::Duration at_most, core::Now now);
  [[nodiscard]] bool clock_misled(core::MonoTime from, core::MonoTime to) const;
  /// How long no daemon lived between the two.
  [[nodiscard]] core::Duration away_within(core::MonoTime from, core::MonoTime to) const;

  Scenario const& scenario_;
  World& world_;
  Tally& tally_;
  Blame blame_;
  bool calm_ = false;
  std::map<core::AccountName, core::MonoTime> enabled_ = {};  ///< by the operator
  std::map<core::SessionName, std::string> shown_ = {};       ///< kind of the screen last told to the engine
  std::set<std::pair<core::SessionName, core::ConversationId>> fresh_ =
      {};                                                                 ///< begun with a briefing, by what was lost
  std::map<core::SessionName, std::optional<core::WallTime>> keys_ = {};  ///< a person's last, as told to the engine
  std::set<core::PaneRef> shells_ = {};     ///< panes whose terminal a shell has, as last told to the engine
  std::set<core::SessionName> asked_ = {};  ///< sessions with an effect that has no answer
  std::map<std::string, bool> looking_ = {};
  std::map<core::AccountName, core::StandingKind> standing_ = {};
  std::map<std::pair<core::AccountName, core::StandingKind>, core::MonoTime> marked_ = {};
  std::map<std::int64_t, Made> plans_ = {};  ///< by id, as decided; lost with the daemon when they were not saved
  std::map<std::int64_t, Made> made_ = {};   ///< those that took effect, or may have
  std::int64_t newest_ = 0;
  struct Choice {
    core::AccountName account = {};
    core::MonoTime at = {};
  };
  std::optional<Choice> chosen_ = {};  ///< by the operator
  core::AccountName active_ = {};
  core::MonoTime active_learned_ = {};  ///< when the engine last took another for the active one
  std::optional<core::MonoTime> by_hand_ = {};
  bool braked_ = false;
  std::set<core::TaskId> said_done_ = {};  ///< by the operator
  bool cancels_ = false;                   ///< a task is, in this step
  std::set<core::SessionName> held_ = {};  ///< by the operator
  core::Config config_ = {};
  std::vector<core::MonoTime> forward_ = {};
  std::vector<core::MonoTime> crashes_ = {};
  std::vector<std::pair<core::MonoTime, core::MonoTime>> away_ = {};  ///< from the last step of a life to the next one
  core::MonoTime last_step_ = {};
  core::MonoTime progress_checked_ = {};
  core::MonoTime died_ = {};  ///< the last step before the newest start
  bool holding_ = false;
  std::map<std::string, core::MonoTime> since_ = {};
};

}  // namespace failover::sim
