#include "adapters/file_tree.hpp"

#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::size_t most_names = 500'000;
constexpr std::size_t most_levels = 32;
constexpr std::string_view unfinished = ".failover-copying.tmp";

char const* kind_word(mode_t mode) {
  if (S_ISLNK(mode)) return "a symlink";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

struct Walk {
  UniqueFd const& root;
  std::string const& path;
  FileTree tree = {};

  [[nodiscard]] std::size_t size() const { return tree.directories.size() + tree.files.size() + tree.obstacles.size(); }

  core::Result<void> visit(std::string const& folder, std::size_t level);
  core::Result<void> take(UniqueFd const& directory, std::string const& name, std::string const& relative,
                          std::size_t level);
};

core::Result<void> Walk::take(UniqueFd const& directory, std::string const& name, std::string const& relative,
                              std::size_t level) {
  struct stat info {};
  if (::fstatat(directory.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};  // gone since it was listed
    return errno_error(errno, "cannot look at " + path + "/" + relative);
  }
  if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)) {
    tree.obstacles.push_back(relative + " is " + kind_word(info.st_mode));
    return {};
  }
  bool const folder = S_ISDIR(info.st_mode);
  if (::faccessat(directory.get(), name.c_str(), folder ? R_OK | X_OK : R_OK, AT_EACCESS) != 0) {
    tree.obstacles.push_back(relative + " may not be read");
    return {};
  }
  if (!folder) {
    tree.files.push_back(relative);
    return {};
  }
  tree.directories.push_back(relative);
  return visit(relative, level + 1);
}

core::Result<void> Walk::visit(std::string const& folder, std::size_t level) {
  auto const shown = folder.empty() ? path : path + "/" + folder;
  auto const too_large = core::Error{core::ErrorKind::too_large, shown + ": more than " + std::to_string(most_names) +
                                                                     " files, or deeper than " +
                                                                     std::to_string(most_levels) + " directories"};
  if (level > most_levels) return too_large;
  auto const directory = open_below(root, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!directory) return directory.error();
  auto names = list_names(*directory, shown, most_names + 1);
  if (!names) return names.error();
  if (size() + names->size() > most_names) return too_large;
  std::sort(names->begin(), names->end());
  for (auto const& name : *names) {
    if (name == unfinished) continue;
    if (auto taken = take(*directory, name, folder.empty() ? name : folder + "/" + name, level); !taken) return taken;
  }
  return {};
}

}  // namespace

core::Result<FileTree> read_tree(std::string const& root) {
  auto const directory = open_directory(root);
  if (!directory) return directory.error();
  Walk walk{*directory, root};
  if (auto done = walk.visit("", 0); !done) return done.error();
  return std::move(walk.tree);
}

core::Result<UniqueFd> open_below(UniqueFd const& root, std::string const& name, int flags) {
  constexpr mode_t private_file = 0600;
  UniqueFd folder;
  std::size_t start = 0;
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', start)) {
    auto const part = name.substr(start, slash - start);
    UniqueFd next{::openat(folder.valid() ? folder.get() : root.get(), part.c_str(),
                           O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!next.valid()) return errno_error(errno, "cannot open " + name.substr(0, slash));
    folder = std::move(next);
    start = slash + 1;
  }
  UniqueFd opened{::openat(folder.valid() ? folder.get() : root.get(), name.c_str() + start,
                           flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, private_file)};
  if (!opened.valid()) return errno_error(errno, "cannot open " + name);
  return opened;
}

std::string unfinished_name(std::string const& name) {
  auto const slash = name.rfind('/');
  return (slash == std::string::npos ? "" : name.substr(0, slash + 1)) + std::string(unfinished);
}

}  // namespace failover::adapters
