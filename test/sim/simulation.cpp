#include "test/sim/simulation.hpp"

#include "core/answers.hpp"
#include "test/sim/restored.hpp"
#include "test/sim/told.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

namespace failover::sim {
namespace {

namespace effect = core::effect;
namespace event = core::event;
using core::Duration;
using core::MonoTime;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration shortest_sleep = milliseconds{5};
constexpr Duration save_pause = seconds{1};

/// An effect on its way, as daemon/runner carries it.
struct Job {
  core::Effect effect;
  std::shared_ptr<core::State const> state = {};  ///< what a SaveState saves
  core::Now state_of = {};                        ///< the time of that
  core::Effects rest = {};                        ///< what waits for it
};

class Run {
 public:
  Run(std::uint64_t seed, std::size_t trace_lines, Witness witness)
      : witness_(std::move(witness)),
        reader_(witness_.listening ? witness_.listening(reader()) : reader()),
        chance_(seed),
        scenario_(with_lost_conversations(draw_scenario(chance_), Chance(~seed))),
        config_(scenario_.config),
        engine_(config_, reader_, {}),
        world_(
            scenario_, chance_, [this](Duration after, core::Event news) { bring(after, std::move(news)); },
            [this](std::string problem) { blame(std::move(problem)); }),
        judge_(scenario_, world_, outcome_.tally, [this](std::string problem) { blame(std::move(problem)); }),
        trace_lines_(trace_lines) {}

  Outcome go() {
    start_daemon();
    plan_trouble();
    auto const calm_from = world_.now().mono + scenario_.faulty_for;
    at(calm_from, [this] { calm_down(); });
    auto const end = calm_from + scenario_.calm_for;
    while (outcome_.problem.empty() && world_.now().mono < end) turn();
    for (auto const& account : world_.accounts) outcome_.tally.walls += world_.purse_of(account.name).walls;
    outcome_.trace.assign(lines_.begin(), lines_.end());
    return std::move(outcome_);
  }

 private:
  // Time. ---

  void at(MonoTime when, std::function<void()> what) { agenda_.emplace(std::pair{when, next_++}, std::move(what)); }
  void after(Duration pause, std::function<void()> what) { at(world_.now().mono + pause, std::move(what)); }

  /// Something of this life of the daemon; it does not outlive it.
  void in_this_life(Duration pause, std::function<void()> what) {
    after(pause, [this, life = life_, what = std::move(what)] {
      if (life == life_) what();
    });
  }

  void turn() {
    MonoTime next = world_.next_happening();
    if (!agenda_.empty()) next = std::min(next, agenda_.begin()->first.first);
    if (running_)
      if (auto const due = engine_.next_deadline(state_, world_.now()))
        next = std::min(next, std::max(*due, world_.now().mono + shortest_sleep));
    world_.pass_to(next);
    world_.happen();
    if (!agenda_.empty() && agenda_.begin()->first.first <= next) {
      auto const what = std::move(agenda_.begin()->second);
      agenda_.erase(agenda_.begin());
      return what();
    }
    if (running_) tell(event::Tick{});
  }

  // The daemon. ---

  static core::AgentReader reader() { return {read_drawing, read_message}; }

  void bring(Duration pause, core::Event news) {
    after(pause, [this, news = std::move(news)] {
      if (running_) return tell(news);
      if (is_repeated(news)) bring(seconds{30}, news);
    });
  }

  /// A hook's call lies in the spool while the daemon is away, and a person tries again to take back what he asked for.
  static bool is_repeated(core::Event const& news) {
    auto const* const account = std::get_if<event::AccountSwitched>(&news);
    auto const* const brake = std::get_if<event::BrakeSet>(&news);
    auto const* const session = std::get_if<event::SessionSwitched>(&news);
    return std::holds_alternative<event::HookCalled>(news) || (account != nullptr && account->enabled) ||
           (brake != nullptr && !brake->on) || (session != nullptr && !session->held);
  }

