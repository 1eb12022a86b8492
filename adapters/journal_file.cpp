#include "adapters/journal_file.hpp"

#include "adapters/errno_error.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

namespace failover::adapters {
namespace {

/// Whether the file is not empty and does not end with a line break.
bool is_torn(int file) {
  auto const end = ::lseek(file, 0, SEEK_END);
  char last = '\n';
  return end > 0 && ::pread(file, &last, 1, end - 1) == 1 && last != '\n';
}

bool is_removed(int file) {
  struct stat facts {};
  return ::fstat(file, &facts) != 0 || facts.st_nlink == 0;
}

core::Result<void> write_all(int file, std::string_view bytes, std::string const& path) {
  while (!bytes.empty()) {
    auto const written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error(errno, "cannot write to the journal " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

core::Result<void> JournalFile::open() {
  if (file_.valid() && !is_removed(file_.get())) return {};
  // Non-blocking: a FIFO of that name must not be waited for.
  file_.reset(
      ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600));
  if (!file_.valid()) return errno_error(errno, "cannot open the journal " + path_);
  struct stat facts {};
  if (::fstat(file_.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    file_.reset();
    return core::Error{core::ErrorKind::invalid, "the journal " + path_ + " is no plain file; move it away"};
  }
  bool const open_to_others = (facts.st_mode & 0777U) != 0600U;
  if (open_to_others && ::fchmod(file_.get(), 0600) != 0) {
    auto const number = errno;
    file_.reset();
    return errno_error(number, "cannot keep others from the journal " + path_);
  }
  return {};
}

core::Result<void> JournalFile::append(std::string_view lines) {
  auto const opened = open();
  if (!opened) return opened;
  if (is_torn(file_.get())) {
    auto const mended = write_all(file_.get(), "\n", path_);
    if (!mended) return mended;
  }
  return write_all(file_.get(), lines, path_);
}

core::Result<void> JournalFile::begin_anew() {
  file_.reset();
  auto const former = path_ + ".1";
  if (::rename(path_.c_str(), former.c_str()) != 0 && errno != ENOENT)
    return errno_error(errno, "cannot move the full journal " + path_ + " to " + former);
  return {};
}

std::size_t journal_size(std::string const& path) {
  struct stat facts {};
  bool const there = ::lstat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
  return there ? static_cast<std::size_t>(facts.st_size) : 0;
}

}  // namespace failover::adapters
