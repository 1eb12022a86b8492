#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <string>
#include <vector>

namespace failover::adapters {

/// What lies below a directory; names are relative to it. Directories stand before what is in them.
struct FileTree {
  std::vector<std::string> directories = {};
  std::vector<std::string> files = {};      ///< regular ones
  std::vector<std::string> obstacles = {};  ///< the rest, each with why it cannot be copied: links, FIFOs, unreadable
  bool operator==(FileTree const&) const = default;
};

/// Walks a directory without following any link in it and without opening a file. Our own half-made copies are passed
/// over. At most half a million names and 32 levels: too_large.
[[nodiscard]] core::Result<FileTree> read_tree(std::string const& root);

/// Opens a file below a directory; a link anywhere in `name` is an error. `flags` as for open(2); a new file is 0600.
[[nodiscard]] core::Result<UniqueFd> open_below(UniqueFd const& root, std::string const& name, int flags);

/// The name beside `name` that a copy has until it is whole. One a directory: the next copy replaces a left-over.
[[nodiscard]] std::string unfinished_name(std::string const& name);

}  // namespace failover::adapters
