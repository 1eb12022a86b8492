#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace failover::fake_agent {

namespace fs = std::filesystem;

/// The file's bytes, or nothing when it cannot be read.
[[nodiscard]] std::optional<std::string> read_file(fs::path const& path);

/// Appends in one write, so that lines of several processes do not mix; makes the directories (0700) and the file
/// (0600). Throws std::system_error.
void append(fs::path const& path, std::string_view bytes);

/// A new random (version 4) UUID.
[[nodiscard]] std::string new_uuid();

}  // namespace failover::fake_agent
