#pragma once

#include "core/result.hpp"

#include <string>

/// Renames that neither leave a name empty for an instant nor replace anything. Paths are absolute, without a slash at
/// the end. A success is on disk: both directories were synced.
namespace failover::adapters {

/// Exchanges what stands at two names, in one step: each of them is there at every instant, as the old or as the new.
///
/// Both must exist, on one file system. `unsupported` for two file systems, a mount point, or a file system that
/// cannot do it; nothing has changed then.
[[nodiscard]] core::Result<void> exchange_names(std::string const& one, std::string const& other);

/// Renames, provided that nothing stands at `to`: already_exists.
[[nodiscard]] core::Result<void> rename_to_free_name(std::string const& from, std::string const& to);

/// Makes a symlink where nothing stands yet: already_exists.
[[nodiscard]] core::Result<void> make_symlink(std::string const& link, std::string const& target);

/// Removes a symlink and nothing else: already_exists when something else stands there, fine when nothing does.
[[nodiscard]] core::Result<void> remove_symlink(std::string const& link);

/// Syncs the directory that holds `path`.
[[nodiscard]] core::Result<void> sync_parent(std::string const& path);

/// mkdir -p with mode 0700, each new name synced. What is there is left as it is.
[[nodiscard]] core::Result<void> make_directories(std::string const& path);

}  // namespace failover::adapters
