#include "adapters/open_files.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/real_place.hpp"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::size_t most_users = 16;
constexpr std::size_t most_descriptors = 4096;
constexpr std::size_t most_processes = 100'000;

std::optional<pid_t> process_id(std::string const& name) {
  pid_t pid = 0;
  auto const [end, fault] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (fault != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return pid;
}

std::string program_of(std::string const& process) {
  auto const read = read_file(process + "/comm", 256);
  auto name = read ? *read : std::string{"?"};
  while (!name.empty() && name.back() == '\n') name.pop_back();
  for (auto& character : name)
    if (static_cast<unsigned char>(character) < 0x20) character = '?';
  return name;
}

/// What the process uses below the directory; "" for nothing.
std::string use_of(std::string const& process, std::string const& directory, UsedAs how) {
  if (how == UsedAs::open_file_or_working_directory)
    if (auto work = link_text(process + "/cwd"); lies_within(work, directory)) return work;
  auto const descriptors = open_directory(process + "/fd");
  if (!descriptors) return {};
  auto const names = list_names(*descriptors, process + "/fd", most_descriptors);
  if (!names) return {};
  for (auto const& name : *names)
    if (auto file = link_text(process + "/fd/" + name); lies_within(file, directory)) return file;
  return {};
}

}  // namespace

core::Result<std::vector<DirectoryUser>> processes_using(std::string const& directory, UsedAs how) {
  // /proc tells paths without any link in them.
  std::unique_ptr<char, decltype(&std::free)> const real{::realpath(directory.c_str(), nullptr), &std::free};
  if (!real) return errno_error(errno, "cannot look at " + directory);
  auto const proc = open_directory("/proc");
  if (!proc) return proc.error();
  auto const names = list_names(*proc, "/proc", most_processes);
  if (!names) return names.error();
  std::vector<DirectoryUser> users;
  for (auto const& name : *names) {
    auto const pid = process_id(name);
    if (!pid || *pid == ::getpid()) continue;
    auto const process = "/proc/" + name;
    struct stat info {};
    if (::stat(process.c_str(), &info) != 0 || info.st_uid != ::geteuid()) continue;
    auto path = use_of(process, real.get(), how);
    if (path.empty()) continue;
    users.push_back({*pid, program_of(process), std::move(path)});
    if (users.size() == most_users) break;
  }
  return users;
}

std::string to_text(std::vector<DirectoryUser> const& users) {
  std::string text;
  for (auto const& user : users) {
    if (!text.empty()) text += ", ";
    text += user.program + " (pid " + std::to_string(user.pid) + ": " + user.path + ")";
  }
  return text;
}

}  // namespace failover::adapters
