#include "adapters/verified_copy.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/file_tree.hpp"
#include "adapters/sha256.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

constexpr std::size_t chunk_size = 256UL * 1024;

/// Up to a chunk at `offset`; fewer bytes only at the end.
Result<std::size_t> read_at(UniqueFd const& file, std::vector<char>& chunk, std::uint64_t offset,
                            std::string const& name) {
  std::size_t filled = 0;
  while (filled < chunk.size()) {
    auto const got =
        ::pread(file.get(), chunk.data() + filled, chunk.size() - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read " + name);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

Result<void> write_all(UniqueFd const& file, std::string_view bytes, std::string const& name) {
  while (!bytes.empty()) {
    auto const written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error(errno, "cannot write " + name);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

/// O_NONBLOCK: what was a file when it was listed may be a FIFO now.
Result<UniqueFd> open_file(UniqueFd const& root, std::string const& name, int flags, struct stat& info) {
  auto file = open_below(root, name, flags | O_NONBLOCK);
  if (!file) return file;
  if (::fstat(file->get(), &info) != 0) return errno_error(errno, "cannot look at " + name);
  if (!S_ISREG(info.st_mode)) return Error{ErrorKind::refused, name + " is not a regular file"};
  return file;
}

struct Digest {
  std::uint64_t size = 0;
  std::string sha256 = {};
  bool operator==(Digest const&) const = default;
};

/// Reads to the end, copies to `to` where there is one, and tells what was read; the source may grow meanwhile.
Result<Digest> pour(UniqueFd const& from, UniqueFd const* to, std::string const& name) {
  Digest digest;
  Sha256 hash;
  std::vector<char> chunk(chunk_size);
  while (true) {
    auto const got = read_at(from, chunk, digest.size, name);
    if (!got) return got.error();
    hash.add({chunk.data(), *got});
    if (to != nullptr)
      if (auto written = write_all(*to, {chunk.data(), *got}, name); !written) return written.error();
    digest.size += *got;
    if (*got < chunk.size()) break;
  }
  digest.sha256 = hash.result();
  return digest;
}

Result<Digest> digest_of(UniqueFd const& file, std::string const& name) {
  return pour(file, nullptr, name);
}

/// Gives what was read and is written.
Result<Digest> write_copy(UniqueFd const& from, struct stat const& info, UniqueFd const& to, std::string const& name) {
  auto const read = pour(from, &to, name);
  if (!read) return read.error();
  if (::fchmod(to.get(), info.st_mode & 0777U) != 0) return errno_error(errno, "cannot set the mode of " + name);
  std::array<timespec, 2> const times{info.st_atim, info.st_mtim};
  if (::futimens(to.get(), times.data()) != 0) return errno_error(errno, "cannot set the time of " + name);
  if (::fsync(to.get()) != 0) return errno_error(errno, "cannot sync " + name);
  (void)::posix_fadvise(to.get(), 0, 0, POSIX_FADV_DONTNEED);  // so that it is read from the disk, where that is heard
  auto const there = digest_of(to, name);
  if (!there) return there.error();
  if (*there == *read) return *read;
  return Error{ErrorKind::io, "the copy of " + name + " is not what was read: " + std::to_string(there->size) +
                                  " bytes, sha256 " + there->sha256 + "; the disk may be failing"};
}

/// Until the copy is what the source holds when it is read once more.
Result<std::uint64_t> write_still_copy(UniqueFd const& from, UniqueFd const& to, std::string const& name) {
  constexpr int most_tries = 4;
  for (int left = most_tries; left > 0; --left) {
    struct stat info {};
    if (::fstat(from.get(), &info) != 0) return errno_error(errno, "cannot look at " + name);
    info.st_mode = 0600;
    if (::ftruncate(to.get(), 0) != 0 || ::lseek(to.get(), 0, SEEK_SET) != 0)
      return errno_error(errno, "cannot empty the copy of " + name);
    auto const written = write_copy(from, info, to, name);
    if (!written) return written.error();
    auto const now = digest_of(from, name);
    if (!now) return now.error();
    if (*now == *written) return written->size;
  }
  return Error{ErrorKind::unavailable,
               name + " keeps changing while it is copied; end what writes to it, and try again"};
}

Result<UniqueFd> begin_copy(UniqueFd const& target, std::string const& temporary) {
  if (::unlinkat(target.get(), temporary.c_str(), 0) != 0 && errno != ENOENT)
    return errno_error(errno, "cannot remove the left-over " + temporary);
  return open_below(target, temporary, O_RDWR | O_CREAT | O_EXCL);
}

/// Gives the copy its name, where nothing stands or a beginning of the source.
Result<void> take_place(UniqueFd const& source, UniqueFd const& target, std::string const& name) {
  auto const found = compare(source, target, name);
  if (!found) return found.error();
  if (found->likeness == Likeness::different || found->likeness == Likeness::longer)
    return Error{ErrorKind::refused, name + " is another file at the target by now"};
  unsigned const how = found->likeness == Likeness::missing ? RENAME_NOREPLACE : 0U;
  if (::renameat2(target.get(), unfinished_name(name).c_str(), target.get(), name.c_str(), how) != 0)
    return errno_error(errno, "cannot give the copy of " + name + " its name");
  return {};
}

Result<void> sync_folder_of(UniqueFd const& root, std::string const& name) {
  auto const slash = name.rfind('/');
  auto const folder = slash == std::string::npos ? std::string{"."} : name.substr(0, slash);
  auto const directory = open_below(root, folder, O_RDONLY | O_DIRECTORY);
  if (!directory) return directory.error();
  return sync_directory(*directory, folder);
}

}  // namespace

Result<Comparison> compare(UniqueFd const& source, UniqueFd const& target, std::string const& name) {
  struct stat ours {};
  struct stat theirs {};
  auto const from = open_file(source, name, O_RDONLY, ours);
  if (!from) return from.error();
  auto const to =
      target.valid() ? open_file(target, name, O_RDONLY, theirs) : Result<UniqueFd>{Error{ErrorKind::not_found, name}};
  if (!to && to.error().kind != ErrorKind::not_found) return to.error();
  Comparison found;
  found.source_size = static_cast<std::uint64_t>(ours.st_size);
  if (!to) return found;
  found.target_size = static_cast<std::uint64_t>(theirs.st_size);
  auto const shorter = std::min(found.source_size, found.target_size);
  std::vector<char> one(chunk_size);
  std::vector<char> other(chunk_size);
  while (found.common < shorter) {
    auto const got = read_at(*from, one, found.common, name);
    if (!got) return got.error();
    auto const there = read_at(*to, other, found.common, name);
    if (!there) return there.error();
    auto const both = static_cast<std::uint64_t>(std::min(*got, *there));
    auto const length = static_cast<std::ptrdiff_t>(std::min(both, shorter - found.common));
    auto const end = std::mismatch(one.begin(), one.begin() + length, other.begin()).first;
    found.common += static_cast<std::uint64_t>(end - one.begin());
    if (length == 0 || end != one.begin() + length) break;
  }
  if (found.common < shorter)
    found.likeness = Likeness::different;
  else if (found.source_size == found.target_size)
    found.likeness = Likeness::same;
  else
    found.likeness = found.target_size < found.source_size ? Likeness::beginning : Likeness::longer;
  return found;
}

Result<void> copy_verified(UniqueFd const& source, UniqueFd const& target, std::string const& name) {
  struct stat info {};
  auto const from = open_file(source, name, O_RDONLY, info);
  if (!from) return from.error();
  auto const temporary = unfinished_name(name);
  auto const to = begin_copy(target, temporary);
  if (!to) return to.error();
  auto const written = write_copy(*from, info, *to, name);
  Result<void> outcome = written ? Result<void>{} : Result<void>{written.error()};
  if (outcome && ::renameat2(target.get(), temporary.c_str(), target.get(), name.c_str(), RENAME_NOREPLACE) != 0)
    outcome = errno_error(errno, "cannot give the copy of " + name + " its name");
  if (!outcome) {
    (void)::unlinkat(target.get(), temporary.c_str(), 0);  // the first failure is the one worth telling
    return outcome;
  }
  return sync_folder_of(target, name);
}

Result<std::uint64_t> carry_file(UniqueFd const& source, UniqueFd const& target, std::string const& name) {
  struct stat info {};
  auto const from = open_file(source, name, O_RDONLY, info);
  if (!from) return from.error();
  auto const temporary = unfinished_name(name);
  auto const to = begin_copy(target, temporary);
  if (!to) return to.error();
  auto const bytes = write_still_copy(*from, *to, name);
  auto const placed = bytes ? take_place(source, target, name) : Result<void>{bytes.error()};
  if (!placed) {
    (void)::unlinkat(target.get(), temporary.c_str(), 0);  // the first failure is the one worth telling
    return placed.error();
  }
  if (auto synced = sync_folder_of(target, name); !synced) return synced.error();
  return bytes;
}

Result<void> append_rest(UniqueFd const& source, UniqueFd const& target, std::string const& name,
                         std::uint64_t offset) {
  struct stat ours {};
  struct stat theirs {};
  auto const from = open_file(source, name, O_RDONLY, ours);
  if (!from) return from.error();
  auto const to = open_file(target, name, O_WRONLY | O_APPEND, theirs);
  if (!to) return to.error();
  std::vector<char> chunk(chunk_size);
  while (true) {
    auto const got = read_at(*from, chunk, offset, name);
    if (!got) return got.error();
    if (auto written = write_all(*to, {chunk.data(), *got}, name); !written) return written;
    offset += *got;
    if (*got < chunk.size()) break;
  }
  std::array<timespec, 2> const times{ours.st_atim, ours.st_mtim};
  if (::futimens(to->get(), times.data()) != 0) return errno_error(errno, "cannot set the time of " + name);
  if (::fsync(to->get()) != 0) return errno_error(errno, "cannot sync " + name);
  return {};
}

}  // namespace failover::adapters
