#include "core/looking.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace failover::core {
namespace {

/// While something waits for a screen.
constexpr Duration close_look = std::chrono::milliseconds{500};
/// Two looks at a program that goes on drawing: the second may follow the first at once, for what is drawn last counts.
constexpr Duration two_busy_looks = std::chrono::milliseconds{250};
/// A program that has drawn on for so long goes on: all such are looked at together, and no hint of each is taken.
constexpr Duration drawn_on = std::chrono::seconds{5};
constexpr Duration drawing_look = std::chrono::seconds{1};
constexpr Duration drawing_early = std::chrono::milliseconds{500};  ///< before its time, to go with the others
constexpr std::size_t drawing_at_once = 64;
/// Looks that are further apart do not tell whether it drew in between.
constexpr Duration close_looks = std::chrono::seconds{2};
/// The next look waits for this one, so where many programs draw at once it is at some of their screens.
constexpr std::size_t looks_at_once = 16;
constexpr int unread_polls = 10;
/// Between two listings, however often panes come and go.
constexpr Duration busy_listing = std::chrono::milliseconds{250};
constexpr Duration settle_look = std::chrono::seconds{2};

/// Its turn tries an account for all the others.
bool is_a_probe(State const& state, SessionState const& session) {
  auto const account = state.accounts.find(session.account);
  return session.phase == Phase::working && account != state.accounts.end() && account->second.unproven;
}

/// Time alone changes what its screen means, or it must be seen soon whatever hints say.
bool waits_for_a_screen(State const& state, SessionState const& session) {
  return session.phase == Phase::starting || session.recovery || (session.suspicion && !session.suspicion->refuted) ||
         !session.reading || is_a_probe(state, session);
}

MonoTime due(std::optional<Moment> const& last, Duration interval) {
  return last ? last->mono + interval : MonoTime{};
}

/// Whether its last rows are enough: they show that it works on, or it is read whole at once.
bool tail_is_enough(State const& state, SessionState const& session) {
  auto const& watching = session.watching;
  return watching.draws_on && !watching.whole_wanted && !waits_for_a_screen(state, session) &&
         session.reading->works_from > 0;
}

/// Since when something must have been written for this screen to be read again, where tmux can be asked; of a screen
/// with a time of reset the clock alone changes what it means. Where screens are asked for more often than panes, and
/// now and then, it is read whatever tmux says.
std::optional<WallTime> read_if_written(Config const& config, State const& state, SessionState const& session,
                                        Now now) {
  auto const& read = session.watching.read_whole;
  auto const& interval = config.quota.poll_interval;
  if (!read || waits_for_a_screen(state, session) || session.reading->seen.resets_at) return std::nullopt;
  if (interval < config.tmux.sweep || elapsed(*read, now) >= unread_polls * interval) return std::nullopt;
  return std::min(read->wall, by_present_clock(*read, now));  // a clock that was set hides nothing
}

/// When this screen alone is due, before all of them are.
std::optional<MonoTime> screen_due(Config const& config, State const& state, SessionState const& session) {
  if (!session.pane || session.bare_shell) return std::nullopt;
  auto const& last = session.watching.looked_at.mono;
  bool const close = waits_for_a_screen(state, session);
  bool const whole = session.watching.whole_wanted;
  if (!close && !whole && session.watching.draws_on) return last + std::min(drawing_look, config.quota.poll_interval);
  if (whole || session.watching.look_wanted)
    return session.watching.looked_before.mono + std::min(two_busy_looks, config.quota.poll_interval);
  if (close) return last + std::min(close_look, config.quota.poll_interval);
  return std::nullopt;
}

/// A look at everything of its kind.
struct Round {
  std::optional<Moment> last = {};
  Duration interval = {};
  bool under_way = false;
};

Round listing_round(Config const& config, Live const& live) {
  auto const down = live.tmux_up == false;
  auto const interval = down ? std::min(down_look, config.tmux.sweep) : config.tmux.sweep;
  return {live.listed_at, live.panes_changed ? std::min(busy_listing, interval) : interval, live.listing_panes};
}

Round accounts_round(Config const& config, Live const& live) {
  return {live.accounts_asked, config.tmux.sweep, live.reading_accounts};
}

Round screens_round(Config const& config, Live const& live) {
  return {live.captured_at, config.quota.poll_interval, live.capturing || !live.tmux_up.value_or(false)};
}

/// A task that was written where it lies gives one hint when it is closed, too early to be taken.
Round queue_round(Config const& config, Live const& live) {
  if (live.queue_dirty) return {std::nullopt, {}, live.scanning_queue};
  auto const& rescan = config.dispatcher.rescan;
  return {live.scanned_at, live.queue.settling > 0 ? std::min(settle_look, rescan) : rescan, live.scanning_queue};
}

MonoTime due(Round const& round) {
  return due(round.last, round.interval);
}

bool begins(Round const& round, MonoTime now) {
  return !round.under_way && due(round) <= now;
}

/// Rounds that are due shortly after another one begin with it: each wakes the processor.
bool may_join(Round const& round, MonoTime now) {
  auto const early = std::min<Duration>(std::chrono::seconds{1}, round.interval / 10);
  return !round.under_way && due(round) - early <= now;
}

void ask_for_listing(Step& step) {
  auto& live = step.state.live;
  live.listing_panes = true;
  live.panes_changed = false;
  std::vector<ProcessRef> processes;
  for (auto const& [name, session] : step.state.sessions)
    if (session.process != 0) processes.push_back({session.process, session.watching.started});
  step.ask(effect::ListPanes{std::move(processes)});
}

void keep_the_longest_unseen(std::vector<SessionState*>& sessions, std::size_t most) {
  std::stable_sort(sessions.begin(), sessions.end(), [](auto const* one, auto const* other) {
    return one->watching.looked_at.mono < other->watching.looked_at.mono;
  });
  if (sessions.size() > most) sessions.resize(most);
}

/// Those whose screens are due, the one first that was not looked at for the longest time; those that draw on all
/// together, after the others.
std::vector<SessionState*> due_for_a_look(Step& step) {
  std::vector<SessionState*> due;
  std::vector<SessionState*> drawing;
  bool drawing_due = false;
  for (auto& [name, session] : step.state.sessions) {
    auto const own = screen_due(step.config, step.state, session);
    bool const draws = session.watching.draws_on && !session.watching.whole_wanted;
    if (!own || *own > step.now.mono + (draws ? drawing_early : Duration{})) continue;
    drawing_due |= draws && *own <= step.now.mono;
    (draws ? drawing : due).push_back(&session);
  }
  keep_the_longest_unseen(due, looks_at_once);
  if (!drawing_due) return due;
  keep_the_longest_unseen(drawing, drawing_at_once);
  due.insert(due.end(), drawing.begin(), drawing.end());
  return due;
}

std::vector<SessionState*> with_a_pane(State& state) {
  std::vector<SessionState*> sessions;
  for (auto& [name, session] : state.sessions)
    if (session.pane) sessions.push_back(&session);
  return sessions;
}

/// All screens, or those that are due.
void ask_for_screens(Step& step, bool all) {
  auto& live = step.state.live;
  effect::CapturePanes look;
  for (auto* const session : all ? with_a_pane(step.state) : due_for_a_look(step)) {
    look.panes.push_back(*session->pane);
    // One that stood still may have ended: hints count again, and then another such look ends it.
    if (session->watching.draws_on && !session->watching.stood_still) look.drawing.push_back(*session->pane);
    if (!all && tail_is_enough(step.state, *session)) look.tails.emplace(*session->pane, session->reading->works_from);
    if (auto const since = all ? read_if_written(step.config, step.state, *session, step.now) : std::nullopt)
      look.if_written.emplace(*session->pane, *since);
    session->watching.look_wanted = false;
    session->watching.whole_wanted = false;
    session->watching.in_look = true;
    session->watching.looked_before = std::exchange(session->watching.looked_at, step.now);
  }
  if (look.panes.empty()) return;
  live.capturing = true;
  live.capturing_all = all;
  step.ask(std::move(look));
}

std::optional<MonoTime> screens_due(Config const& config, State const& state) {
  std::optional<MonoTime> next;
  for (auto const& [name, session] : state.sessions) {
    if (!session.pane) continue;
    auto const all = due(state.live.captured_at, config.quota.poll_interval);
    auto const own = screen_due(config, state, session).value_or(all);
    next = std::min({next.value_or(own), own, all});
  }
  return next;
}

}  // namespace

