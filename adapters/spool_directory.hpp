#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The spool's directory and the names in it.
namespace failover::adapters {

/// Opens it when it is a directory of our own that nobody else may write: never by a link. Errors: `not_found`,
/// `permission`, `io`.
[[nodiscard]] core::Result<UniqueFd> open_spool(std::string const& path);

/// The same, and makes it when it is missing, its parents too.
[[nodiscard]] core::Result<UniqueFd> make_spool(std::string const& path);

struct SpoolFile {
  std::int64_t at = 0;  ///< epoch ms
  std::string name = {};
  bool operator==(SpoolFile const&) const = default;
};

struct SpoolListing {
  std::vector<SpoolFile> files = {};          ///< oldest first
  std::vector<std::string> temporaries = {};  ///< being written, or left by a writer that was killed
};

/// All of ours in it; other names are passed over.
[[nodiscard]] core::Result<SpoolListing> list_spool(UniqueFd const& directory, std::string const& path);

[[nodiscard]] std::string spool_name(std::int64_t at, std::string_view sixteen_digits);
[[nodiscard]] std::string temporary_spool_name(std::string_view sixteen_digits);

}  // namespace failover::adapters
