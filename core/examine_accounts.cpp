#include "core/examine_accounts.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr std::string_view claude_variable = "CLAUDE_CONFIG_DIR";

bool is_of_link(DriftKind kind) {
  switch (kind) {
    case DriftKind::link_is_directory:
    case DriftKind::link_missing:
    case DriftKind::link_loop:
    case DriftKind::link_to_link:
    case DriftKind::link_dangling:
    case DriftKind::link_foreign:
      return true;
    case DriftKind::directory_missing:
    case DriftKind::not_logged_in:
    case DriftKind::credentials_are_link:
    case DriftKind::same_directory:
    case DriftKind::same_login:
    case DriftKind::login_changed:
      break;
  }
  return false;
}

/// A daemon does not start on these, or cannot fail over because of them.
Grade grade_of(DriftKind kind) {
  return kind == DriftKind::credentials_are_link || kind == DriftKind::login_changed ? Grade::warning : Grade::problem;
}

std::string about(DriftKind kind) {
  if (is_of_link(kind)) return "link";
  return kind == DriftKind::same_directory || kind == DriftKind::same_login ? "twins" : "account";
}

/// Drift is one sentence, "what: cure".
Remark told(Drift const& drift, std::string where) {
  auto const colon = drift.text.find(": ");
  bool const whole = colon == std::string::npos;
  return {grade_of(drift.kind), about(drift.kind), std::move(where), drift.text.substr(0, colon),
          whole ? "" : drift.text.substr(colon + 2)};
}

std::string places_of(Config const& config, std::vector<AccountName> const& accounts) {
  std::vector<std::string> places;
  for (auto const& name : accounts)
    if (auto const* account = find_account(config, name)) places.push_back(account->config_dir);
  return enumerated(places);
}

bool speaks_of(std::vector<Drift> const& drifts, AccountName const& name) {
  return std::any_of(drifts.begin(), drifts.end(), [&](Drift const& drift) {
    return !is_of_link(drift.kind) &&
           std::find(drift.accounts.begin(), drift.accounts.end(), name) != drift.accounts.end();
  });
}

Remark of_link(Config const& config, AccountsListing const& listing) {
  Remark remark{Grade::ok, "link", config.switching.link, {}, {}};
  if (config.switching.mode == SwitchMode::per_session) {
    remark.grade = Grade::skipped;
    remark.what = "not used: each session has its account's own directory (switch.mode: per_session)";
  } else if (listing.link.place == LinkPlace::unknown) {
    remark.grade = Grade::problem;
    remark.what = listing.link_target ? "it could not be looked at" : listing.link_target.error().detail;
    remark.cure = "give the daemon's user the right to read the directories above it";
  } else {
    remark.what = "leads to account " + linked_account(config, listing).str();
  }
  return remark;
}

Remark of_account(AccountConfig const& account, AccountDirectory const* directory) {
  auto const name = account.name.str();
  if (directory == nullptr || !directory->present)
    return {Grade::skipped, "account", account.config_dir, name + " is disabled and has no directory", ""};
  if (!directory->logged_in)
    return {Grade::skipped, "account", account.config_dir, name + " is disabled and not logged in", ""};
  if (directory->identity.empty())
    return {Grade::ok, "account", account.config_dir, name + " is logged in; whose login it is could not be told", ""};
  return {Grade::ok, "account", account.config_dir, name + " is logged in", ""};
}

AccountDirectory const* directory_of(AccountsListing const& listing, AccountName const& name) {
  for (auto const& directory : listing.directories)
    if (directory.name == name) return &directory;
  return nullptr;
}

/// What only the status line tells is asked for.
bool needs_figures(Config const& config) {
  auto const reserved = [](AccountConfig const& account) { return account.reserve > 0; };
  return config.quota.leave_at > 0 || config.switching.strategy != Strategy::priority ||
         std::any_of(config.accounts.begin(), config.accounts.end(), reserved);
}

std::string own_command(SettingsFacts const& facts) {
  return "claude-failover install-hooks --account " + facts.account.str();
}

