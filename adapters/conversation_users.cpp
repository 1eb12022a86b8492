#include "adapters/conversation_users.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/directory.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::size_t most_users = 16;
constexpr std::size_t most_processes = 100'000;
constexpr std::size_t most_ancestors = 64;
constexpr std::size_t command_bytes = 4U << 20U;

pid_t number_in(std::string_view text) {
  pid_t number = 0;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} && end == text.data() + text.size() ? number : 0;
}

/// The words of a command line; none for a process that has ended.
std::vector<std::string> words_of(std::string const& process) {
  auto const read = read_file(process + "/cmdline", command_bytes);
  std::vector<std::string> words;
  if (!read) return words;
  for (std::size_t begin = 0; begin < read->size();) {
    auto const end = std::min(read->find('\0', begin), read->size());
    words.push_back(read->substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string program_in(std::vector<std::string> const& words) {
  return words.front().substr(words.front().rfind('/') + 1);  // npos + 1 is 0
}

bool names_it(std::vector<std::string> const& words, std::string const& conversation) {
  for (std::string_view const option : {"--resume", "--session-id", "-r"})
    for (std::size_t index = 1; index < words.size(); ++index) {
      if (words[index] == conversation && words[index - 1] == option) return true;
      if (words[index] == std::string(option) + "=" + conversation) return true;
    }
  return false;
}

/// 0 where that is not to be known.
pid_t parent_of_process(pid_t pid) {
  auto const stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!stat) return 0;
  auto const name_end = stat->rfind(") ");  // the name may hold anything
  if (name_end == std::string::npos || stat->size() < name_end + 5) return 0;
  auto const begin = name_end + 4;  // behind the state
  return number_in(std::string_view(*stat).substr(begin, stat->find(' ', begin) - begin));
}

bool is_below(pid_t pid, pid_t ancestor) {
  if (ancestor <= 0) return false;
  for (std::size_t level = 0; level < most_ancestors && pid > 1; ++level) {
    if (pid == ancestor) return true;
    pid = parent_of_process(pid);
  }
  return false;
}

}  // namespace

core::Result<std::vector<ConversationUser>> processes_in(core::ConversationId const& conversation, pid_t ending) {
  auto const proc = open_directory("/proc");
  if (!proc) return proc.error();
  auto const names = list_names(*proc, "/proc", most_processes);
  if (!names) return names.error();
  std::vector<ConversationUser> users;
  for (auto const& name : *names) {
    auto const pid = number_in(name);
    if (pid <= 0 || pid == ::getpid()) continue;
    struct stat info {};
    if (::stat(("/proc/" + name).c_str(), &info) != 0 || info.st_uid != ::geteuid()) continue;
    auto const words = words_of("/proc/" + name);
    if (words.empty() || !names_it(words, conversation.str())) continue;
    auto program = program_in(words);
    if (program == "tmux" || is_below(pid, ending)) continue;
    users.push_back({pid, std::move(program)});
    if (users.size() == most_users) break;
  }
  return users;
}

std::string to_text(std::vector<ConversationUser> const& users) {
  std::string text;
  for (auto const& user : users)
    text += (text.empty() ? "" : ", ") + user.program + " (pid " + std::to_string(user.pid) + ")";
  return text;
}

}  // namespace failover::adapters
