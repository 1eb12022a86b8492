#pragma once

#include "core/config.hpp"
#include "core/drift.hpp"
#include "core/examination.hpp"
#include "core/world.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// The switch link, the accounts' directories and logins, their settings and histories.
namespace failover::core {

/// Drift (core/drift.hpp) told as remarks, and a remark for what has none: the link, and each account.
[[nodiscard]] Remarks examine_accounts(Config const& config, AccountsListing const& listing);

/// What an account's settings.json says to us.
struct SettingsFacts {
  AccountName account = {};
  std::string path = {};
  std::optional<Error> fault = {};  ///< why it could not be read; then nothing else is known
  std::size_t hooks = 0;            ///< of the events that we want to be told of, those with our hook
  std::size_t all_hooks = 0;        ///< how many those are
  bool status_line = false;         ///< ours, or with ours around it
  std::string program = {};         ///< that our entries call
  bool program_there = true;
  bool hooks_disabled = false;              ///< `disableAllHooks`
  bool key_helper = false;                  ///< `apiKeyHelper`
  std::vector<std::string> variables = {};  ///< of `env`, those of token_variables()
};

[[nodiscard]] Remarks examine_settings(std::vector<SettingsFacts> const& accounts, Config const& config);

/// Where an account keeps its conversations.
struct HistoryFacts {
  AccountName account = {};
  bool shared = false;
  std::string trouble = {};  ///< why it could not be shared as it is; "" for nothing
};

/// One remark on all of them.
[[nodiscard]] Remarks examine_histories(std::vector<HistoryFacts> const& accounts);

/// Whether the fleet's agent is one that reads settings.json and keeps `projects`.
[[nodiscard]] bool has_claude_directories(Config const& config);

/// The variables that give an agent of this profile a key or a token of its own: it then works on that, not on the
/// account's login, whatever the link says.
[[nodiscard]] std::vector<std::string> token_variables(AgentProfile const& profile);

}  // namespace failover::core
