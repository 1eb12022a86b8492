#include "adapters/listing_changes.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace failover::adapters {
namespace {

/// Where the tasks of a listing are found again. Made when the first one is not where it is looked for.
class Finder {
 public:
  explicit Finder(std::vector<core::TaskFile> const& tasks) : tasks_(tasks) {}

  /// The place of an equal task, `expected` if it is there.
  [[nodiscard]] std::optional<std::size_t> find(core::TaskFile const& task, std::size_t expected) {
    if (expected < tasks_.size() && tasks_[expected] == task) return expected;
    if (places_.empty())
      for (std::size_t i = 0; i < tasks_.size(); ++i) places_.try_emplace(tasks_[i].file_name, i);
    auto const found = places_.find(task.file_name);
    if (found == places_.end() || tasks_[found->second] != task) return std::nullopt;
    return found->second;
  }

 private:
  std::vector<core::TaskFile> const& tasks_;
  std::unordered_map<std::string_view, std::size_t> places_ = {};  ///< by name: one that comes twice is told anew
};

}  // namespace

ListingChanges listing_changes(core::QueueListing const& before, core::QueueListing const& after) {
  ListingChanges changes{{}, after.signals, after.settling};
  Finder finder{before.tasks};
  std::size_t expected = 0;
  for (auto const& task : after.tasks) {
    auto const place = finder.find(task, expected);
    bool const goes_on = place && !changes.tasks.empty() && !changes.tasks.back().fresh &&
                         changes.tasks.back().from + changes.tasks.back().count == *place;
    if (goes_on)
      ++changes.tasks.back().count;
    else if (place)
      changes.tasks.push_back({*place, 1, {}});
    else
      changes.tasks.push_back({0, 0, task});
    if (place) expected = *place + 1;
  }
  return changes;
}

core::Result<core::QueueListing> changed_listing(core::QueueListing const& before, ListingChanges const& changes) {
  core::QueueListing after{{}, changes.signals, changes.settling};
  std::size_t left = before.tasks.size();  // each is there once, so a damaged line makes no listing of any size
  for (auto const& piece : changes.tasks) {
    if (piece.fresh) {
      after.tasks.push_back(*piece.fresh);
      continue;
    }
    if (piece.from > before.tasks.size() || piece.count > before.tasks.size() - piece.from || piece.count > left)
      return core::Error{core::ErrorKind::invalid, "changes of another listing of the queue"};
    left -= piece.count;
    auto const begin = before.tasks.begin() + static_cast<std::ptrdiff_t>(piece.from);
    std::copy_n(begin, piece.count, std::back_inserter(after.tasks));
  }
  return after;
}

}  // namespace failover::adapters