void note_tmux(Step& step, bool up, std::string_view problem) {
  auto& live = step.state.live;
  live.tmux_problem = problem;
  if (std::exchange(live.tmux_up, up) != up) step.changed();
}

bool rests(SessionState const& session, Now now) {
  auto const& watching = session.watching;
  bool const changes = watching.look_wanted || watching.in_look || watching.draws_on;  // then no hint would have come
  return !changes && session.reading && session.reading->seen.state == ScreenState::idle &&
         elapsed(session.read_at, now) <= fresh_look;
}

void want_look(SessionState& session) {
  session.watching.look_wanted = true;
}

void want_whole_look(SessionState& session) {
  session.watching.whole_wanted = true;
}

void note_drawn(SessionState& session, Screen const& screen, Now now) {
  auto& watching = session.watching;
  bool const hints_wanted = !watching.draws_on || watching.stood_still;
  bool const close = watching.looked_at.mono - watching.looked_before.mono <= close_looks;
  if (screen.unchanged && hints_wanted)
    watching.drawn_since.reset();
  else if (!watching.drawn_since || !close)
    watching.drawn_since = now;
  watching.stood_still = screen.unchanged;
  watching.draws_on = watching.drawn_since && elapsed(*watching.drawn_since, now) >= drawn_on;
  if (!hints_wanted && !watching.draws_on) want_look(session);  // of what was written meanwhile nobody told
}

void look_around(Step& step) {
  auto& live = step.state.live;
  auto const now = step.now.mono;
  if (live.stopping) return;
  auto const listing = listing_round(step.config, live);
  auto const accounts = accounts_round(step.config, live);
  auto const screens = screens_round(step.config, live);
  auto const queue = queue_round(step.config, live);
  bool const company = begins(listing, now) || begins(accounts, now) || begins(screens, now) || begins(queue, now);
  if (company && may_join(accounts, now)) {
    live.reading_accounts = true;
    live.accounts_asked = step.now;
    step.ask(effect::ReadAccounts{});
  }
  if (company && may_join(listing, now)) ask_for_listing(step);
  if (!screens.under_way) ask_for_screens(step, company && may_join(screens, now));
  if (company && may_join(queue, now)) {
    live.scanning_queue = true;
    live.queue_dirty = false;
    step.ask(effect::ScanQueue{});
  }
}

std::optional<MonoTime> look_deadline(Config const& config, State const& state) {
  auto const& live = state.live;
  if (live.stopping) return std::nullopt;
  std::optional<MonoTime> next;
  auto const consider = [&](std::optional<MonoTime> at) {
    if (at) next = next ? std::min(*next, *at) : at;
  };
  for (auto const& round : {listing_round(config, live), accounts_round(config, live), queue_round(config, live)})
    if (!round.under_way) consider(due(round));
  if (!screens_round(config, live).under_way) consider(screens_due(config, state));
  return next;
}

}  // namespace failover::core
