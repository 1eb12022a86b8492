#include "adapters/conversation_files.hpp"

#include "adapters/directory.hpp"
#include "adapters/file_tree.hpp"
#include "adapters/json_member.hpp"

#include <algorithm>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::ErrorKind;
using core::Result;

constexpr std::size_t most_folders = 100'000;
constexpr std::size_t most_files = 200'000;
constexpr std::size_t first_row_bytes = 64UL * 1024;

/// Whether the file's first row names the conversation; a row that is longer than is looked at may do so at its
/// beginning.
bool belongs_to(core::ConversationId const& conversation, UniqueFd const& directory, std::string const& name) {
  auto const file = open_below(directory, name, O_RDONLY | O_NONBLOCK);
  struct stat info {};
  if (!file || ::fstat(file->get(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  std::string bytes(first_row_bytes, '\0');
  auto const got = ::pread(file->get(), bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  auto const row = std::string_view(bytes).substr(0, static_cast<std::size_t>(got));
  auto const id = first_member_text(row.substr(0, row.find('\n')), "sessionId");
  return id && *id == conversation.str();
}

Result<void> add_folder(ConversationFiles& files, std::string const& id, ConversationPlace const& place) {
  struct stat info {};
  if (::fstatat(place.directory.get(), id.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return {};
  if (!S_ISDIR(info.st_mode)) {
    files.obstacles.push_back(id + " is no directory");
    return {};
  }
  auto const tree = read_tree(place.path + "/" + id);
  if (!tree) return tree.error();
  for (auto const& name : tree->files) files.names.push_back(id + "/" + name);
  for (auto const& name : tree->obstacles) files.obstacles.push_back(id + "/" + name);
  return {};
}

}  // namespace

Result<std::vector<ConversationPlace>> places_of(core::ConversationId const& conversation,
                                                 std::string const& account_dir) {
  std::vector<ConversationPlace> places;
  auto const path = account_dir + "/projects";
  auto const projects = open_directory(path);
  if (!projects && projects.error().kind == ErrorKind::not_found) return places;
  if (!projects) return projects.error();
  auto names = list_names(*projects, path, most_folders);
  if (!names) return names.error();
  std::sort(names->begin(), names->end());
  for (auto const& name : *names) {
    struct stat info {};
    auto const file = name + "/" + conversation.str() + ".jsonl";
    if (::fstatat(projects->get(), file.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    auto directory = open_directory(path + "/" + name);
    if (!directory) return directory.error();
    places.push_back({name, path + "/" + name, std::move(*directory)});
  }
  return places;
}

bool same_directory(UniqueFd const& one, UniqueFd const& other) {
  struct stat ours {};
  struct stat theirs {};
  if (::fstat(one.get(), &ours) != 0 || ::fstat(other.get(), &theirs) != 0) return false;
  return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

Result<ConversationFiles> files_beside(core::ConversationId const& conversation, ConversationPlace const& place) {
  ConversationFiles files;
  if (auto added = add_folder(files, conversation.str(), place); !added) return added.error();
  auto names = list_names(place.directory, place.path, most_files);
  if (!names) return names.error();
  std::sort(names->begin(), names->end());
  for (auto const& name : *names) {
    std::string_view const view{name};
    if (view.starts_with("agent-") && view.ends_with(".jsonl") && belongs_to(conversation, place.directory, name))
      files.names.push_back(name);
  }
  return files;
}

}  // namespace failover::adapters
