#pragma once

#include "core/result.hpp"
#include "core/task.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// A look at the queue, told by what differs from the look before: of thousands of files a few do.
namespace failover::adapters {

/// Tasks of the later listing, in its order: one that the earlier one does not have, or a run of the earlier one's.
struct ListingPiece {
  std::uint64_t from = 0;
  std::uint64_t count = 0;
  std::optional<core::TaskFile> fresh = {};
  bool operator==(ListingPiece const&) const = default;
};

struct ListingChanges {
  std::vector<ListingPiece> tasks = {};
  std::vector<core::TaskSignal> signals = {};  ///< all of the later listing
  std::uint64_t settling = 0;                  ///< of the later listing
  bool operator==(ListingChanges const&) const = default;
};

[[nodiscard]] ListingChanges listing_changes(core::QueueListing const& before, core::QueueListing const& after);

/// The later listing; invalid when the changes are not of this earlier one.
[[nodiscard]] core::Result<core::QueueListing> changed_listing(core::QueueListing const& before,
                                                               ListingChanges const& changes);

}  // namespace failover::adapters
