#pragma once

#include "adapters/own_command.hpp"

#include <optional>
#include <string>
#include <string_view>

/// A person's status line command inside ours, as JSON text: their string keeps its own escapes.
namespace failover::adapters {

/// The JSON string (with quotes) of our status line command that calls theirs, also a JSON string with quotes.
[[nodiscard]] std::string chained_json(HookCommands const& commands, std::string_view their_json);

/// Their JSON string taken out of ours again, byte for byte as it was given to chained_json. Nothing where ours does
/// not chain. Where a person wrote the quotes anew, it is the same command, with escapes of our choice.
[[nodiscard]] std::optional<std::string> unchained_json(std::string_view our_json, std::string_view our_command);

}  // namespace failover::adapters
