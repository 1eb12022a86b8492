#include "test/sim/restored.hpp"

#include "core/quota_policy.hpp"

namespace failover::sim {

core::State restored(core::State saved, core::Now saved_at, core::Now now, std::uint64_t entropy) {
  auto const present = core::present_of_saved(saved_at.wall, now);
  auto const again = [&](core::Moment& moment) {
    if (moment != core::Moment{}) moment = core::restored(core::by_present_clock(moment, saved_at), present);
  };
  saved.live = {};
  saved.live.entropy = entropy;
  saved.live.saved_at = saved_at.wall;
  again(saved.active_since);
  again(saved.brake.since);
  if (saved.choice) again(saved.choice->at);
  if (saved.frozen_since) again(*saved.frozen_since);
  for (auto& [name, account] : saved.accounts) {
    account.until = core::release_of(account, saved_at);
    again(account.since);
    if (account.use) again(account.use->told);
  }
  for (auto& [name, session] : saved.sessions) {
    again(session.since);
    again(session.account_since);
    for (auto& start : session.starts) again(start);
    for (auto& seen : session.observations) again(seen.first_seen);
    if (session.recovery) {
      again(session.recovery->began);
      again(session.recovery->step_since);
    }
    session.reading.reset();
    session.read_at = {};
    session.changed_at = {};
    session.seen_to_change = false;
    session.suspicion.reset();
    session.process = 0;
    session.ended = 0;
    session.stale_looks = 0;
    session.stale_listing = false;
    session.watching = {};
    session.bare_shell = false;
    session.surplus = false;
    session.end_tried = {};
    session.typed_at.reset();
    session.told_of_person = false;
    session.process_cwd.clear();
    session.project.clear();
    session.busy_with_effect = false;
    session.refused_prompt.reset();
  }
  for (auto& [id, task] : saved.tasks) {
    again(task.claimed_at);
    again(task.given_at);
    again(task.doubt_since);
    if (task.stop) again(task.stop->at);
    if (task.stands_since) again(*task.stands_since);
  }
  for (auto& [id, comeback] : saved.comebacks) again(comeback.at);
  auto const swap_again = [&](core::Swap& swap) {
    again(swap.decided);
    if (swap.ended) again(*swap.ended);
  };
  if (saved.swap) swap_again(*saved.swap);
  for (auto& swap : saved.past_swaps) swap_again(swap);
  for (auto& entry : saved.outbox) {
    again(entry.created);
    again(entry.next_try);
    entry.sending = false;
  }
  return saved;
}

}  // namespace failover::sim
