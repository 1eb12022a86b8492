#include "core/quota_policy.hpp"

#include "core/notices.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>

namespace failover::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// Walls tell their end to the minute, so one that ends "now" may stand for the rest of it. Without this a wall whose
/// minute has come would be probed again and again.
constexpr Duration shortest_exhaustion = minutes{1};

void count_detection(Step& step, std::string const& rule, std::string_view verdict) {
  ++step.state.counters.detections[rule + "\n" + std::string(verdict)];
}

/// The one line from which a false alarm can be understood later.
void forensic_line(Step& step, SessionName const& name, AccountName const& account, Classification const& wall,
                   std::string_view verdict) {
  step.log(LogLevel::warning, "quota wall",
           {{"verdict", std::string(verdict)},
            {"account", account.str()},
            {"trigger_session", name.str()},
            {"rule", wall.rule},
            {"snippet", wall.evidence.text},
            {"resets_at", wall.resets_at ? to_rfc3339(*wall.resets_at) : "unknown"}});
}

/// True once the suspicion has become a certainty.
bool confirmed_without_reset(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  if (!session.suspicion) {
    session.suspicion = Suspicion{reading.turn_hash, step.now, 1};
    count_detection(step, reading.seen.rule, "suspected");
    forensic_line(step, name, session.account, reading.seen, "suspected");
    return false;
  }
  auto& suspicion = *session.suspicion;
  if (suspicion.turn_hash != reading.turn_hash) {
    suspicion.turn_hash = reading.turn_hash;
    ++suspicion.looks;
  }
  return suspicion.looks >= step.config.quota.confirm_polls ||
         elapsed(suspicion.first_seen, step.now) >= step.config.quota.settle;
}

std::int64_t blocked_on(State const& state, AccountName const& account) {
  return std::count_if(state.sessions.begin(), state.sessions.end(), [&](auto const& entry) {
    return entry.second.phase == Phase::blocked && entry.second.account == account;
  });
}

void open_episode(Step& step, SessionName const& reporter, Classification const& wall, WallTime until, bool assumed) {
  auto const& name = step.state.sessions.at(reporter).account;
  auto& account = step.state.accounts[name];
  account.kind = StandingKind::exhausted;
  account.window = wall.window;
  account.until = until;
  account.until_assumed = assumed;
  account.since = step.now;
  account.rule = wall.rule;
  account.reported_by = reporter;
  ++account.exhausted_total;
  step.changed();
  step.log(LogLevel::warning, "account exhausted",
           {{"account", name.str()},
            {"window", std::string(to_string(wall.window))},
            {"until", to_rfc3339(until)},
            {"assumed", assumed ? "yes" : "no"}});
}

/// A spend limit without a reset is nothing that waiting cures: no invented time, one alert.
void block_for_spending(Step& step, SessionName const& name, Reading const& reading) {
  auto const& session = step.state.sessions.at(name);
  auto& account = step.state.accounts[session.account];
  set_phase(step, name, Phase::stalled, "spend limit");
  if (account.kind == StandingKind::spend_blocked) return;
  account.kind = StandingKind::spend_blocked;
  account.since = step.now;
  account.rule = reading.seen.rule;
  account.reported_by = name;
  step.changed();
  count_detection(step, reading.seen.rule, "spend");
  forensic_line(step, name, session.account, reading.seen, "spend");
  tell(step, "Account " + session.account.str() + " hit its spend limit",
       "Session " + name.str() + " reported it. Waiting does not cure this one; nothing was switched.");
}

}  // namespace

std::optional<WallTime> believable_reset(Classification const& wall, WallTime seen) {
  if (!wall.resets_at) return std::nullopt;
  WallTime resets = *wall.resets_at;
  bool const passed_just_now = resets > seen + hours{23} && resets <= seen + hours{24};
  if (passed_just_now && wall.window != Window::weekly && wall.window != Window::monthly) resets = seen;
  Duration const ahead = resets - seen;
  if (ahead < -hours{1}) return std::nullopt;
  if (wall.window == Window::five_hour && ahead > hours{5} + minutes{10}) return std::nullopt;
  if (wall.window == Window::weekly && ahead > hours{24 * 7 + 1}) return std::nullopt;
  if (ahead > hours{24 * 32}) return std::nullopt;
  return std::max(resets, seen);
}

