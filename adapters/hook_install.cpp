#include "adapters/hook_install.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/json_text.hpp"

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

constexpr std::string_view file_name = "/settings.json";
constexpr std::string_view credentials = "/.credentials.json";

Result<std::string> resolved(std::string const& path) {
  std::unique_ptr<char, decltype(&std::free)> const real{::realpath(path.c_str(), nullptr), &std::free};
  if (!real) return errno_error(errno, path);
  return std::string(real.get());
}

Result<std::string> directory_of(std::string const& config_dir) {
  auto directory = resolved(config_dir);
  if (!directory && directory.error().kind == ErrorKind::not_found)
    return Error{ErrorKind::not_found, config_dir + ": there is no such directory; log in to the account first"};
  return directory;
}

/// Finds the file that `settings.json` is or leads to. True where there is one.
Result<bool> locate(SettingsFile& file) {
  auto const directory = directory_of(file.config_dir);
  if (!directory) return directory.error();
  file.path = *directory + std::string(file_name);
  struct stat info {};
  if (::lstat(file.path.c_str(), &info) != 0) {
    if (errno == ENOENT) return false;
    return errno_error(errno, "cannot look at " + file.path);
  }
  if (!S_ISLNK(info.st_mode)) return true;
  file.linked = true;
  auto const target = resolved(file.path);
  if (!target && target.error().kind == ErrorKind::not_found)
    return Error{ErrorKind::not_found, file.path + " is a link that leads to nothing: mend it or remove it"};
  if (!target) return target.error();
  file.path = *target;
  return true;
}

/// Whether the file can be replaced by another one without anybody's loss.
Result<void> check_replaceable(SettingsFile const& file, struct stat const& info) {
  if (!S_ISREG(info.st_mode)) return Error{ErrorKind::invalid, file.path + " is not a regular file"};
  if (file.path.ends_with(credentials))
    return Error{ErrorKind::invalid, file.path + " holds credentials and is not opened: mend the link to it"};
  if (info.st_nlink > 1)
    return Error{ErrorKind::unsupported, file.path + " has " + std::to_string(info.st_nlink) +
                                             " hard links, which an edit would part: use symbolic links instead"};
  if (::geteuid() != 0 && info.st_uid != ::geteuid())
    return Error{ErrorKind::permission, file.path + " belongs to another user: run this as its owner"};
  return {};
}

Result<SettingsFile> look(std::string const& config_dir) {
  SettingsFile file;
  file.config_dir = config_dir;
  auto const present = locate(file);
  if (!present) return present.error();
  if (!*present) return file;
  struct stat info {};
  if (::stat(file.path.c_str(), &info) != 0) return errno_error(errno, "cannot look at " + file.path);
  if (auto checked = check_replaceable(file, info); !checked) return checked.error();
  auto text = read_file(file.path, max_json_text_bytes);
  if (!text) return text.error();
  file.text = std::move(*text);
  file.mode = info.st_mode & 07777U;
  file.owner = {info.st_uid, info.st_gid};
  return file;
}

Error about(SettingsFile const& file, Error error) {
  error.detail = file.path + ": " + error.detail;
  return error;
}

/// The plan of an edit to `after`.
Result<SettingsEdit> planned(SettingsFile file, std::optional<std::string> after) {
  SettingsEdit edit;
  auto const had = installed_hooks(file.text.value_or(""));
  if (!had) return about(file, had.error());
  auto const has = installed_hooks(after.value_or(""));
  if (!has) return about(file, has.error());
  edit.had = *had;
  edit.has = *has;
  edit.file = std::move(file);
  edit.after = std::move(after);
  return edit;
}

Result<void> still_the_same(SettingsFile const& file) {
  auto const now = look(file.config_dir);
  if (!now) return now.error();
  if (*now == file) return {};
  return Error{ErrorKind::unavailable,
               file.path + " was changed by somebody else just now; nothing was written, run the command again"};
}

/// A new file where there was none belongs to whoever runs us.
std::optional<FileOwner> owner_to_keep(SettingsFile const& file) {
  return file.text ? std::optional{file.owner} : std::nullopt;
}

Result<void> back_up(SettingsEdit const& edit) {
  auto const& file = edit.file;
  if (!file.text || !edit.after) return {};  // a file that goes held nothing of the person's
  auto const path = backup_path(file);
  bool const there = ::access(path.c_str(), F_OK) == 0;
  if (edit.had.any && there) return {};
  return replace_file(path, *file.text, {0600, owner_to_keep(file), {}});
}

}  // namespace

Result<SettingsEdit> plan_adding(std::string const& config_dir, HookCommands const& commands, TheirStatusLine theirs) {
  auto file = look(config_dir);
  if (!file) return file.error();
  auto after = add_hooks(file->text.value_or(""), commands, theirs);
  if (!after) return about(*file, after.error());
  if (!file->text) after = settings_from_nothing(commands);
  return planned(std::move(*file), std::move(*after));
}

Result<SettingsEdit> plan_removing(std::string const& config_dir) {
  auto file = look(config_dir);
  if (!file) return file.error();
  if (!file->text) return planned(std::move(*file), std::nullopt);
  if (is_from_nothing(*file->text)) {
    // A link to nothing would be worse than a file without settings.
    auto after = file->linked ? std::optional<std::string>{"{}\n"} : std::nullopt;
    return planned(std::move(*file), std::move(after));
  }
  auto after = remove_hooks(*file->text);
  if (!after) return about(*file, after.error());
  return planned(std::move(*file), std::move(*after));
}

Result<void> apply(SettingsEdit const& edit) {
  if (!edit.changes()) return {};
  auto const& file = edit.file;
  if (auto same = still_the_same(file); !same) return same;
  if (auto kept = back_up(edit); !kept) return kept;
  if (edit.after)
    return replace_file(file.path, *edit.after, {file.mode, owner_to_keep(file), [&] { return still_the_same(file); }});
  if (::unlink(file.path.c_str()) != 0) return errno_error(errno, "cannot remove " + file.path);
  return {};
}

std::string backup_path(SettingsFile const& file) {
  return file.path + ".claude-failover.bak";
}

Result<std::string> running_program() {
  auto program = resolved("/proc/self/exe");
  if (program) return program;
  return Error{ErrorKind::not_found,
               "this program's own file is gone, it was replaced or removed: run the installed one (" +
                   program.error().detail + ")"};
}

}  // namespace failover::adapters
