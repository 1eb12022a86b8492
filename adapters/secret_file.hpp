#pragma once

#include "adapters/secret.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string>

namespace failover::adapters {

constexpr std::size_t max_secret_bytes = 4096;

/// Reads a token from a file of one line; the line's end is not part of it.
///
/// A bare name (no `/`) is a credential of systemd, `$CREDENTIALS_DIRECTORY/NAME`; anything else is a path. Outside
/// that directory a file that group or others may touch is refused. Reads on the loop: a small local file.
/// Errors: `not_found`, `permission` (unreadable, or too readable), `invalid` (no regular file, empty, several lines,
/// control characters), `too_large` (over 4 KiB), `io`. The detail names the file and the cure, never the content.
[[nodiscard]] core::Result<Secret> read_secret(std::string const& path_or_credential);

}  // namespace failover::adapters