void consider_wall(Step& step, SessionName const& name, Reading const& reading) {
  auto& session = step.state.sessions.at(name);
  auto const& wall = reading.seen;
  if (session.void_turn != 0 && reading.turn_hash == session.void_turn) {
    set_phase(step, name, Phase::blocked, "an older wall, of a former account");
    return;
  }
  if (session.phase == Phase::blocked) return;  // has been counted
  if (wall.scope == Scope::model) {
    if (session.phase != Phase::stalled) {
      count_detection(step, wall.rule, "model");
      forensic_line(step, name, session.account, wall, "model");
    }
    set_phase(step, name, Phase::stalled, "model limit");
    return;
  }
  if (wall.scope == Scope::spend && !wall.resets_at) return block_for_spending(step, name, reading);

  auto const reset = believable_reset(wall, step.now.wall);
  auto const known = step.state.accounts.find(session.account);
  bool const episode_open = known != step.state.accounts.end() && known->second.kind == StandingKind::exhausted;
  if (!reset && !episode_open && !confirmed_without_reset(step, name, reading)) return;

  WallTime const until =
      std::max(reset.value_or(step.now.wall + step.config.quota.default_reset), step.now.wall + shortest_exhaustion);
  session.suspicion.reset();
  session.blocked_until = episode_open ? known->second.until : until;
  set_phase(step, name, Phase::blocked, wall.rule);
  count_detection(step, wall.rule, episode_open ? "joined" : "confirmed");
  forensic_line(step, name, session.account, wall, episode_open ? "joined" : "confirmed");
  if (episode_open) return;
  auto const blocked = blocked_on(step.state, session.account);
  if (blocked >= step.config.quota.min_blocked_sessions) {
    open_episode(step, name, wall, until, !reset.has_value());
    return;
  }
  step.log(LogLevel::info, "waiting for more blocked sessions",
           {{"account", session.account.str()},
            {"blocked", std::to_string(blocked)},
            {"needed", std::to_string(step.config.quota.min_blocked_sessions)}});
}

void clear_suspicion(Step& step, SessionName const& name) {
  auto& session = step.state.sessions.at(name);
  if (!session.suspicion) return;
  session.suspicion.reset();
  step.log(LogLevel::info, "suspicion cleared", {{"session", name.str()}});
}

void release_accounts(Step& step) {
  for (auto& [name, account] : step.state.accounts) {
    if (account.kind != StandingKind::exhausted || account.until > step.now.wall) continue;
    Duration const lasted = elapsed(account.since, step.now);
    account.kind = StandingKind::available;
    account.window = Window::none;
    account.since = step.now;
    step.changed();
    step.log(LogLevel::info, "account available again", {{"account", name.str()}, {"after", spoken(lasted)}});
    tell(step, "Account " + name.str() + " is available again", "It was spent for " + spoken(lasted) + ".");
  }
}

bool usable(Config const& config, State const& state, AccountName const& name) {
  auto const* configured = find_account(config, name);
  if (configured == nullptr || configured->disabled) return false;
  auto const known = state.accounts.find(name);
  if (known != state.accounts.end() && known->second.kind != StandingKind::available) return false;
  auto const& directories = state.live.accounts.directories;
  return std::any_of(directories.begin(), directories.end(), [&](auto const& directory) {
    return directory.name == name && directory.present && directory.logged_in;
  });
}

std::optional<WallTime> earliest_release(State const& state) {
  std::optional<WallTime> earliest;
  for (auto const& [name, account] : state.accounts)
    if (account.kind == StandingKind::exhausted && (!earliest || account.until < *earliest)) earliest = account.until;
  return earliest;
}

}  // namespace failover::core
