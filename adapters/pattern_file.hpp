#pragma once

#include "core/patterns.hpp"
#include "core/result.hpp"

#include <string>

namespace failover::adapters {

/// Reads a pattern table, the form of conf/agents/*.yaml. `extends: <agent>` starts from a built-in table: rules with
/// an id of that table replace it, others come before it. The error's detail is every fault as
/// `source:line:col: what`, one a line.
[[nodiscard]] core::Result<core::PatternTable> load_pattern_table(std::string const& yaml_text,
                                                                  std::string const& source_name);

/// The table the program was built with; `not_found` for an agent without one.
[[nodiscard]] core::Result<core::PatternTable> builtin_pattern_table(std::string const& agent);

}  // namespace failover::adapters
