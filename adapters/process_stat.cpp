#include "adapters/process_stat.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>

#include <fcntl.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

/// The first words of a text, parted by single blanks; "" where there are fewer.
template <std::size_t count>
std::array<std::string_view, count> words_of(std::string_view text) {
  std::array<std::string_view, count> words = {};
  for (auto& word : words) {
    word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}

std::optional<ProcessStat> parse(std::string_view stat) {
  auto const begin = stat.find('(');
  auto const end = stat.rfind(") ");  // the name may hold anything
  if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
  constexpr std::size_t state = 0;
  constexpr std::size_t group = 2;
  constexpr std::size_t session = 3;
  constexpr std::size_t terminal = 4;
  constexpr std::size_t foreground = 5;
  constexpr std::size_t started = 19;
  auto const words = words_of<started + 1>(stat.substr(end + 2));
  auto const group_number = number_in<pid_t>(words[group]);
  auto const session_number = number_in<pid_t>(words[session]);
  auto const foreground_number = number_in<pid_t>(words[foreground]);
  auto const start = number_in<std::int64_t>(words[started]);
  if (words[state].size() != 1 || !group_number || !session_number || !foreground_number || !start) return {};
  ProcessStat found;
  found.program = stat.substr(begin + 1, end - begin - 1);
  found.state = words[state].front();
  found.group = *group_number;
  found.session = *session_number;
  found.foreground = words[terminal] == "0" ? 0 : std::max(0, *foreground_number);
  found.started = *start;
  return found;
}

}  // namespace

std::optional<pid_t> process_number(std::string_view name) {
  return number_in<pid_t>(name);
}

core::Result<ProcessStat> process_stat(pid_t pid) {
  if (pid <= 0) return core::Error{core::ErrorKind::not_found, "no process has the number " + std::to_string(pid)};
  auto const path = "/proc/" + std::to_string(pid) + "/stat";
  UniqueFd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return errno_error(errno, "cannot read " + path);
  std::array<char, 2048> stat{};  // one read has it all: some 350 bytes
  auto const size = ::read(file.get(), stat.data(), stat.size());
  if (size < 0) return errno_error(errno, "cannot read " + path);
  if (auto found = parse({stat.data(), static_cast<std::size_t>(size)})) return std::move(*found);
  return core::Error{core::ErrorKind::invalid, path + " is not as it is known"};
}

bool still_runs(core::ProcessRef const& process) {
  auto const stat = process_stat(static_cast<pid_t>(process.pid));
  if (!stat) return stat.error().kind != core::ErrorKind::not_found;
  return stat->lives() && (process.started == 0 || stat->started == process.started);
}

}  // namespace failover::adapters
