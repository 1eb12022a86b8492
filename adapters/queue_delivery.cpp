#include "adapters/queue_delivery.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/queue_file.hpp"
#include "adapters/queue_names.hpp"
#include "adapters/queue_places.hpp"
#include "adapters/random_hex.hpp"
#include "adapters/unique_fd.hpp"
#include "core/in_quotes.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

/// The file system's clock ticks at most so far apart. A file that was renamed within the tick of its last write looks
/// as if it were still being written, and would settle for two seconds.
constexpr long clock_tick_ns = 20'000'000;
constexpr long second_ns = 1'000'000'000;

core::Result<void> set_back(UniqueFd const& file) {
  timespec at{};
  (void)::clock_gettime(CLOCK_REALTIME, &at);  // cannot fail for this clock
  at.tv_nsec -= clock_tick_ns;
  if (at.tv_nsec < 0) {
    at.tv_nsec += second_ns;
    --at.tv_sec;
  }
  std::array<timespec, 2> const times{at, at};
  if (::futimens(file.get(), times.data()) != 0) return errno_error(errno, "cannot set the time of a new task");
  return {};
}

core::Result<void> write_new(UniqueFd const& file, std::string_view bytes) {
  while (!bytes.empty()) {
    auto const written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error(errno, "cannot write a new task");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (auto set = set_back(file); !set) return set;
  if (::fsync(file.get()) != 0) return errno_error(errno, "cannot sync a new task");
  return {};
}

/// The first free name in pending/ that the file could be renamed to.
core::Result<std::string> rename_into(UniqueFd const& pending, UniqueFd const& tmp, std::string const& name,
                                      std::string const& title) {
  constexpr int tries = 10'000;
  for (int number = 1; number <= tries; ++number) {
    auto free = numbered(title, number);
    if (::renameat2(tmp.get(), name.c_str(), pending.get(), free.c_str(), RENAME_NOREPLACE) == 0) return free;
    if (errno != EEXIST) return errno_error(errno, "cannot rename a new task to " + core::in_quotes(free));
  }
  return core::Error{core::ErrorKind::already_exists,
                     "too many files called " + core::in_quotes(title) + " wait in pending/"};
}

core::Result<DeliveredTask> deliver(UniqueFd const& pending, UniqueFd const& tmp, std::string const& name,
                                    std::string const& title, std::optional<core::TaskId> given) {
  auto const stamp = stamp_of(tmp, name);
  if (!stamp) return stamp.error();
  auto file_name = rename_into(pending, tmp, name, title);
  if (!file_name) return file_name.error();
  return DeliveredTask{given ? std::move(*given) : derived_id(*stamp), std::move(*file_name)};
}

}  // namespace

core::Result<DeliveredTask> deliver_task(std::string const& root, std::string const& title, std::string_view bytes,
                                         std::optional<core::TaskId> given) {
  auto const tmp = open_queue_place(root, "tmp");
  if (!tmp) return tmp.error();
  auto const pending = open_queue_place(root, "pending");
  if (!pending) return pending.error();
  auto const name = "add-" + random_hex(8) + ".tmp";
  core::Result<void> written = {};
  {
    UniqueFd const file{::openat(tmp->get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (!file.valid()) return errno_error(errno, "cannot create a file in " + root + "/tmp");
    written = write_new(file, bytes);
  }
  core::Result<DeliveredTask> delivered = core::Error{};
  if (written)
    delivered = deliver(*pending, *tmp, name, title, std::move(given));
  else
    delivered = written.error();
  if (!delivered) (void)::unlinkat(tmp->get(), name.c_str(), 0);  // what stays in tmp/ is no task
  if (!delivered) return delivered;
  if (auto synced = sync_directory(*pending, root + "/pending"); !synced) return synced.error();
  return delivered;
}

}  // namespace failover::adapters
