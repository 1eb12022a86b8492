#include "adapters/carry_conversation.hpp"

#include "adapters/conversation_files.hpp"
#include "adapters/conversation_users.hpp"
#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/file_tree.hpp"
#include "adapters/verified_copy.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::ConversationId;
using core::Error;
using core::ErrorKind;
using core::Result;

/// The places of one folder's name: those to copy from and the one to copy to, which need not be there.
struct Folder {
  std::string name = {};
  std::vector<ConversationPlace> sources = {};
  ConversationPlace target = {};
};

/// A file to copy.
struct Step {
  ConversationPlace const* from = nullptr;
  std::string name = {};
};

/// The account itself, so that a link that is flipped meanwhile does not divide the work; as given where there is none.
std::string real_directory(std::string const& path) {
  std::unique_ptr<char, decltype(&std::free)> const real{::realpath(path.c_str(), nullptr), &std::free};
  return real ? std::string{real.get()} : path;
}

Result<void> check_id(std::string const& id) {
  constexpr std::size_t longest = 128;
  bool const plain = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
  if (plain && !id.empty() && id.size() <= longest) return {};
  return Error{ErrorKind::invalid, "the conversation's id is no name of a file, so it cannot be carried over"};
}

Folder& folder_named(std::vector<Folder>& folders, std::string const& name) {
  for (auto& folder : folders)
    if (folder.name == name) return folder;
  folders.push_back({name, {}, {}});
  return folders.back();
}

/// A directory that two names lead to is one place.
void add_source(std::vector<Folder>& folders, ConversationPlace place) {
  for (auto const& folder : folders) {
    if (folder.target.directory.valid() && same_directory(folder.target.directory, place.directory)) return;
    for (auto const& known : folder.sources)
      if (same_directory(known.directory, place.directory)) return;
  }
  auto& folder = folder_named(folders, place.folder);
  folder.sources.push_back(std::move(place));
}

Result<std::vector<Folder>> find_folders(ConversationId const& conversation, std::vector<std::string> const& accounts,
                                         std::string const& to_dir) {
  std::vector<Folder> folders;
  auto there = places_of(conversation, to_dir);
  if (!there) return there.error();
  for (auto& place : *there) {
    auto const name = place.folder;
    folder_named(folders, name).target = std::move(place);
  }
  for (auto const& account : accounts) {
    auto places = places_of(conversation, account);
    if (!places) return places.error();
    for (auto& place : *places) add_source(folders, std::move(place));
  }
  return folders;
}

Error split(std::string const& one, std::string const& other, std::uint64_t common) {
  return {ErrorKind::refused, "the conversation is split: " + one + " and " + other + " differ after " +
                                  std::to_string(common) +
                                  " bytes; move the one you can do without out of projects/, then release the session "
                                  "(`accounts share-history` keeps this from happening)"};
}

/// Nothing where the target's copy is whole, or no place has the file.
Result<std::optional<Step>> choose(Folder const& folder, std::string const& name, CarryReport& report) {
  auto const* best = &folder.target;
  for (auto const& place : folder.sources) {
    auto const found = compare(place.directory, best->directory, name);
    if (!found && found.error().kind == ErrorKind::not_found) continue;
    if (!found) return Error{found.error().kind, place.path + ": " + found.error().detail};
    if (found->likeness == Likeness::missing || found->likeness == Likeness::beginning) best = &place;
    if (found->likeness != Likeness::different) continue;
    if (name.ends_with(".jsonl")) return split(best->path + "/" + name, place.path + "/" + name, found->common);
    report.left.push_back(place.path + "/" + name);
  }
  if (best == &folder.target) return std::optional<Step>{};
  return std::optional<Step>{Step{best, name}};
}

