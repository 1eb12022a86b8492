#include "core/candidates.hpp"
#include "core/evidence.hpp"
#include "core/quota_policy.hpp"
#include "test/sim/judge.hpp"

#include <algorithm>

/// Safety of what changes the account: to where, how often, and against whose will.
namespace failover::sim {

namespace event = core::event;
using core::SwapCause;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

std::string real_path(core::State const& state, core::AccountName const& name) {
  for (auto const& directory : state.live.accounts.directories)
    if (directory.name == name) return directory.real_path;
  return {};
}

core::Swap const* newest_swap(core::State const& state) {
  if (state.swap) return &*state.swap;
  return state.past_swaps.empty() ? nullptr : &state.past_swaps.back();
}

std::string words(Made const& made) {
  return "swap " + std::to_string(made.id) + " from " + made.from.str() + " to " + made.to.str() + " (" +
         std::string(to_string(made.cause)) + ")";
}

}  // namespace

/// A person moved the link, or asked for a swap.
void Judge::take_choice(core::State const& state, core::Event const& event, core::Now now) {
  if (auto const* asked = std::get_if<event::SwapAsked>(&event)) {
    auto const* const swap = newest_swap(state);
    bool const taken = swap != nullptr && swap->id > newest_ && swap->cause == SwapCause::operator_asked;
    if (taken && (asked->to.empty() || asked->to == swap->to)) chosen_ = Choice{swap->to, now.mono};
  }
  auto const before = std::exchange(active_, state.active);
  if (before != active_) active_learned_ = now.mono;
  if (!std::holds_alternative<event::AccountsRead>(event) || before == state.active || before.empty()) return;
  bool const by_hand = world_.by_hand && world_.by_hand != std::exchange(by_hand_, world_.by_hand);
  // Where a swap of ours led to the same place, nobody can tell whose move it was.
  bool const ours = !plans_.empty() && plans_.rbegin()->second.to == state.active;
  if (by_hand && !ours && state.active == world_.linked()) chosen_ = Choice{state.active, *by_hand_};
}

void Judge::check_swap(core::Config const& config, core::State const& state, core::Event const& event, core::Now now) {
  auto const* const swap = newest_swap(state);
  if (swap == nullptr || swap->id <= newest_) return;
  newest_ = swap->id;
  Made const made{swap->id, swap->from, swap->to, swap->cause, now.mono, {}, false};
  plans_[made.id] = made;
  check_goal(config, state, made.from, made.to);
  if (braked_) blame_(words(made) + " is begun with the brake on");
  if (made.cause != SwapCause::operator_asked) return check_restraint(config, state, made);
  if (!std::holds_alternative<event::SwapAsked>(event)) blame_(words(made) + ", and nobody asked for it");
}

void Judge::check_goal(core::Config const& config, core::State const& state, core::AccountName const& from,
                       core::AccountName const& to) {
  auto const* const account = core::find_account(config, to);
  if (account == nullptr) return blame_("a swap to " + to.str() + ", which is no account");
  if (account->disabled) blame_("a swap to " + to.str() + ", which is disabled");
  auto const standing = state.accounts.find(to);
  if (standing != state.accounts.end()) {
    if (standing->second.disabled) blame_("a swap to " + to.str() + ", which the operator has disabled");
    if (standing->second.kind != core::StandingKind::available)
      blame_("a swap to " + to.str() + ", which is " + std::string(to_string(standing->second.kind)));
  }
  for (auto const& directory : state.live.accounts.directories)
    if (directory.name == to && (!directory.present || !directory.logged_in))
      blame_("a swap to " + to.str() + ", which is not there");
  auto const path = real_path(state, to);
  if (!path.empty() && path == real_path(state, from)) blame_("a swap to the same login: " + to.str());
}

std::vector<Made> Judge::made_before(std::int64_t id) const {
  std::vector<Made> made;
  for (auto const& [other, one] : made_)
    if (other < id) made.push_back(one);
  return made;
}

