#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

/// Changes of files as transactions: after a crash at any point the old or the new is there, whole. All of these block
/// (fsync), so they belong on the writer thread.
namespace failover::adapters {

/// Replaces the file `path` by `bytes`, durably: temporary file beside it, fsync, rename, fsync of the directory.
///
/// `mode` holds whatever the umask is. On failure the old file stands unchanged and the temporary one is removed; only
/// a crash can leave one behind, named as is_temporary_name() tells. A symlink at `path` is replaced, not followed.
[[nodiscard]] core::Result<void> write_file_atomically(std::string const& path, std::string_view bytes,
                                                       mode_t mode = 0600);

struct FileOwner {
  uid_t user = 0;
  gid_t group = 0;
  bool operator==(FileOwner const&) const = default;
};

/// What a new file is like, and the last look before it takes the old one's place.
struct Replacement {
  mode_t mode = 0600;
  std::optional<FileOwner> owner = {};               ///< nothing: this process's
  std::function<core::Result<void>()> confirm = {};  ///< asked when all is on disk; its error stops the replacing
};

/// write_file_atomically for a file of somebody else's, who may have changed it meanwhile.
[[nodiscard]] core::Result<void> replace_file(std::string const& path, std::string_view bytes,
                                              Replacement const& replacement);

/// Whether a file name (without its directory) is one that write_file_atomically gives its temporary files.
[[nodiscard]] bool is_temporary_name(std::string_view name);

/// Makes the symlink `link` lead to the absolute path `target`, durably and without an instant in which there is no
/// link. Repeating it is harmless.
///
/// What stands at `link` and is not a symlink is never touched: already_exists. A temporary link that a crash left
/// behind (`<link>.failover-new`, hidden) is removed first.
[[nodiscard]] core::Result<void> flip_symlink(std::string const& link, std::string const& target);

/// All bytes of a regular file (or of a symlink to one). A directory, FIFO or device is refused as invalid and never
/// waited for; more than `max_bytes` is too_large.
[[nodiscard]] core::Result<std::string> read_file(std::string const& path, std::size_t max_bytes);

}  // namespace failover::adapters
