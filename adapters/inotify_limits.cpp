#include "adapters/inotify_limits.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/unique_fd.hpp"

#include <charconv>
#include <vector>

#include <sys/inotify.h>

namespace failover::adapters {
namespace {

std::optional<std::int64_t> limit(std::string const& name) {
  auto const text = read_file("/proc/sys/fs/inotify/" + name, 64);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  auto const [end, fault] = std::from_chars(text->data(), text->data() + text->size(), number);
  return fault == std::errc{} ? std::optional{number} : std::nullopt;
}

}  // namespace

core::InotifyFacts inotify_limits() {
  core::InotifyFacts facts;
  facts.max_watches = limit("max_user_watches");
  std::vector<UniqueFd> instances;
  while (facts.free_instances < core::needed_instances) {
    UniqueFd instance{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (!instance.valid()) break;
    instances.push_back(std::move(instance));
    ++facts.free_instances;
  }
  return facts;
}

}  // namespace failover::adapters
