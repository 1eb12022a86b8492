#pragma once

#include "adapters/json_document.hpp"
#include "core/config.hpp"
#include "core/result.hpp"

#include <string>

namespace failover::adapters {

/// A configuration as one JSON object of its keys, as core/config_keys.hpp has them. Of the channels for messages only
/// which there are: neither addresses nor the places of tokens.
[[nodiscard]] std::string config_to_json(core::Config const& config);

/// The configuration of such an object; what it does not say has its default. invalid, with the key, for an unknown
/// key and a value of another type.
[[nodiscard]] core::Result<core::Config> config_from_json(JsonNode const& object);

}  // namespace failover::adapters