/// The conversation's own file comes last: what is beside it counts for nothing without it.
Result<std::vector<Step>> plan(ConversationId const& conversation, Folder& folder, CarryReport& report) {
  auto const own_name = conversation.str() + ".jsonl";
  auto const own = choose(folder, own_name, report);
  if (!own) return own.error();
  // Where the others' words differ, those beside the copy that counts are taken.
  if (*own) std::iter_swap(folder.sources.begin(), folder.sources.begin() + ((*own)->from - folder.sources.data()));
  std::set<std::string> names;
  for (auto const& place : folder.sources) {
    auto files = files_beside(conversation, place);
    if (!files) return files.error();
    names.insert(files->names.begin(), files->names.end());
    for (auto const& name : files->obstacles) report.left.push_back(place.path + "/" + name);
  }
  std::vector<Step> steps;
  for (auto const& name : names) {
    auto const step = choose(folder, name, report);
    if (!step) return step.error();
    if (*step) steps.push_back(**step);
  }
  if (*own) steps.push_back({&folder.sources.front(), own_name});
  return steps;
}

Result<void> make_private(UniqueFd const& directory, std::string const& name, std::string const& shown) {
  if (::mkdirat(directory.get(), name.c_str(), S_IRWXU) == 0) return sync_directory(directory, shown);
  if (errno == EEXIST) return {};
  return errno_error(errno, "cannot make directory " + shown + "/" + name);
}

/// The place to copy to, made where it is not there.
Result<void> make_target(Folder& folder, std::string const& to_dir) {
  if (folder.target.directory.valid()) return {};
  auto const projects_path = to_dir + "/projects";
  auto const account = open_directory(to_dir);
  if (!account) return account.error();
  if (auto made = make_private(*account, "projects", to_dir); !made) return made;
  auto const projects = open_directory(projects_path);
  if (!projects) return projects.error();
  if (auto made = make_private(*projects, folder.name, projects_path); !made) return made;
  auto directory = open_directory(projects_path + "/" + folder.name);
  if (!directory) return directory.error();
  folder.target = {folder.name, projects_path + "/" + folder.name, std::move(*directory)};
  return {};
}

Result<void> make_directories_of(ConversationPlace const& target, std::string const& name) {
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    auto const path = name.substr(0, slash);
    auto const last = path.rfind('/');
    auto const above = last == std::string::npos ? std::string{"."} : path.substr(0, last);
    auto const directory = open_below(target.directory, above, O_RDONLY | O_DIRECTORY);
    if (!directory) return directory.error();
    auto const made = make_private(*directory, path.substr(last + 1), target.path + "/" + above);  // npos + 1 is 0
    if (!made) return made;
  }
  return {};
}

Result<void> carry_out(std::vector<Step> const& steps, ConversationPlace const& target, CarryReport& report) {
  for (auto const& step : steps) {
    if (auto made = make_directories_of(target, step.name); !made) return made;
    auto const bytes = carry_file(step.from->directory, target.directory, step.name);
    if (!bytes)
      return Error{bytes.error().kind, "cannot carry the conversation to " + target.path + ": " + bytes.error().detail};
    ++report.files;
    report.bytes += *bytes;
  }
  return {};
}

Result<void> check_alone(ConversationId const& conversation, pid_t ending) {
  auto const users = processes_in(conversation, ending);
  if (!users) return users.error();
  if (users->empty()) return {};
  return Error{ErrorKind::refused, "conversation " + conversation.str() + " is kept by " + to_text(*users) +
                                       "; two agents must not write it, so end that one, then release the session"};
}

}  // namespace

Result<CarryReport> carry_conversation(ConversationId const& conversation, std::vector<std::string> const& account_dirs,
                                       std::string const& to_dir, pid_t ending) {
  if (auto checked = check_id(conversation.str()); !checked) return checked.error();
  auto const target = real_directory(to_dir);
  auto folders = find_folders(conversation, account_dirs, target);
  if (!folders) return folders.error();
  CarryReport report;
  report.found = !folders->empty();
  std::vector<std::vector<Step>> plans;
  for (auto& folder : *folders) {
    auto steps = plan(conversation, folder, report);
    if (!steps) return steps.error();
    plans.push_back(std::move(*steps));
  }
  if (std::all_of(plans.begin(), plans.end(), [](auto const& steps) { return steps.empty(); })) return report;
  if (auto alone = check_alone(conversation, ending); !alone) return alone.error();
  for (std::size_t index = 0; index < plans.size(); ++index) {
    auto& folder = (*folders)[index];
    if (plans[index].empty()) continue;
    if (auto made = make_target(folder, target); !made) return made.error();
    if (auto done = carry_out(plans[index], folder.target, report); !done) return done.error();
  }
  return report;
}

}  // namespace failover::adapters
