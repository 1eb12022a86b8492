#pragma once

#include "adapters/yaml_config.hpp"
#include "core/agent.hpp"
#include "core/patterns.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace failover::adapters {

/// Reads a pattern table, the form of conf/agents/*.yaml. `extends: <agent>` starts from a built-in table: rules with
/// an id of that table replace it, others come before it. The error's detail is every fault (at most
/// max_config_problems of them) as `source:line:col: what`, one a line. Any bytes give an answer in bounded time and
/// memory; more than max_pattern_bytes, max_pattern_rules or a NUL byte is a fault.
[[nodiscard]] core::Result<core::PatternTable> load_pattern_table(std::string const& yaml_text,
                                                                  std::string const& source_name);

/// The table the program was built with; `not_found` for an agent without one.
[[nodiscard]] core::Result<core::PatternTable> builtin_pattern_table(std::string const& agent);

/// The table in a file. Beside the errors of load_pattern_table those of read_file, their detail naming the file.
[[nodiscard]] core::Result<core::PatternTable> load_pattern_file(std::string const& path);

/// Where the user's tables lie: `agents/` beside the configuration file; "" when that has no path.
[[nodiscard]] std::string pattern_directory(std::string const& config_path);

/// The table of an agent: the user's `<directory>/<agent>.yaml` where there is one, else the one built in. A file that
/// is there and cannot be read or is faulty is an error, never passed over. `directory` "" = no files.
[[nodiscard]] core::Result<core::PatternTable> find_pattern_table(std::string const& agent,
                                                                  std::string const& directory);

/// The section `profile` of the file that find_pattern_table takes, with its errors. A file without one leaves the
/// profile of the table that it extends, or else of the built-in table of its name; for another agent nothing is known.
[[nodiscard]] core::Result<core::AgentProfile> find_agent_profile(std::string const& agent,
                                                                  std::string const& directory);
[[nodiscard]] core::Result<core::AgentProfile> load_agent_profile(std::string const& yaml_text,
                                                                  std::string const& source_name);

/// find_agent_profile for the files beside a configuration file.
[[nodiscard]] ProfileLookup profiles_beside(std::string const& config_path);

/// Every fault of every `*.yaml` in the directory, by file name; none when there is no directory.
[[nodiscard]] std::vector<ConfigProblem> check_pattern_files(std::string const& directory);

inline constexpr std::size_t max_pattern_bytes = 1 << 20;
inline constexpr std::size_t max_pattern_rules = 1000;

}  // namespace failover::adapters
