#pragma once

#include "view.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace failover::fake_agent {

struct Options {
  bool version = false;
  bool resume_latest = false;
  std::optional<std::string> resume = {};
  std::optional<std::string> session_id = {};
  std::string prompt = {};  ///< sent at once; empty for none
  PermissionMode mode = PermissionMode::automatic;
  std::filesystem::path config_dir = {};  ///< as named, a link is not followed
};

/// Reads the command line and CLAUDE_CONFIG_DIR. Throws std::invalid_argument with the sentence to print.
[[nodiscard]] Options parse_options(std::vector<std::string> const& arguments);

}  // namespace failover::fake_agent
