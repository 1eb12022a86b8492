#pragma once

#include "adapters/atomic_file.hpp"
#include "adapters/hook_settings.hpp"
#include "core/result.hpp"

#include <optional>
#include <string>

#include <sys/types.h>

/// Our entries in the settings.json of one agent's configuration directory. Everything here blocks on the disk.
namespace failover::adapters {

/// The file as it was found.
struct SettingsFile {
  std::string config_dir = {};           ///< as given
  std::string path = {};                 ///< the file itself, every link resolved: two accounts may share it
  bool linked = false;                   ///< settings.json is a link to it
  std::optional<std::string> text = {};  ///< nothing where there is no file
  mode_t mode = 0600;
  FileOwner owner = {};
  bool operator==(SettingsFile const&) const = default;
};

/// A change that is thought out and not yet made.
struct SettingsEdit {
  SettingsFile file = {};
  std::optional<std::string> after = {};  ///< nothing: no file
  InstalledHooks had = {};
  InstalledHooks has = {};  ///< after the edit
  [[nodiscard]] bool changes() const { return after != file.text; }
};

/// Reads and thinks, changes nothing. Errors name the file and the cure: `not_found` (no such directory, a link that
/// leads to nothing), `invalid` (no regular file, the credentials, no settings that can be edited), `permission`,
/// `unsupported` (a file with several hard links, which replacing would part), `too_large`, `io`.
[[nodiscard]] core::Result<SettingsEdit> plan_adding(std::string const& config_dir, HookCommands const& commands,
                                                     TheirStatusLine theirs);

/// The same for taking our entries out. A file that we made and nobody else changed goes as a whole.
[[nodiscard]] core::Result<SettingsEdit> plan_removing(std::string const& config_dir);

/// Makes the change: the backup first, then the file at once and whole, its mode and owner kept; a link stays a link.
///
/// Whatever was written to the file since the plan was made stays: `unavailable`, and nothing is changed. After a
/// failure or a crash the old file or the new one is there, whole.
[[nodiscard]] core::Result<void> apply(SettingsEdit const& edit);

/// Where the text before our first entry is kept, mode 0600: `<file>.claude-failover.bak`. A later edit leaves it
/// alone, unless none of our entries was there any more.
[[nodiscard]] std::string backup_path(SettingsFile const& file);

/// The absolute path of the running program; `not_found` when it was replaced or removed since it was started.
[[nodiscard]] core::Result<std::string> running_program();

}  // namespace failover::adapters
