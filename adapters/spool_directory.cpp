#include "adapters/spool_directory.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <tuple>

#include <fcntl.h>
#include <sys/stat.h>

namespace failover::adapters {
namespace {

constexpr std::string_view ending = ".json";
constexpr std::string_view temporary_prefix = ".spool-";
constexpr std::size_t digits = 16;
constexpr std::size_t longest_time = 15;
constexpr std::size_t most_names = 20000;  // whoever fills it beyond that gets the rest read next time

bool is_hex(std::string_view text) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<SpoolFile> spool_file(std::string const& name) {
  auto const dash = name.find('-');
  if (dash == std::string::npos || dash == 0 || dash > longest_time || !name.ends_with(ending)) return std::nullopt;
  SpoolFile file{0, name};
  auto const [end, error] = std::from_chars(name.data(), name.data() + dash, file.at);
  if (error != std::errc{} || end != name.data() + dash || file.at < 0) return std::nullopt;
  auto const rest = std::string_view{name}.substr(dash + 1);
  if (!is_hex(rest.substr(0, rest.size() - ending.size()))) return std::nullopt;
  return file;
}

bool is_temporary(std::string_view name) {
  return name.starts_with(temporary_prefix) && is_hex(name.substr(temporary_prefix.size()));
}

}  // namespace

core::Result<UniqueFd> open_spool(std::string const& path) {
  UniqueFd directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  auto const number = errno;
  // ENOTDIR and ELOOP: something that is no directory, or a link, stands there.
  if (!directory.valid() && (number == ENOTDIR || number == ELOOP))
    return core::Error{core::ErrorKind::permission, path + " is no directory of ours; move it away"};
  if (!directory.valid()) return errno_error(number, "cannot open the spool " + path);
  struct stat info {};
  if (::fstat(directory.get(), &info) != 0) return errno_error(errno, "cannot look at the spool " + path);
  if (info.st_uid != ::geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return core::Error{core::ErrorKind::permission,
                       "the spool " + path + " may be written by others; it must be yours alone: chmod 700 " + path};
  return directory;
}

core::Result<UniqueFd> make_spool(std::string const& path) {
  auto directory = open_spool(path);
  if (directory || directory.error().kind != core::ErrorKind::not_found) return directory;
  std::error_code ignored;  // mkdir tells
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), ignored);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno_error(errno, "cannot make the spool " + path);
  return open_spool(path);
}

core::Result<SpoolListing> list_spool(UniqueFd const& directory, std::string const& path) {
  auto const names = list_names(directory, path, most_names);
  if (!names) return names.error();
  SpoolListing listing;
  for (auto const& name : *names) {
    if (auto file = spool_file(name))
      listing.files.push_back(std::move(*file));
    else if (is_temporary(name))
      listing.temporaries.push_back(name);
  }
  std::sort(listing.files.begin(), listing.files.end(), [](SpoolFile const& one, SpoolFile const& other) {
    return std::tie(one.at, one.name) < std::tie(other.at, other.name);
  });
  return listing;
}

std::string spool_name(std::int64_t at, std::string_view sixteen_digits) {
  return std::to_string(at) + "-" + std::string{sixteen_digits} + std::string{ending};
}

std::string temporary_spool_name(std::string_view sixteen_digits) {
  return std::string{temporary_prefix} + std::string{sixteen_digits};
}

}  // namespace failover::adapters
