#pragma once

#include "core/config.hpp"
#include "core/examine_files.hpp"

#include <string>
#include <vector>

namespace failover::adapters {

/// Owner and mode of what is at the end of the path; a look at its name is all.
[[nodiscard]] core::FileFacts look_at_file(core::FileUse use, std::string const& path);

/// Of all that the daemon trusts: the configuration with the pattern files beside it, the state and runtime
/// directories, and the queue with its directories.
[[nodiscard]] std::vector<core::FileFacts> look_at_files(core::Config const& config, std::string const& config_path);

/// The files with tokens, each read as the daemon reads it.
[[nodiscard]] std::vector<core::TokenFacts> look_at_tokens(core::Config const& config);

}  // namespace failover::adapters
