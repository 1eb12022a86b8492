#include "core/drift_watch.hpp"

#include "core/notices.hpp"

#include <algorithm>
#include <utility>

namespace failover::core {
namespace {

constexpr Duration login_is_old = std::chrono::hours{24 * 27};
constexpr Duration change_is_news = std::chrono::hours{24};

bool same_place(Drift const& one, Drift const& other) {
  return one.kind == other.kind && one.accounts == other.accounts;
}

bool stands_in(std::vector<Drift> const& drifts, Drift const& drift) {
  return std::any_of(drifts.begin(), drifts.end(), [&](auto const& each) { return same_place(each, drift); });
}

std::map<AccountName, std::string> known_logins(State const& state) {
  std::map<AccountName, std::string> logins;
  for (auto const& [name, account] : state.accounts) logins[name] = account.identity;
  return logins;
}

std::string accounts_of(Drift const& drift) {
  std::string names;
  for (auto const& name : drift.accounts) names += (names.empty() ? "" : ",") + name.str();
  return names;
}

void tell_drift(Step& step, Drift const& drift) {
  Step::Fields fields{{"kind", std::string(to_string(drift.kind))}, {"detail", drift.text}};
  if (!drift.accounts.empty()) fields.emplace_back("accounts", accounts_of(drift));
  step.log(LogLevel::warning, "drift", std::move(fields));
  if (!is_severe(drift.kind)) return;
  bool const one = drift.accounts.size() == 1;
  std::string const where = drift.accounts.empty() ? "switch link" : one ? "account " + accounts_of(drift) : "accounts";
  tell(step, "Something changed on disk: " + where, drift.text + ".");
}

void log_gone(Step& step, Drift const& drift) {
  Step::Fields fields{{"kind", std::string(to_string(drift.kind))}};
  if (!drift.accounts.empty()) fields.emplace_back("accounts", accounts_of(drift));
  step.log(LogLevel::info, "drift gone", std::move(fields));
}

/// The change itself shows at one look only: by the next, the new login is the one that is known.
void keep_fresh_changes(Step& step, std::vector<Drift>& found) {
  for (auto const& drift : step.state.live.drifts) {
    if (drift.kind != DriftKind::login_changed || stands_in(found, drift)) continue;
    auto const account = step.state.accounts.find(drift.accounts.front());
    if (account == step.state.accounts.end() || find_account(step.config, account->first) == nullptr) continue;
    auto const& state = account->second;
    if (state.login_seen != WallTime{} && step.now.wall - state.login_seen < change_is_news) found.push_back(drift);
  }
}

void begin_login(Step& step, AccountState& account, WallTime seen) {
  account.login_seen = seen;
  account.login_warned = false;
  step.changed();
}

void note_login(Step& step, AccountDirectory const& directory) {
  auto& accounts = step.state.accounts;
  auto known = accounts.find(directory.name);
  if (!directory.logged_in) {
    // An empty file may be one that is being written.
    bool const out = directory.present && directory.credentials != Credentials::empty_file;
    if (out && known != accounts.end() && known->second.login_seen != WallTime{})
      begin_login(step, known->second, WallTime{});
    return;
  }
  if (directory.identity.empty()) return;
  if (known == accounts.end()) known = accounts.emplace(directory.name, AccountState{}).first;
  auto& account = known->second;
  bool const same = account.identity == directory.identity;
  account.identity = directory.identity;
  auto const written = directory.credentials_written.value_or(WallTime{});
  if (account.login_written != written) step.changed();
  account.login_written = written;
  if (!same || account.login_seen == WallTime{}) begin_login(step, account, step.now.wall);
}

void warn_of_old_login(Step& step, AccountName const& name) {
  auto const account = step.state.accounts.find(name);
  if (account == step.state.accounts.end()) return;
  auto& state = account->second;
  if (state.login_seen == WallTime{} || state.login_warned) return;
  auto const age = step.now.wall - state.login_seen;
  if (age < login_is_old) return;
  state.login_warned = true;
  step.changed();
  auto const days = std::to_string(std::chrono::floor<std::chrono::hours>(age).count() / 24);
  step.log(LogLevel::warning, "a login is old", {{"account", name.str()}, {"days", days}});
  tell(step, "The login of account " + name.str() + " is " + days + " days old",
       "Logins end after about 30 days: log in there again before it expires.");
}

/// An agent writes whose login it began with into whatever directory the link leads to by then. A login is another one
/// only where its credentials were written, too.
void keep_known_identities(State& state) {
  for (auto& directory : state.live.accounts.directories) {
    auto const known = state.accounts.find(directory.name);
    if (known == state.accounts.end() || known->second.identity.empty() || directory.identity.empty()) continue;
    auto const written = known->second.login_written;
    if (written != WallTime{} && directory.credentials_written == written) directory.identity = known->second.identity;
  }
}

}  // namespace

void note_drift(Step& step) {
  auto& live = step.state.live;
  if (live.accounts.directories.empty()) return;
  keep_known_identities(step.state);
  auto found = find_drift(step.config, live.accounts, known_logins(step.state));
  for (auto const& directory : live.accounts.directories) {
    auto const* account = find_account(step.config, directory.name);
    if (account == nullptr) continue;
    note_login(step, directory);
    if (!account->disabled) warn_of_old_login(step, directory.name);
  }
  keep_fresh_changes(step, found);
  for (auto const& drift : found)
    if (!stands_in(live.drifts, drift)) tell_drift(step, drift);
  for (auto const& drift : live.drifts)
    if (!stands_in(found, drift)) log_gone(step, drift);
  if (live.drifts == found) return;
  live.drifts = std::move(found);
  step.changed();
}

}  // namespace failover::core
