#pragma once

#include "core/engine.hpp"
#include "test/sim/world.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace failover::sim {

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
};

/// What must hold whatever the world does, compared with the truth after each step.
class Judge {
 public:
  using Blame = std::function<void(std::string)>;

  Judge(Scenario const& scenario, World& world, Tally& tally, Blame blame);

  /// One step of the engine was made.
  void after_step(core::Config const& config, core::State const& state, core::Event const& event,
                  core::Effects const& effects, core::Now now);
  /// The effect is about to be carried out.
  void before_deed(core::Effect const& effect, core::Now now);
  /// What was asked for will not be answered any more.
  void after_crash(core::State const& restored, core::Now now);
  void after_clock_moved_forward(core::Now now) { forward_.push_back(now.mono); }
  void faults_end() { calm_ = true; }

 private:
  void check_request(core::Config const& config, core::State const& state, core::Effect const& effect, core::Now now);
  void check_flip(core::Config const& config, core::State const& state, core::effect::FlipLink const& flip,
                  core::Now now);
  void ask_of_session(core::SessionName const& name, std::string const& what);
  void take_answer(core::Event const& event);
  void check_standings(core::State const& state, core::Now now);
  void check_bounds(core::State const& state);
  void check_tasks(core::State const& state);
  void check_progress(core::Config const& config, core::State const& state, core::Now now);
  void check_session_progress(core::Config const& config, core::State const& state, core::SessionName const& name,
                              core::Now now);
  void check_queue_progress(core::Config const& config, core::State const& state, core::Now now);
  void lasts(std::string const& what, bool is_so, core::Duration at_most, core::Now now);
  [[nodiscard]] bool clock_misled(core::MonoTime from, core::MonoTime to) const;

  Scenario const& scenario_;
  World& world_;
  Tally& tally_;
  Blame blame_;
  bool calm_ = false;
  std::map<core::SessionName, std::string> shown_ = {};  ///< kind of the screen last told to the engine
  std::set<core::SessionName> asked_ = {};               ///< sessions with an effect that has no answer
  std::map<std::string, bool> looking_ = {};
  std::map<core::AccountName, core::StandingKind> standing_ = {};
  std::map<core::AccountName, core::MonoTime> marked_ = {};
  std::map<std::int64_t, core::MonoTime> decided_ = {};  ///< by id of the swap, when it was decided in truth
  std::map<std::int64_t, core::MonoTime> begun_ = {};    ///< swaps whose flip was carried out, by decision
  std::int64_t planned_ = 0;
  core::Config config_ = {};
  std::vector<core::MonoTime> forward_ = {};
  std::vector<core::MonoTime> crashes_ = {};
  bool holding_ = false;
  std::map<std::string, core::MonoTime> since_ = {};
};

}  // namespace failover::sim
