#include "adapters/history_merge.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/file_tree.hpp"
#include "adapters/missing_lines.hpp"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

void add_directory(MergePlan& plan, UniqueFd const& target, std::string const& name) {
  struct stat info {};
  if (!target.valid() || ::fstatat(target.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    plan.directories.push_back(name);
  else if (!S_ISDIR(info.st_mode))
    plan.conflicts.push_back(name);
}

void add_file(MergePlan& plan, std::string const& name, Comparison const& found) {
  switch (found.likeness) {
    case Likeness::missing:
    case Likeness::beginning:
      plan.files.push_back({name, found.likeness, found.target_size});
      plan.bytes += found.source_size - found.target_size;
      return;
    case Likeness::same:
    case Likeness::longer:
      ++plan.there;
      return;
    case Likeness::different:
      plan.conflicts.push_back(name);
      return;
  }
}

Result<Comparison> compare_with(UniqueFd const& source, UniqueFd const& target, std::string const& name,
                                Promised const& promised) {
  auto const other = promised.find(name);
  if (other == promised.end()) return compare(source, target, name);
  auto const directory = open_directory(other->second);
  if (!directory) return directory.error();
  return compare(source, *directory, name);
}

/// A target that is not there yet has no descriptor; every name is missing then.
Result<UniqueFd> open_target(std::string const& path) {
  auto opened = open_directory(path);
  if (opened || opened.error().kind != ErrorKind::not_found) return opened;
  return UniqueFd{};
}

Result<void> make_directory(UniqueFd const& source, UniqueFd const& target, std::string const& name) {
  struct stat info {};
  if (::fstatat(source.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return errno_error(errno, "cannot look at directory " + name);
  if (::mkdirat(target.get(), name.c_str(), (info.st_mode & 0777U) | S_IRWXU) != 0 && errno != EEXIST)
    return errno_error(errno, "cannot make directory " + name);
  auto const slash = name.rfind('/');
  auto const above = slash == std::string::npos ? std::string{"."} : name.substr(0, slash);
  auto const directory = open_below(target, above, O_RDONLY | O_DIRECTORY);
  if (!directory) return directory.error();
  return sync_directory(*directory, above);
}

struct Both {
  UniqueFd source = {};
  UniqueFd target = {};
};

Result<Both> open_both(std::string const& source, std::string const& target) {
  auto from = open_directory(source);
  if (!from) return from.error();
  auto to = open_directory(target);
  if (!to) return to.error();
  return Both{std::move(*from), std::move(*to)};
}

std::string first_ten(std::vector<std::string> const& names) {
  constexpr std::size_t most_named = 10;
  std::string text;
  for (std::size_t index = 0; index < names.size() && index < most_named; ++index)
    text += (index == 0 ? "" : ", ") + names[index];
  if (names.size() > most_named) text += " and " + std::to_string(names.size() - most_named) + " more";
  return text;
}

}  // namespace

Result<MergePlan> plan_merge(std::string const& source, std::string const& target, Promised const& promised) {
  auto const from = open_directory(source);
  if (!from) return from.error();
  auto const to = open_target(target);
  if (!to) return to.error();
  auto tree = read_tree(source);
  if (!tree) return tree.error();
  MergePlan plan;
  plan.obstacles = std::move(tree->obstacles);
  for (auto const& name : tree->directories) add_directory(plan, *to, name);
  for (auto const& name : tree->files) {
    auto const found = compare_with(*from, *to, name, promised);
    if (found)
      add_file(plan, name, *found);
    else if (found.error().kind == ErrorKind::refused)  // a directory where the other has a file
      plan.conflicts.push_back(name);
    else if (found.error().kind != ErrorKind::not_found)  // else gone since the directory was read
      return Error{found.error().kind, source + ": " + found.error().detail};
  }
  return plan;
}

Result<void> check_mergeable(MergePlan const& plan) {
  if (!plan.obstacles.empty())
    return Error{ErrorKind::refused, "cannot share " + first_ten(plan.obstacles) + "; move that out of projects/"};
  if (!plan.conflicts.empty())
    return Error{ErrorKind::refused,
                 std::to_string(plan.conflicts.size()) + " files have other contents in the shared history: " +
                     first_ten(plan.conflicts) + "; rename or move away the account's, and run this again"};
  return {};
}

Result<void> bring(std::string const& source, std::string const& target, MergePlan const& plan) {
  auto const both = open_both(source, target);
  if (!both) return both.error();
  for (auto const& name : plan.directories)
    if (auto made = make_directory(both->source, both->target, name); !made) return made;
  for (auto const& step : plan.files) {
    auto const done = step.likeness == Likeness::missing
                          ? copy_verified(both->source, both->target, step.name)
                          : append_rest(both->source, both->target, step.name, step.from);
    // It came to be there meanwhile: the next comparison tells what that means.
    if (!done && done.error().kind != ErrorKind::already_exists)
      return Error{done.error().kind, source + ": " + done.error().detail};
  }
  return {};
}

Result<void> merge_completely(std::string const& source, std::string const& target) {
  constexpr int most_rounds = 4;
  for (int round = 0; round < most_rounds; ++round) {
    auto const plan = plan_merge(source, target);
    if (!plan) return plan.error();
    if (auto mergeable = check_mergeable(*plan); !mergeable) return mergeable;
    if (plan->complete()) return {};
    if (auto brought = bring(source, target, *plan); !brought) return brought;
  }
  return Error{ErrorKind::unavailable, source + ": files change while they are copied; stop the agents, and try again"};
}

Result<std::vector<std::string>> bring_the_rest(std::string const& source, std::string const& target) {
  auto plan = plan_merge(source, target);
  if (!plan) return plan.error();
  if (auto brought = bring(source, target, *plan); !brought) return brought.error();
  auto const both = open_both(source, target);
  if (!both) return both.error();
  std::vector<std::string> left = std::move(plan->obstacles);
  for (auto const& name : plan->conflicts) {
    auto const appended = std::string_view{name}.ends_with(".jsonl")
                              ? append_missing_lines(both->source, both->target, name)
                              : Result<void>{Error{ErrorKind::unsupported, name}};
    if (appended) continue;
    auto const kind = appended.error().kind;
    if (kind != ErrorKind::unsupported && kind != ErrorKind::refused) return appended.error();
    left.push_back(name);
  }
  return left;
}

}  // namespace failover::adapters
