#pragma once

#include "adapters/yaml_tree.hpp"
#include "core/config_keys.hpp"
#include "core/result.hpp"

#include <span>
#include <string>
#include <string_view>

namespace failover::adapters {

/// What a key accepts, for reading one value of it.
struct ValueForm {
  core::KeyType type = core::KeyType::text;
  std::span<std::string_view const> words = {};
  std::string range = {};  ///< for the message; checked elsewhere
};

/// The node as a value of that form, or a sentence that says what is expected and what was found. Paths come out as
/// they were written.
[[nodiscard]] core::Result<core::KeyValue> value_of_node(YamlNode const& node, ValueForm const& form);

/// What stands there, for a message: `nothing`, `a list`, `'yes'`.
[[nodiscard]] std::string found(YamlNode const& node);

}  // namespace failover::adapters
