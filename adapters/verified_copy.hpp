#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>

/// Copies of single files that are proved before they count. Nothing here replaces or shortens a file that is there,
/// and nothing touches the source. Names are relative to opened directories; links are not followed.
namespace failover::adapters {

/// How two files of one name compare.
enum class Likeness {
  missing,    ///< not at the target
  same,       ///< the same bytes
  beginning,  ///< the target is the beginning of the source
  longer,     ///< the source is the beginning of the target
  different
};

struct Comparison {
  Likeness likeness = Likeness::missing;
  std::uint64_t source_size = 0;
  std::uint64_t target_size = 0;
  std::uint64_t common = 0;  ///< bytes that both begin with
  bool operator==(Comparison const&) const = default;
};

/// Byte for byte. A source that is gone is not_found; `refused` where one of the two is no regular file. A target
/// directory that is not open has no files.
[[nodiscard]] core::Result<Comparison> compare(UniqueFd const& source, UniqueFd const& target, std::string const& name);

/// Makes `name` at the target with the source's bytes, mode and times: written under another name, synced, read again
/// and compared by size and SHA-256 with what was read from the source, then renamed; already_exists when `name` came
/// to be there meanwhile. The directory of `name` must be there. A failure leaves nothing.
[[nodiscard]] core::Result<void> copy_verified(UniqueFd const& source, UniqueFd const& target, std::string const& name);

/// Appends the source's bytes from `offset` on to the file at the target, synced, with the source's times. Somebody
/// else's appending at the same time loses nothing.
[[nodiscard]] core::Result<void> append_rest(UniqueFd const& source, UniqueFd const& target, std::string const& name,
                                             std::uint64_t offset);

/// Makes `name` at the target with all bytes of the source, or puts them in place of a beginning of them, in one step:
/// mode 0600, the source's times. Proved as by copy_verified() and then by reading the source again; one that grew
/// meanwhile is copied again, a few times (then `unavailable`). `refused` when what stands at the target is no
/// beginning of the source. A failure leaves the target as it was. Gives the bytes of the copy.
[[nodiscard]] core::Result<std::uint64_t> carry_file(UniqueFd const& source, UniqueFd const& target,
                                                     std::string const& name);

}  // namespace failover::adapters
