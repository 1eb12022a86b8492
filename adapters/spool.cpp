#include "adapters/spool.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/hook_intake.hpp"
#include "adapters/random_hex.hpp"
#include "adapters/spool_directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

constexpr core::Duration temporary_life = std::chrono::minutes{1};
constexpr std::size_t largest_file = 2 << 20;
constexpr std::size_t most_remarks = 3;

std::string hex(std::uint64_t word) {
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(word >> shift) & 15U];
  return digits;
}

std::string digits_of(SpoolEntry const& entry) {
  return entry.series.empty() ? random_hex(8) : hex(std::hash<std::string_view>{}(entry.series));
}

std::optional<struct stat> look_at(UniqueFd const& directory, std::string const& name) {
  struct stat info {};
  if (::fstatat(directory.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  return info;
}

bool unlink_in(UniqueFd const& directory, std::string const& name) {
  return ::unlinkat(directory.get(), name.c_str(), 0) == 0 || errno == ENOENT;
}

/// Removes the older ones of the same series, and then the oldest until one more of `bytes` fits.
void make_room(UniqueFd const& directory, SpoolListing listing, std::string const& digits, std::size_t bytes,
               SpoolLimits const& limits) {
  auto const same = [&](SpoolFile const& file) { return file.name.find("-" + digits + ".") != std::string::npos; };
  auto& files = listing.files;
  for (auto const& file : files)
    if (same(file)) (void)unlink_in(directory, file.name);
  files.erase(std::remove_if(files.begin(), files.end(), same), files.end());
  std::size_t total = bytes;
  std::size_t count = 1;
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    auto const info = look_at(directory, file->name);
    total += info ? static_cast<std::size_t>(info->st_size) : 0;
    ++count;
    if (count > limits.files || total > limits.bytes) (void)unlink_in(directory, file->name);
  }
}

Result<void> write_all(UniqueFd const& file, std::string_view bytes) {
  while (!bytes.empty()) {
    auto const written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error(errno, "cannot write into the spool");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> put(UniqueFd const& directory, std::string_view envelope, std::string const& name) {
  auto const temporary = temporary_spool_name(random_hex(8));
  UniqueFd file{
      ::openat(directory.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file.valid()) return errno_error(errno, "cannot create a file in the spool");
  auto outcome = write_all(file, envelope);
  if (outcome && ::renameat(directory.get(), temporary.c_str(), directory.get(), name.c_str()) != 0)
    outcome = errno_error(errno, "cannot name a file in the spool");
  if (!outcome) (void)unlink_in(directory, temporary);
  return outcome;
}

Result<std::string> content_of(UniqueFd const& directory, std::string const& name) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  UniqueFd file{::openat(directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!file.valid()) return errno_error(errno, "cannot open it");
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error(errno, "cannot look at it");
  if (!S_ISREG(info.st_mode)) return Error{ErrorKind::invalid, "it is no regular file"};
  if (info.st_uid != ::geteuid()) return Error{ErrorKind::permission, "it belongs to another user"};
  std::string bytes;
  std::array<char, 16384> chunk{};
  for (;;) {
    auto const got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read it");
    if (got == 0) return bytes;
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
    if (bytes.size() > largest_file) return Error{ErrorKind::too_large, "it is larger than an envelope can be"};
  }
}

void remark(SpoolReading& reading, std::string const& name, std::string const& why) {
  if (reading.remarks.size() < most_remarks) reading.remarks.push_back(name + ": " + why);
}

/// Reads one file and removes it; gives its size.
std::size_t take(UniqueFd const& directory, std::string const& name, SpoolReading& reading) {
  auto content = content_of(directory, name);
  auto event = content ? read_envelope(*content) : Result<core::Event>{content.error()};
  if (!event && event.error().kind == ErrorKind::not_found) return 0;  // a writer made room
  if (!event && event.error().kind == ErrorKind::unsupported) return 0;
  // What cannot be removed would be told again with each reading.
  if (!unlink_in(directory, name)) return remark(reading, name, "cannot be removed"), 0;
  if (!event) {
    ++reading.bad;
    remark(reading, name, event.error().detail);
    return 0;
  }
  auto const size = content->size();
  reading.news.push_back({std::move(*content), std::move(*event)});
  return size;
}

void remove_leftovers(UniqueFd const& directory, std::vector<std::string> const& temporaries, core::WallTime now) {
  for (auto const& name : temporaries) {
    auto const info = look_at(directory, name);
    auto const age = now.time_since_epoch() - std::chrono::seconds{info ? info->st_mtim.tv_sec : 0};
    if (info && age > temporary_life) (void)unlink_in(directory, name);
  }
}

}  // namespace

Result<void> write_spool(std::string const& directory, SpoolEntry const& entry, SpoolLimits const& limits) {
  if (entry.envelope.size() > std::min(limits.bytes, largest_file))
    return Error{ErrorKind::too_large, "an envelope of " + std::to_string(entry.envelope.size()) +
                                           " bytes is too large for the spool " + directory};
  auto const opened = make_spool(directory);
  if (!opened) return opened.error();
  auto listing = list_spool(*opened, directory);
  if (!listing) return listing.error();
  auto const digits = digits_of(entry);
  make_room(*opened, std::move(*listing), digits, entry.envelope.size(), limits);
  return put(*opened, entry.envelope,
             spool_name(std::max<std::int64_t>(entry.at.time_since_epoch().count(), 0), digits));
}

Result<SpoolReading> read_spool(std::string const& directory, core::WallTime now, SpoolLimits const& limits) {
  SpoolReading reading;
  auto const opened = open_spool(directory);
  if (!opened && opened.error().kind == ErrorKind::not_found) return reading;
  if (!opened) return opened.error();
  auto const listing = list_spool(*opened, directory);
  if (!listing) return listing.error();
  remove_leftovers(*opened, listing->temporaries, now);
  std::size_t taken = 0;
  for (auto const& file : listing->files) {
    if (taken >= limits.bytes || reading.news.size() + reading.bad >= limits.files) break;
    taken += take(*opened, file.name, reading);
  }
  return reading;
}

}  // namespace failover::adapters
