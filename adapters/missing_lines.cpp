#include "adapters/missing_lines.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/file_tree.hpp"
#include "adapters/verified_copy.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

constexpr std::uint64_t most_bytes = 64ULL * 1024 * 1024;

Result<std::string> read_range(UniqueFd const& file, std::uint64_t from, std::uint64_t to, std::string const& name) {
  std::string bytes(to - from, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    auto const got =
        ::pread(file.get(), bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(from + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(errno, "cannot read " + name);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

/// Where the line begins in which the two files part: the rows before it are in both.
Result<std::uint64_t> parting_line(UniqueFd const& file, std::uint64_t common, std::string const& name) {
  constexpr std::uint64_t longest_line = 8ULL * 1024 * 1024;
  auto const from = common - std::min(common, longest_line);
  auto const before = read_range(file, from, common, name);
  if (!before) return before.error();
  auto const newline = before->rfind('\n');
  if (newline != std::string::npos) return from + newline + 1;
  if (from == 0) return std::uint64_t{0};
  return Error{ErrorKind::unsupported, name + " is not made of lines"};
}

}  // namespace

Result<void> append_missing_lines(UniqueFd const& source, UniqueFd const& target, std::string const& name) {
  auto const found = compare(source, target, name);
  if (!found) return found.error();
  auto const from = open_below(source, name, O_RDONLY | O_NONBLOCK);
  if (!from) return from.error();
  auto const to = open_below(target, name, O_RDWR | O_APPEND | O_NONBLOCK);
  if (!to) return to.error();
  auto const start = parting_line(*from, found->common, name);
  if (!start) return start.error();
  if (std::max(found->source_size, found->target_size) - *start > most_bytes)
    return Error{ErrorKind::unsupported, name + ": more than 64 MB differ"};
  auto lines = read_range(*from, *start, found->source_size, name);
  if (!lines) return lines.error();
  auto const there = read_range(*to, *start, found->target_size, name);
  if (!there) return there.error();
  if (there->find(*lines) != std::string::npos) return {};
  if (!lines->empty() && lines->back() != '\n') lines->push_back('\n');
  // A half line there, which a crash of ours can leave, must not swallow the first of these.
  if (!there->empty() && there->back() != '\n') lines->insert(lines->begin(), '\n');
  auto const written = ::write(to->get(), lines->data(), lines->size());
  if (written < 0) return errno_error(errno, "cannot write " + name);
  if (static_cast<std::size_t>(written) != lines->size())
    return Error{ErrorKind::no_space, "cannot write " + name + " to its end; make room, and run this again"};
  if (::fsync(to->get()) != 0) return errno_error(errno, "cannot sync " + name);
  return {};
}

}  // namespace failover::adapters
