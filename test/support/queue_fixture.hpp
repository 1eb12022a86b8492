#pragma once

#include "adapters/clock.hpp"
#include "adapters/queue_dir.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

namespace failover::test {

/// A real queue in a scratch directory.
struct QueueFixture {
  ScratchDirectory scratch = {};
  std::string root = scratch / "queue";
  adapters::QueueDirectory queue;

  explicit QueueFixture(core::DispatcherConfig const& config = {}) : queue(root, config) { REQUIRE(queue.prepare()); }

  [[nodiscard]] std::string operator/(std::string const& name) const { return root + "/" + name; }

  /// Delivers as the manual says: written in tmp/, then renamed. The last write lies back far enough for the file
  /// system's clock to tell the two apart.
  void deliver(std::string const& name, std::string const& bytes = "do it\n", std::chrono::seconds age = {}) {
    auto const path = *this / "tmp/delivery";
    put_file(path, bytes);
    set_age(path, age + std::chrono::seconds{1});
    std::filesystem::rename(path, *this / ("pending/" + name));
  }

  static void set_age(std::string const& path, std::chrono::seconds age) {
    auto const at = std::chrono::system_clock::now() - age;
    std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(at));
  }

  /// A scan at a time that is so much later than now.
  [[nodiscard]] core::QueueListing scan(core::Duration later = {}) {
    auto now = adapters::read_clock();
    now.wall += later;
    now.mono += later;
    auto listing = queue.scan(now);
    if (!listing) FAIL(listing.error().detail);
    return *listing;
  }

  [[nodiscard]] core::TaskFile only_task() {
    auto const listing = scan();
    REQUIRE(listing.tasks.size() == 1);
    return listing.tasks.front();
  }

  [[nodiscard]] std::set<std::string> names(std::string const& place) const { return names_in(*this / place); }
};

[[nodiscard]] inline core::TaskFile task_called(core::QueueListing const& listing, std::string const& title) {
  auto const found =
      std::find_if(listing.tasks.begin(), listing.tasks.end(), [&](auto const& task) { return task.title == title; });
  if (found == listing.tasks.end()) FAIL("no task called " << title);
  return *found;
}

[[nodiscard]] inline core::TaskResult result_of(core::TaskFile const& task, core::TaskPlace place) {
  core::TaskResult result;
  result.id = task.id;
  result.place = place;
  result.reason = "signal";
  return result;
}

}  // namespace failover::test
