#include "adapters/briefing_file.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/conversation_files.hpp"
#include "adapters/exchange_names.hpp"
#include "adapters/file_tree.hpp"
#include "adapters/json_document.hpp"
#include "adapters/message_text.hpp"
#include "adapters/paths.hpp"
#include "adapters/transcript_row.hpp"
#include "adapters/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

namespace fs = std::filesystem;
using core::LastWords;

constexpr std::size_t tail_bytes = 1U << 20U;

struct Copy {
  UniqueFd file = {};
  struct stat info = {};
};

bool is_newer(struct stat const& one, struct stat const& other) {
  auto const key = [](struct stat const& s) { return std::pair{s.st_mtim.tv_sec, s.st_mtim.tv_nsec}; };
  return key(one) > key(other);
}

/// The newest of an id's transcripts.
std::optional<Copy> newest_copy(core::ConversationId const& conversation, std::vector<std::string> const& accounts) {
  std::optional<Copy> newest;
  for (auto const& account : accounts) {
    auto const places = places_of(conversation, account);
    if (!places) continue;
    for (auto const& place : *places) {
      auto file = open_below(place.directory, conversation.str() + ".jsonl", O_RDONLY | O_NONBLOCK);
      Copy copy;
      if (!file || ::fstat(file->get(), &copy.info) != 0 || !S_ISREG(copy.info.st_mode)) continue;
      copy.file = std::move(*file);
      if (!newest || is_newer(copy.info, newest->info)) newest = std::move(copy);
    }
  }
  return newest;
}

/// Whole lines only.
std::string tail_of(Copy const& copy) {
  auto const size = static_cast<std::uint64_t>(copy.info.st_size);
  auto const from = size > tail_bytes ? size - tail_bytes : 0;
  std::string bytes(static_cast<std::size_t>(size - from), '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    auto const count = ::pread(copy.file.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(from + got));
    if (count <= 0) break;
    got += static_cast<std::size_t>(count);
  }
  bytes.resize(got);
  if (from > 0) bytes.erase(0, std::min(bytes.find('\n'), bytes.size()));
  return bytes;
}

std::string bounded(std::string_view text) {
  auto const plain = plain_text(text);
  std::string cut{cut_utf8(plain, core::max_briefing_text)};
  if (cut.size() < plain.size()) cut += " […]";
  return cut;
}

/// What the model said in a row; its thoughts and its calls of tools are no words to the user.
std::string words_in(std::string_view line) {
  auto const document = JsonDocument::parse(line);
  if (!document) return {};
  auto const message = document->root().member("message");
  auto const content = message ? message->member("content") : std::nullopt;
  if (!content) return {};
  if (auto const text = content->text()) return std::string{*text};
  std::string words;
  for (std::size_t i = 0; i < content->length().value_or(0); ++i) {
    auto const block = content->element(i);
    auto const type = block.member("type");
    auto const text = block.member("text");
    if (!type || type->text() != std::optional<std::string_view>{"text"} || !text || !text->text()) continue;
    if (!words.empty()) words += '\n';
    words += *text->text();
  }
  return words;
}

void take_line(std::string_view line, std::string const& continue_prompt, LastWords& last) {
  auto const row = transcript_row(line);
  if (!row || !*row || (*row)->sidechain) return;
  if ((*row)->kind == core::RowKind::prompt && (*row)->text != continue_prompt) {
    last.request = bounded((*row)->text);
    last.replies.clear();
  }
  if ((*row)->kind != core::RowKind::reply) return;
  auto const words = words_in(line);
  if (words.find_first_not_of(" \n\t") == std::string::npos) return;
  last.replies.push_back(bounded(words));
  if (last.replies.size() > core::max_briefing_replies) last.replies.erase(last.replies.begin());
}

/// The oldest beyond the bound; `kept` is not among them.
void remove_oldest(fs::path const& directory, fs::path const& kept) {
  std::vector<std::pair<fs::file_time_type, fs::path>> briefings;
  std::error_code error;
  for (fs::directory_iterator entry{directory, error}, end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".md" || entry->path() == kept) continue;
    std::error_code gone;
    if (auto const written = entry->last_write_time(gone); !gone) briefings.emplace_back(written, entry->path());
  }
  std::sort(briefings.begin(), briefings.end());
  for (std::size_t i = 0; i + most_briefings <= briefings.size(); ++i) fs::remove(briefings[i].second, error);
}

}  // namespace

LastWords last_words(core::ConversationId const& conversation, std::vector<std::string> const& account_dirs,
                     std::string const& continue_prompt) {
  LastWords last;
  auto const copy = newest_copy(conversation, account_dirs);
  if (!copy) return last;
  auto const bytes = tail_of(*copy);
  std::string_view rest{bytes};
  while (!rest.empty()) {
    auto const end = rest.find('\n');
    take_line(rest.substr(0, end), continue_prompt, last);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return last;
}

core::Result<void> write_briefing(core::Briefing const& briefing, std::vector<std::string> const& account_dirs) {
  auto told = briefing;
  told.request = bounded(briefing.request);
  auto const directory = parent_of(briefing.file);
  if (auto made = make_directories(directory); !made) return made.error();
  auto const last = last_words(briefing.conversation, account_dirs, briefing.continue_prompt);
  auto written = write_file_atomically(briefing.file, core::briefing_text(told, last), 0600);
  if (!written)
    return core::Error{written.error().kind,
                       "cannot write the briefing " + briefing.file + ": " + written.error().detail};
  remove_oldest(directory, briefing.file);
  return {};
}

}  // namespace failover::adapters
