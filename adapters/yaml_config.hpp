#pragma once

#include "adapters/paths.hpp"
#include "core/config.hpp"
#include "core/result.hpp"

#include <functional>
#include <string>
#include <vector>

namespace failover::adapters {

/// One mistake in a configuration file. Line and column are 1-based, 1:1 for the file as a whole.
struct ConfigProblem {
  std::string file = {};
  int line = 1;
  int column = 1;
  std::string message = {};
  bool operator==(ConfigProblem const&) const = default;
};

struct LoadedConfig {
  core::Config config = {};                  ///< fit for use only when there is no problem
  std::vector<ConfigProblem> problems = {};  ///< all of them, in the file's order; at most max_config_problems
};

inline constexpr std::size_t max_config_bytes = 1 << 20;
inline constexpr std::size_t max_config_problems = 100;

/// The profile of an agent, by the word of `sessions.agent`; adapters/pattern_file.hpp. Called at most once.
using ProfileLookup = std::function<core::Result<core::AgentProfile>(std::string const& agent)>;

/// Reads and checks a configuration: syntax, keys, types, and core::check_config. Defaults are filled in, paths come
/// out absolute; nothing is looked up on disk. `file_name` stands in the problems, and relative paths start at its
/// directory. Any bytes give an answer, in time linear in them. Without `find_profile` the configuration is read as one
/// for the default agent; an agent that it does not find is a problem, one whose file is faulty is that file's.
[[nodiscard]] LoadedConfig load_config(std::string const& yaml_text, std::string const& file_name,
                                       PathContext const& context, ProfileLookup const& find_profile = {});

/// The same of a regular file of at most max_config_bytes. An error when it cannot be read: not_found, permission,
/// io, invalid (a directory, a pipe), too_large.
[[nodiscard]] core::Result<LoadedConfig> load_config_file(std::string const& path, PathContext const& context,
                                                          ProfileLookup const& find_profile = {});

/// `file:line:col: message`
[[nodiscard]] std::string to_line(ConfigProblem const& problem);

}  // namespace failover::adapters