void Judge::check_restraint(core::Config const& config, core::State const& state, Made const& made) {
  auto const& switching = config.switching;
  auto const within = [&](core::MonoTime since, core::Duration length) {
    return made.decided - since < length && !clock_misled(since, made.decided);
  };
  if (chosen_ && chosen_->account == made.from && made.cause != SwapCause::disabled &&
      within(chosen_->at, switching.dwell))
    blame_(words(made) + " overrides the operator's choice");
  bool const eases = made.cause == SwapCause::leaving_early || made.cause == SwapCause::disabled;
  for (auto const& [name, session] : state.sessions) {
    auto const shown = shown_.find(name);
    bool const in_a_turn = shown != shown_.end() && (shown->second == "working" || shown->second == "permission");
    if (eases && in_a_turn && session.pane && session.account == made.from)
      blame_(words(made) + " in the middle of a turn of " + name.str());
  }
  auto const earlier = made_before(made.id);
  if (earlier.empty()) return;
  auto const& last = earlier.back();
  bool const link_stands = !world_.by_hand || *world_.by_hand < last.decided;
  bool const back = last.done && last.from == made.to && last.to == made.from && link_stands;
  bool const told_to = made.cause == SwapCause::disabled || made.cause == SwapCause::operator_asked;
  if (back && !told_to && within(last.decided, switching.dwell))
    blame_(words(made) + " goes straight back within the dwell");
  if (made.cause == SwapCause::leaving_early && last.done && within(last.decided, switching.dwell))
    blame_(words(made) + " leaves early within the dwell");
  if (earlier.size() < 2) return;
  auto const& first = earlier[earlier.size() - 2];
  bool const by_itself = first.cause != SwapCause::operator_asked && last.cause != SwapCause::operator_asked;
  if (back && by_itself && first.done && first.from == made.from && first.to == made.to &&
      within(first.decided, hours{1}))
    blame_(words(made) + " makes a ping-pong");
}

void Judge::check_flip(core::Config const& config, core::State const& state, core::effect::FlipLink const& flip) {
  if (!state.swap) return blame_("the link is moved without a swap");
  if (state.swap->to != flip.to) blame_("the link is moved to another account than the swap's");
  check_goal(config, state, state.swap->from, flip.to);
}

bool Judge::clock_misled(core::MonoTime from, core::MonoTime to) const {
  auto const within = [&](auto const& instants) {
    return std::any_of(instants.begin(), instants.end(), [&](auto at) { return at >= from && at <= to; });
  };
  return within(forward_) && within(crashes_);
}

core::Duration Judge::away_within(core::MonoTime from, core::MonoTime to) const {
  core::Duration sum{};
  for (auto const& [died, back] : away_)
    sum += std::max(std::min(back, to) - std::max(died, from), core::Duration::zero());
  return sum;
}

/// What stops a turn within some seconds of a move of the link is taken for the left account's.
bool Judge::met_at_a_move(core::AccountName const& left, core::SessionName const& session) const {
  auto const agent = world_.agents.find(session);
  if (agent == world_.agents.end()) return false;
  // The answer of the move may be late; without a transcript a turn may begin and end between two looks.
  auto const unseen =
      scenario_.transcripts ? core::longest_request + std::chrono::seconds{45} : core::Duration{minutes{10}};
  return std::any_of(made_.begin(), made_.end(), [&](auto const& entry) {
    auto since = agent->second.met - entry.second.carried_out;
    // Nor does the daemon look while it is away.
    if (!scenario_.transcripts) since -= away_within(entry.second.carried_out, agent->second.met);
    return entry.second.from == left && since >= core::Duration::zero() && since < unseen;
  });
}

/// The plan was carried out, or tried to be.
void Judge::take_effect(Made made, bool done, core::Now now) {
  auto const known = made_.find(made.id);
  bool const again = known != made_.end();
  made.carried_out = now.mono;
  made.done = done || (again && known->second.done);
  made_[made.id] = made;
  if (!again && made.cause != SwapCause::operator_asked) check_budgets(made);
}

void Judge::after_save(core::State const& saved, core::Now now) {
  if (config_.switching.mode == core::SwitchMode::link) return;
  auto const* const swap = newest_swap(saved);
  if (swap == nullptr || !plans_.contains(swap->id) || made_.contains(swap->id)) return;
  ++tally_.flips;
  take_effect(plans_.at(swap->id), true, now);
}

void Judge::check_budgets(Made const& made) {
  auto const earlier = made_before(made.id);
  for (auto const& before : earlier)
    if (made.decided - before.decided < config_.quota.reactivate_cooldown &&
        !clock_misled(before.decided, made.decided))
      blame_(words(made) + " inside the cooldown of " + words(before));
  auto const check_budget = [&](core::Duration window, std::int64_t most, std::string const& name) {
    if (clock_misled(made.decided - window, made.decided)) return;
    auto const recent = std::count_if(earlier.begin(), earlier.end(), [&](Made const& before) {
      return before.decided > made.decided - window && before.cause != SwapCause::operator_asked;
    });
    if (recent >= most) blame_("more swaps than " + name + " allows");
  };
  check_budget(hours{1}, config_.switching.max_per_hour, "max_per_hour");
  check_budget(hours{24}, config_.switching.max_per_day, "max_per_day");
}

}  // namespace failover::sim
