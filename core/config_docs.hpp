#pragma once

#include <string>

namespace failover::core {

/// conf/configuration.md: every key with type, default, range and meaning, from the table in config_keys.cpp.
[[nodiscard]] std::string configuration_table_markdown();

/// conf/claude-failover.yaml: two accounts, and every other key as a comment with its default. A comment that is a
/// setting has no space after its `#`, or two and more; taking that `#` away puts the setting in force.
[[nodiscard]] std::string example_configuration_yaml();

}  // namespace failover::core
