#pragma once

#include "core/names.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the outside looks like, as values.
namespace failover::core {

/// Which pane, beyond doubt: tmux reuses `%N` after its server was restarted.
struct PaneRef {
  std::int64_t server_pid = 0;
  std::int64_t server_start = 0;  ///< `#{start_time}`, Unix seconds
  PaneId id = {};
  auto operator<=>(PaneRef const&) const = default;
};

/// Who has a pane's terminal: the process group that gets what is typed.
enum class Foreground {
  unknown,  ///< not looked, or it could not be told: says nothing
  shell,    ///< a shell at its prompt, nothing else
  program
};
[[nodiscard]] std::string_view to_string(Foreground foreground);

/// Which process, beyond doubt: numbers are used again.
struct ProcessRef {
  std::int64_t pid = 0;
  std::int64_t started = 0;  ///< clock ticks after the boot, as /proc/PID/stat has it; 0: could not be told
  auto operator<=>(ProcessRef const&) const = default;
};

/// The device that a pane's program writes to.
struct Terminal {
  PaneRef pane = {};
  std::string path = {};
  auto operator<=>(Terminal const&) const = default;
};

/// One row of `list-panes -a`.
struct PaneInfo {
  PaneRef pane = {};
  SessionName session = {};
  std::int64_t pid = 0;      ///< of the pane's first process
  std::string command = {};  ///< `#{pane_current_command}`
  std::string cwd = {};
  std::int64_t columns = 0;
  std::int64_t rows = 0;
  bool dead = false;     ///< `remain-on-exit` keeps it; the process has ended
  bool in_mode = false;  ///< copy mode or another mode: keys would not reach the program
  bool attached = false;
  bool active = false;          ///< the active pane of its session's current window: the one a person would see
  std::string owner_mark = {};  ///< our session option `@cf_owner`, "" on sessions that are not ours
  Foreground foreground = Foreground::unknown;   ///< looked at where the session may be an adopted one
  std::string tty = {};                          ///< path of its terminal; tmux gives a new one at a respawn
  std::int64_t started = 0;                      ///< of the first process, see ProcessRef
  std::optional<std::int64_t> exit_status = {};  ///< of the ended process; nothing: ended by a signal, or not told
  bool operator==(PaneInfo const&) const = default;
};

/// From which of its rows on, counted from 1, a screen is read; others are read whole.
using FirstRows = std::map<PaneRef, std::int64_t>;

/// Since when, by this machine's clock, something must have been written to a pane's window for its screen to be read.
using WrittenSince = std::map<PaneRef, WallTime>;

/// The visible rows of one pane.
struct Screen {
  PaneRef pane = {};
  std::string text = {};
  std::optional<WallTime> typed_at = {};  ///< last key of a client attached to its session, to the second
  bool unchanged = false;                 ///< the text is that of the look at this pane before
  std::int64_t first_row = 1;             ///< of the text; those before it were left out
  bool as_before = false;                 ///< nothing was written since WrittenSince, and there is no text
  bool operator==(Screen const&) const = default;
};

/// How a prompt's delivery ended.
enum class Delivery {
  submitted,      ///< the text was seen in the box, and then the box was seen empty
  not_ready,      ///< nothing was typed: no input box, a dialog, copy mode, or the box did not clear
  draft_present,  ///< nothing was typed: a person's text stands in the box
  unknown         ///< typed or perhaps typed, not proved: never to be repeated blindly
};
[[nodiscard]] std::string_view to_string(Delivery delivery);

/// What stands at the place of an account's login file, which nobody opens.
enum class Credentials { absent, file, empty_file, symlink, other };
[[nodiscard]] std::string_view to_string(Credentials credentials);

/// One account's directory as found on disk.
struct AccountDirectory {
  AccountName name = {};
  bool present = false;
  bool logged_in = false;  ///< a credentials file with something in it exists (its content is never read)
  std::string real_path = {};
  std::string identity = {};  ///< digest of whose login it is, "" while not known; says nothing about the person
  bool is_symlink = false;    ///< the directory's own name is a link to it
  bool readable = true;       ///< by this process
  Credentials credentials = Credentials::absent;
  std::optional<WallTime> credentials_written = {};  ///< when the file was last written, by the file system
  bool operator==(AccountDirectory const&) const = default;
};

/// What stands at the switch link's place.
enum class LinkPlace {
  unknown,  ///< not looked, or it could not be looked at
  absent,
  symlink,
  directory,
  other,  ///< a file, or anything else that is neither link nor directory
  loop    ///< a link that leads back to itself
};

[[nodiscard]] std::string_view to_string(LinkPlace place);

struct LinkView {
  LinkPlace place = LinkPlace::unknown;
  bool over_link = false;       ///< the link's target is a link itself
  bool target_present = false;  ///< a directory stands at the end of it
  std::string real_path = {};   ///< the end of it, "" where nothing is
  bool operator==(LinkView const&) const = default;
};

/// The switch link and the accounts' directories at one look.
struct AccountsListing {
  Result<std::string> link_target = Error{ErrorKind::not_found, {}};  ///< where the link leads, absolute, not resolved
  std::optional<WallTime> link_since = {};                            ///< when the link was made, by the file system
  std::vector<AccountDirectory> directories = {};
  LinkView link = {};
  bool operator==(AccountsListing const&) const = default;
};

/// A message to the person, over one channel.
enum class Channel { telegram, resend, command };
[[nodiscard]] std::string_view to_string(Channel channel);

struct Message {
  std::string id = {};  ///< one per event and channel; a resend carries the same
  Channel channel = Channel::telegram;
  std::string subject = {};
  std::string body = {};  ///< plain text
  bool operator==(Message const&) const = default;
};

/// A channel's answer to a failed sending.
struct SendFailure {
  Error error = {};
  std::optional<Duration> retry_after = {};
  bool permanent = false;  ///< the same message can never succeed (400, 401, 403, 404)
  bool operator==(SendFailure const&) const = default;
};

}  // namespace failover::core
