#include "adapters/prepare_trust.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/json_splice.hpp"
#include "adapters/json_text.hpp"
#include "adapters/settings_view.hpp"
#include "adapters/utf8.hpp"

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

/// Names from the outermost object to the key.
using KeyPath = std::vector<std::string>;

struct Found {
  std::string path = {};                 ///< every link resolved
  std::optional<std::string> text = {};  ///< nothing where there is no file
  mode_t mode = 0600;
  std::optional<FileOwner> owner = {};
  bool operator==(Found const&) const = default;
};

/// The member that brings the rest of a path, from `first` on.
std::string missing_member(KeyPath const& path, std::size_t first) {
  std::string piece = "true";
  for (auto at = path.size(); at-- > first;)
    piece = json_quoted(path[at]) + ":" + (at + 1 == path.size() ? piece : "{" + piece + "}");
  return piece;
}

Result<std::string> with_true(std::string_view text, KeyPath const& path) {
  auto const json = JsonText::scan(text);
  if (!json) return json.error();
  auto value = json->root();
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (value.kind != JsonKind::object) return error_at(text, value.range.begin, "an object was expected here");
    auto const member = only_member(*json, json->members(value), path[at]);
    if (!member) return member.error();
    if (!*member) return with_appended(*json, value, missing_member(path, at));
    value = (*member)->value;
  }
  auto const written = text.substr(value.range.begin, value.range.end - value.range.begin);
  return written == "true" ? std::string(text) : with_replaced(text, value.range, "true");
}

Result<std::string> resolved(std::string const& path) {
  std::unique_ptr<char, decltype(&std::free)> const real{::realpath(path.c_str(), nullptr), &std::free};
  if (!real) return errno_error(errno, path);
  return std::string(real.get());
}

/// Whether the file can be replaced by another one without anybody's loss.
Result<void> check_replaceable(std::string const& path, struct stat const& info) {
  if (!S_ISREG(info.st_mode)) return Error{ErrorKind::invalid, path + " is not a regular file"};
  if (info.st_nlink > 1)
    return Error{ErrorKind::unsupported,
                 path + " has several hard links, which an edit would part: use symbolic links instead"};
  if (::geteuid() != 0 && info.st_uid != ::geteuid())
    return Error{ErrorKind::permission, path + " belongs to another user: run the daemon as its owner"};
  return {};
}

Result<Found> look(std::string const& file) {
  struct stat info {};
  if (::lstat(file.c_str(), &info) != 0) {
    if (errno == ENOENT) return Found{file, {}, 0600, {}};
    return errno_error(errno, "cannot look at " + file);
  }
  auto const path = resolved(file);
  if (!path && path.error().kind == ErrorKind::not_found)
    return Error{ErrorKind::not_found, file + " is a link that leads to nothing: mend it or remove it"};
  if (!path) return path.error();
  if (::stat(path->c_str(), &info) != 0) return errno_error(errno, "cannot look at " + *path);
  if (auto checked = check_replaceable(*path, info); !checked) return checked.error();
  auto text = read_file(*path, max_json_text_bytes);
  if (!text) return text.error();
  return Found{*path, std::move(*text), info.st_mode & 07777U, FileOwner{info.st_uid, info.st_gid}};
}

Result<std::string> edited(Found const& found, std::string const& directory) {
  auto text = with_trust(found.text.value_or("{}\n"), directory);
  if (!text) return Error{text.error().kind, found.path + ": " + text.error().detail};
  return text;
}

Result<void> write(std::string const& file, Found const& found, std::string const& text, AgentLock const& lock) {
  Replacement replacement{found.mode, found.owner, {}};
  replacement.confirm = [&]() -> Result<void> {
    if (auto held = lock.still_held(); !held) return held;
    auto const now = look(file);
    if (!now) return now.error();
    if (*now == found) return {};
    return Error{ErrorKind::unavailable, found.path + " was changed by somebody else just now; nothing was written"};
  };
  return replace_file(found.path, text, replacement);
}

/// Reads anew, for what was read before the lock was taken may be old.
Result<bool> edit_under(AgentLock const& lock, std::string const& file, std::string const& directory) {
  auto const found = look(file);
  if (!found) return found.error();
  auto const text = edited(*found, directory);
  if (!text) return text.error();
  if (found->text == *text) return false;
  if (auto written = write(file, *found, *text, lock); !written) return written.error();
  return true;
}

/// A file that is right needs no lock. One that cannot be read may be in the middle of the agent's writing.
bool has_keys(std::string const& file, std::string const& directory) {
  auto const found = look(file);
  if (!found || !found->text) return false;
  auto const text = with_trust(*found->text, directory);
  return text && *text == *found->text;
}

}  // namespace

Result<std::string> with_trust(std::string_view text, std::string_view directory) {
  auto const onboarded = with_true(text, {"hasCompletedOnboarding"});
  if (!onboarded) return onboarded;
  return with_true(*onboarded, {"projects", std::string(directory), "hasTrustDialogAccepted"});
}

Result<bool> prepare_trust(std::string const& config_dir, std::string const& directory, AgentLockTimes const& times) {
  if (directory.empty()) return Error{ErrorKind::not_found, "the session's working directory is not known"};
  auto const home = resolved(config_dir);
  if (!home) return home.error();
  auto const real = resolved(directory);  // an agent knows its directory by the kernel's name for it
  if (!real) return real.error();
  if (!is_valid_utf8(*real))
    return Error{ErrorKind::unsupported, repaired_utf8(*real) + " is no UTF-8, so JSON cannot name it: rename it"};
  auto const file = *home + "/.claude.json";
  if (has_keys(file, *real)) return false;
  auto const lock = AgentLock::take(file, times);
  if (!lock) return lock.error();
  return edit_under(*lock, file, *real);
}

}  // namespace failover::adapters
