#include "instruction.hpp"

#include "adapters/unique_fd.hpp"
#include "files.hpp"
#include "text.hpp"

#include <string_view>

#include <fcntl.h>

namespace failover::fake_agent {
namespace {

/// The absolute path in a word, without quotes and the punctuation of a sentence; empty when there is none.
std::string_view path_in(std::string_view word) {
  auto const start = word.find_first_not_of("\"'`(<[");
  if (start == std::string_view::npos || word[start] != '/') return {};
  word.remove_prefix(start);
  return word.substr(0, word.find_last_not_of("\"'`)>],.;:!?") + 1);
}

}  // namespace

std::string with_named_files(std::string const& prompt) {
  constexpr std::uintmax_t most_bytes = 262144;
  auto instruction = prompt;
  for (auto const word : words_of(prompt)) {
    fs::path const path{path_in(word)};
    std::error_code failed;
    if (path.empty() || !fs::is_regular_file(path, failed) || fs::file_size(path, failed) > most_bytes) continue;
    instruction += "\n" + read_file(path).value_or(std::string{});
  }
  return instruction;
}

void obey(std::string const& instruction) {
  for (auto const word : words_of(instruction)) {
    std::string const path{path_in(word)};
    if (!path.ends_with(".done")) continue;
    adapters::UniqueFd const file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  }
}

}  // namespace failover::fake_agent
