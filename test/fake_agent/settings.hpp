#pragma once

#include "clock.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace failover::fake_agent {

struct HookCommand {
  std::string event = {};
  std::string matcher = {};  ///< values separated by |; empty or * for all
  std::string command = {};
  Milliseconds limit{10000};
};

/// What settings.json of a config directory asks for. Read once at the start, as the real one does.
struct Settings {
  std::vector<HookCommand> hooks = {};
  std::string status_line_command = {};
  bool auto_continue = true;
};

[[nodiscard]] Settings load_settings(std::filesystem::path const& config_dir);

/// Whether a hook with this matcher wants the news about `value`.
[[nodiscard]] bool matches(std::string const& matcher, std::string const& value);

}  // namespace failover::fake_agent
