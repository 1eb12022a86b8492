#pragma once

#include "core/result.hpp"

#include <string>
#include <vector>

#include <sys/types.h>

namespace failover::adapters {

/// A process of ours that uses something below a directory.
struct DirectoryUser {
  pid_t pid = 0;
  std::string program = {};  ///< the kernel's short name of it
  std::string path = {};     ///< the first thing found: an open file, or its working directory
  bool operator==(DirectoryUser const&) const = default;
};

enum class UsedAs { open_file, open_file_or_working_directory };

/// The processes of this user that have a file below `directory` open, or work in it; this process is left out. In no
/// order, at most 16, of each the first 4096 descriptors.
///
/// What /proc does not show (processes of others, ones that ended meanwhile) is passed over. A program that opens a
/// file anew for each write is seen only in the instant of its writing.
[[nodiscard]] core::Result<std::vector<DirectoryUser>> processes_using(std::string const& directory, UsedAs how);

/// "claude (pid 12: /path), …"
[[nodiscard]] std::string to_text(std::vector<DirectoryUser> const& users);

}  // namespace failover::adapters