Remark of_hooks(SettingsFacts const& facts, Config const& config) {
  Remark remark{Grade::warning, "hooks", facts.path, {}, own_command(facts)};
  auto const name = "account " + facts.account.str();
  if (facts.hooks == 0 && !facts.status_line) {
    remark.what = name + " has none of our hooks";
    if (needs_figures(config)) {
      remark.what += ", and leave_at, reserve and switch.strategy go by figures that only its status line tells";
      return remark;
    }
    remark.grade = Grade::ok;
    remark.what += "; its limits are known by transcripts and screens";
    remark.cure = "";
    return remark;
  }
  if (!facts.program_there) {
    remark.grade = Grade::problem;
    remark.what = "the entries of " + name + " call " + facts.program + ", which is not there";
    return remark;
  }
  if (facts.hooks < facts.all_hooks) {
    remark.what =
        name + " has " + std::to_string(facts.hooks) + " of our " + std::to_string(facts.all_hooks) + " hooks";
    return remark;
  }
  if (!facts.status_line && needs_figures(config)) {
    remark.what = name + " has a status line of your own, and leave_at, reserve and switch.strategy go by ours";
    remark.cure += " --chain-statusline";
    return remark;
  }
  remark.grade = Grade::ok;
  remark.what = name + " has our hooks" + (facts.status_line ? " and status line" : "");
  remark.cure = "";
  return remark;
}

}  // namespace

Remarks examine_accounts(Config const& config, AccountsListing const& listing) {
  Remarks remarks;
  auto const drifts = find_drift(config, listing, {});
  bool const link_drifts =
      std::any_of(drifts.begin(), drifts.end(), [](Drift const& drift) { return is_of_link(drift.kind); });
  if (!link_drifts) remarks.push_back(of_link(config, listing));
  for (auto const& drift : drifts)
    remarks.push_back(told(drift, is_of_link(drift.kind) ? config.switching.link : places_of(config, drift.accounts)));
  for (auto const& account : config.accounts)
    if (!speaks_of(drifts, account.name)) remarks.push_back(of_account(account, directory_of(listing, account.name)));
  return remarks;
}

Remarks examine_settings(std::vector<SettingsFacts> const& accounts, Config const& config) {
  if (!has_claude_directories(config)) return {{Grade::skipped, "hooks", "", "this agent has no hooks of ours", ""}};
  Remarks remarks;
  for (auto const& facts : accounts) {
    if (facts.fault) {
      bool const gone = facts.fault->kind == ErrorKind::not_found;
      remarks.push_back(
          {gone ? Grade::skipped : Grade::warning, "hooks", "account " + facts.account.str(), facts.fault->detail, ""});
      continue;
    }
    remarks.push_back(of_hooks(facts, config));
    if (facts.hooks_disabled)
      remarks.push_back({facts.hooks > 0 || facts.status_line ? Grade::problem : Grade::warning, "hooks", facts.path,
                         "disableAllHooks is true: the agent calls no hook and no status line",
                         "take that line out of the file"});
    if (facts.key_helper)
      remarks.push_back({Grade::problem, "tokens", facts.path,
                         "apiKeyHelper gives the agent a key of its own: it works on that, whatever account is in use",
                         "take that line out of the file"});
    if (!facts.variables.empty())
      remarks.push_back({Grade::problem, "tokens", facts.path,
                         "env sets " + enumerated(facts.variables) +
                             ": the agent works on that, whatever account is in use, and it may cost money",
                         "take that out of the file"});
  }
  return remarks;
}

Remarks examine_histories(std::vector<HistoryFacts> const& accounts) {
  Remark remark{Grade::skipped, "history", "", "fewer than two accounts have a directory", ""};
  if (accounts.size() < 2) return {remark};
  std::vector<std::string> apart;
  for (auto const& facts : accounts)
    if (!facts.shared) apart.push_back(facts.account.str());
  if (apart.empty()) {
    remark.grade = Grade::ok;
    remark.what = "all accounts share one history of conversations";
    return {remark};
  }
  remark.grade = Grade::warning;
  remark.what = enumerated(apart) +
                (apart.size() == 1 ? " keeps a history of its own" : " keep histories of their own") +
                ": a conversation that goes on after a switch is split over two accounts";
  remark.cure = "claude-failover accounts share-history";
  for (auto const& facts : accounts)
    if (!facts.shared && !facts.trouble.empty()) remark.what += "; " + facts.trouble;
  return {remark};
}

bool has_claude_directories(Config const& config) {
  return config.profile.account_variable == claude_variable;
}

std::vector<std::string> token_variables(AgentProfile const& profile) {
  if (profile.account_variable == claude_variable)
    return {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK",
            "CLAUDE_CODE_USE_VERTEX"};
  if (profile.account_variable == "CODEX_HOME") return {"OPENAI_API_KEY", "CODEX_API_KEY"};
  if (profile.account_variable == "GEMINI_CLI_HOME") return {"GEMINI_API_KEY", "GOOGLE_API_KEY"};
  return {};
}

}  // namespace failover::core