  void tell(core::Event const& news) {
    ++outcome_.step;
    if (trace_lines_ > 0) note("  < " + told(news));
    auto effects = engine_.step(state_, news, world_.now());
    if (witness_.stepped) witness_.stepped(state_, news, effects, world_.now());
    if (trace_lines_ > 0)
      for (auto const& effect : effects) note("  > " + told(effect));
    judge_.after_step(config_, state_, news, effects, world_.now());
    run(std::move(effects));
    save_soon();
    if (outcome_.step > 500'000) blame("so many steps that it must be a busy loop");
  }

  void show_beginning() const {
    if (running_ && witness_.begun) witness_.begun(config_, state_, world_.now());
  }

  void save_soon() {
    if (state_.version == saved_version_ || std::exchange(save_armed_, true)) return;
    in_this_life(save_pause, [this] {
      save_armed_ = false;
      saved_version_ = state_.version;
      run({effect::SaveState{}});
    });
  }

  void run(core::Effects batch) {
    std::optional<core::Effect> save;
    core::Effects rest;
    for (auto& effect : batch) {
      if (std::holds_alternative<effect::Log>(effect)) continue;
      if (std::holds_alternative<effect::SaveState>(effect))
        save = std::move(effect);
      else if (save)
        rest.push_back(std::move(effect));
      else
        enqueue({std::move(effect), {}, {}, {}});
    }
    if (save) enqueue({*save, std::make_shared<core::State const>(state_), world_.now(), std::move(rest)});
  }

  void enqueue(Job job) {
    bool const saves = std::holds_alternative<effect::SaveState>(job.effect);
    auto lane = saves ? std::string("save") : core::lane_of(job.effect);
    if (lane.empty()) lane = "alone " + std::to_string(next_++);
    auto const [queue, fresh] = lanes_.try_emplace(lane);
    queue->second.push_back(std::move(job));
    if (fresh) begin(lane);
  }

  Duration pause_before(core::Effect const& effect) {
    bool const killed_when_late = std::holds_alternative<effect::CapturePanes>(effect);
    if (!calm_ && chance_.percent(scenario_.faults.late))
      return chance_.between(seconds{1}, killed_when_late ? seconds{2} : seconds{30});
    return chance_.between(milliseconds{1}, milliseconds{120});
  }

  void begin(std::string const& lane) {
    auto const& effect = lanes_.at(lane).front().effect;
    in_this_life(pause_before(effect), [this, lane] { carry_out(lane); });
  }

  Luck draw_luck(core::Effect const& effect) {
    auto const& faults = scenario_.faults;
    if (calm_) return Luck::good;
    bool const saves = std::holds_alternative<effect::SaveState>(effect);
    if (chance_.percent(saves ? faults.save_failing : faults.failing)) return Luck::refused;
    if (!saves && chance_.percent(faults.unknown))
      return chance_.one_in(2) ? Luck::failed_but_done : Luck::failed_and_not_done;
    return Luck::good;
  }

  /// Does the first job of the lane; its answer comes a little later.
  void carry_out(std::string const& lane) {
    auto job = std::move(lanes_.at(lane).front());
    lanes_.at(lane).pop_front();
    auto answer = deed(job);
    if (outcome_.problem.empty() && !calm_ && scenario_.faults.crashes > 0 && chance_.one_in(400)) return crash();
    in_this_life(pause_before(job.effect), [this, lane, answer = std::move(answer), rest = std::move(job.rest)] {
      if (lanes_.at(lane).empty())
        lanes_.erase(lane);
      else
        begin(lane);
      if (!answer) return;
      auto const* saved = std::get_if<event::StateSaved>(&*answer);
      std::optional<core::Error> undone;
      if (saved != nullptr && !saved->outcome) undone = saved->outcome.error();
      tell(*answer);
      if (!undone) return run(rest);
      for (auto const& effect : rest)
        if (auto failure = core::failure_of(effect, *undone)) bring(milliseconds{1}, std::move(*failure));
    });
  }

  std::optional<core::Event> deed(Job const& job) {
    auto const luck = draw_luck(job.effect);
    if (trace_lines_ > 0) note("  * " + told(job.effect) + (luck == Luck::good ? "" : " (bad luck)"));
    judge_.before_deed(job.effect, luck == Luck::good || luck == Luck::failed_but_done, world_.now());
    if (job.state && luck == Luck::good) {
      saved_ = *job.state;
      saved_at_ = job.state_of;
      judge_.after_save(saved_, world_.now());
    }
    return world_.perform(job.effect, luck);
  }

  void start_daemon() {
    running_ = true;
    state_ = restored(saved_, saved_at_, world_.now(), chance_.word());
    saved_version_ = state_.version;
    save_armed_ = false;
    judge_.after_crash(state_, world_.now());
    if (trace_lines_ > 0) note("the daemon starts");
    show_beginning();
    tell(event::Tick{});
    if (calm_) set_right();
  }

  /// The daemon is killed. What had begun may yet be done, but nobody hears of it.
  void crash() {
    if (!running_) return;
    if (trace_lines_ > 0) note("the daemon is killed");
    running_ = false;
    ++life_;
    auto const lanes = std::exchange(lanes_, {});
    for (auto const& [lane, jobs] : lanes)
      if (!jobs.empty() && chance_.one_in(3)) (void)deed(jobs.front());
    after(chance_.between(seconds{1}, chance_.one_in(3) ? seconds{1200} : seconds{20}), [this] { start_daemon(); });
  }

  // Trouble. ---

  void plan_trouble() {
    for (std::int64_t i = 0; i < scenario_.tasks; ++i)
      after(chance_.between(seconds{1}, scenario_.faulty_for + scenario_.calm_for / 2),
            [this] { world_.write_task(); });
    after({}, [this] { look_for_trouble(); });
  }

  void sometime(std::int64_t percent, std::function<void()> what) {
    if (chance_.percent(percent))
      after(chance_.between(seconds{0}, seconds{899}), [this, what = std::move(what)] {
        if (!calm_) what();
      });
  }

  void look_for_trouble() {
    auto const& faults = scenario_.faults;
    if (!config_.sessions.adopt.empty()) world_.make_adopted_session();
    // A fleet without work meets no wall.
    for (int i = 0; i < 4; ++i) after(chance_.between(seconds{0}, seconds{899}), [this] { world_.type_by_hand(); });
    after(minutes{15}, [this] { look_for_trouble(); });
    if (calm_) return;
    sometime(faults.crashes, [this] { crash(); });
    sometime(faults.deaths, [this] { world_.kill_an_agent(); });
    sometime(faults.tmux_ends, [this] { world_.end_tmux(); });
    sometime(faults.tmux_mute,
             [this] { world_.mute_tmux(world_.now().mono + chance_.between(seconds{5}, seconds{600})); });
    sometime(faults.clock_forward, [this] { set_clock(chance_.between(minutes{1}, minutes{180})); });
    sometime(faults.clock_back, [this] { set_clock(-chance_.between(minutes{1}, minutes{180})); });
    sometime(faults.operator_flips, [this] { world_.flip_by_hand(); });
    if (chance_.one_in(3))
      sometime(100, [this] {
        for (auto const& account : world_.cure_accounts()) bring({}, event::AccountSwitched{account, true});
      });
    sometime(faults.operator_swaps, [this] { ask_for_a_swap(); });
    sometime(faults.operator_accounts, [this] { switch_an_account(); });
    sometime(faults.operator_brakes, [this] { brake_for_a_while(); });
    sometime(faults.operator_holds, [this] { hold_a_session(); });
    sometime(faults.operator_tasks, [this] { order_a_task(); });
    sometime(faults.reloads, [this] { reload(); });
    sometime(faults.persons, [this] { world_.type_by_hand(); });
    sometime(faults.drafts, [this] { world_.leave_a_draft(); });
  }

  void set_clock(Duration by) {
    if (trace_lines_ > 0) note("the clock is set by " + std::to_string(by.count() / 1000) + " s");
    world_.set_clock_by(by);
    if (by > Duration{}) judge_.after_clock_moved_forward(world_.now());
  }

  core::AccountName any_account() { return chance_.one_of(config_.accounts).name; }

  void ask_for_a_swap() { bring({}, event::SwapAsked{chance_.one_in(3) ? core::AccountName{} : any_account()}); }

  void switch_an_account() {
    auto const account = any_account();
    if (!chance_.one_in(3)) bring({}, event::AccountSwitched{account, false});
    bring(chance_.between(minutes{1}, minutes{60}), event::AccountSwitched{account, true});
  }

  void brake_for_a_while() {
    bring({}, event::BrakeSet{true, "to look at it"});
    bring(chance_.between(minutes{1}, minutes{40}), event::BrakeSet{false, {}});
  }

  void hold_a_session() {
    if (state_.sessions.empty()) return;
    auto const session = std::next(state_.sessions.begin(), chance_.below(std::ssize(state_.sessions)))->first;
    bring({}, event::SessionSwitched{session, true});
    after(chance_.between(minutes{1}, minutes{60}), [this, session] { release(session); });
  }

  static bool lets_run_again(core::TaskOrder order, core::TaskPlace place) {
    using core::TaskOrder;
    using core::TaskPlace;
    if (order == TaskOrder::retry) return place == TaskPlace::held || place == TaskPlace::failed;
    return (order == TaskOrder::release && place == TaskPlace::held) ||
           (order == TaskOrder::fail && place == TaskPlace::claimed);
  }

  void order_a_task() {
    if (world_.tasks.empty()) return;
    auto& [task, known] = *std::next(world_.tasks.begin(), chance_.below(std::ssize(world_.tasks)));
    auto const order = static_cast<core::TaskOrder>(chance_.below(6));
    if (lets_run_again(order, known.file.place)) ++known.orders;
    bring({}, event::TaskAsked{task, order, "says the operator"});
  }

  void release(core::SessionName const& session) {
    world_.pardon(session);
    bring({}, event::SessionSwitched{session, false});
  }

  /// The operator takes back all that he has asked for.
  void set_right() {
    bring({}, event::BrakeSet{false, {}});
    for (auto const& [session, known] : state_.sessions)
      if (known.held_by_operator) release(session);
    auto const cured = world_.cure_accounts();
    for (auto const& [name, account] : state_.accounts) {
      bool const refused =
          account.kind == core::StandingKind::spend_blocked || account.kind == core::StandingKind::auth_broken;
      bool const was_cured = std::find(cured.begin(), cured.end(), name) != cured.end();
      if (account.disabled || refused || was_cured) bring({}, event::AccountSwitched{name, true});
    }
  }

  void reload() {
    config_.sessions.pool.size = chance_.between(1, scenario_.config.sessions.pool.size);
    auto& account = config_.accounts[static_cast<std::size_t>(chance_.below(std::ssize(config_.accounts)))];
    account.disabled = !account.disabled;
    engine_ = core::Engine(config_, reader_, {});
    if (trace_lines_ > 0) note("account " + account.name.str() + (account.disabled ? " is disabled" : " is enabled"));
    show_beginning();
    if (running_) tell(event::Reloaded{});
  }

  void calm_down() {
    if (trace_lines_ > 0) note("the faults stop");
    calm_ = true;
    world_.end_faults();
    judge_.faults_end();
    world_.mute_tmux({});
    set_clock(world_.true_wall(world_.now().mono) - world_.now().wall);
    config_ = scenario_.config;
    engine_ = core::Engine(config_, reader_, {});
    show_beginning();
    if (!running_) return;
    tell(event::Reloaded{});
    set_right();
  }

  /// How the engine sees a session, for whoever reads the trace of a failure.
  static std::string session_line(core::SessionName const& name, core::SessionState const& session) {
    std::string line = "  " + name.str() + " " + std::string(to_string(session.phase)) + " on " + session.account.str();
    if (session.recovery) line += ", recovery " + std::string(to_string(session.recovery->step));
    if (session.suspicion) line += session.suspicion->refuted ? ", refuted" : ", suspected";
    if (session.busy_with_effect) line += ", waits for an answer";
    if (session.task) line += ", task " + session.task->str();
    if (!session.hold_reason.empty()) line += ", held: " + session.hold_reason;
    return line;
  }

  void blame(std::string problem) {
    if (!outcome_.problem.empty()) return;
    for (auto const& [name, session] : state_.sessions) note(session_line(name, session));
    note("!! " + problem);
    outcome_.problem = std::move(problem);
  }

  void note(std::string const& line) {
    if (trace_lines_ == 0) return;
    auto const now = world_.now();
    lines_.push_back(std::to_string(outcome_.step) + " +" +
                     std::to_string((now.mono.time_since_epoch()).count() / 1000) + "s " + line);
    if (lines_.size() > trace_lines_) lines_.pop_front();
  }

  Witness witness_;
  core::AgentReader reader_;
  Outcome outcome_ = {};
  Chance chance_;
  Scenario scenario_;
  core::Config config_;  ///< the daemon's, which a reload replaces
  core::Engine engine_;  ///< with that configuration
  std::map<std::pair<MonoTime, std::int64_t>, std::function<void()>> agenda_ = {};
  std::int64_t next_ = 0;
  std::deque<std::string> lines_ = {};
  World world_;
  Judge judge_;
  core::State state_ = {};
  core::State saved_ = {};
  core::Now saved_at_ = {};
  std::map<std::string, std::deque<Job>> lanes_ = {};
  std::uint64_t saved_version_ = 0;
  bool save_armed_ = false;
  bool running_ = false;
  bool calm_ = false;
  std::int64_t life_ = 0;
  std::size_t trace_lines_ = 0;
};

}  // namespace

Outcome simulate(std::uint64_t seed, std::size_t trace_lines, Witness witness) {
  return Run(seed, trace_lines, std::move(witness)).go();
}

}  // namespace failover::sim
