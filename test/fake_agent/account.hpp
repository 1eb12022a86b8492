#pragma once

#include "clock.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace failover::fake_agent {

/// A limit that refused a request. Windows are named as in the agent's own rows: five_hour, seven_day, seven_day_opus …
struct Wall {
  std::string window = "five_hour";
  Instant resets_at = {};
};

struct Usage {
  std::string window = "five_hour";
  double percent = 0;
  Instant resets_at = {};
};

/// What the account behind a config directory says to one request.
struct AccountReading {
  std::string name = {};
  bool login_expired = false;
  std::optional<Wall> wall = {};    ///< the request was refused
  std::optional<Usage> usage = {};  ///< nothing for an account without a limit
};

/// The account that `config_dir` leads to at this moment, and one request charged to it.
///
/// The account file is fake-account.json (README.md); without one the account is unlimited and named like its
/// directory. A request that is refused is not charged. Several processes may call at once: a lock file keeps the count
/// exact. Throws std::system_error when the file cannot be written.
[[nodiscard]] AccountReading charge_account(std::filesystem::path const& config_dir, Instant at);

/// The account's own directory, behind every link.
[[nodiscard]] std::filesystem::path account_directory(std::filesystem::path const& config_dir);

/// The account's name alone; charges nothing.
[[nodiscard]] std::string account_name(std::filesystem::path const& config_dir);

}  // namespace failover::fake_agent
