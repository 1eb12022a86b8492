#pragma once

#include "core/agent.hpp"
#include "core/names.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The configuration as typed values. What each key means stands in core/config_keys.cpp, the one table that the
/// parser, `check-config` and the documentation read.
namespace failover::core {

struct AccountConfig {
  AccountName name = {};
  std::string config_dir = {};  ///< absolute after loading
  bool disabled = false;
  std::int64_t weight = 1;   ///< how big its plan is beside the others', for `most_headroom`
  std::int64_t reserve = 0;  ///< percent of each window that stays for its owner
  bool operator==(AccountConfig const&) const = default;
};

struct TmuxConfig {
  std::string socket = {};  ///< path of the server's socket; "" = the default server's
  bool start_server = false;
  bool control_mode = true;  ///< read by a client that stays attached, where that works
  Duration command_timeout = std::chrono::seconds{5};
  Duration sweep = std::chrono::seconds{15};
  bool operator==(TmuxConfig const&) const = default;
};

struct PoolConfig {
  std::int64_t size = 0;
  std::string prefix = "pool-";  ///< sessions are named prefix + 1, 2, …
  std::string workdir = {};      ///< "" = home
  bool operator==(PoolConfig const&) const = default;
};

struct DedicatedConfig {
  SessionName name = {};
  std::string workdir = {};
  std::vector<std::string> command = {};  ///< empty = sessions.command
  AccountName account = {};               ///< the only one it may use; "" = any. Needs SwitchMode::per_session
  bool operator==(DedicatedConfig const&) const = default;
};

struct SessionsConfig {
  std::string agent = "claude-code";  ///< which pattern table reads the screens
  std::vector<std::string> command = {"claude"};
  PoolConfig pool = {};
  std::vector<DedicatedConfig> dedicated = {};
  std::vector<std::string> adopt = {};  ///< names of sessions made by the user, `*` at the end allowed
  std::int64_t columns = 120;
  std::int64_t rows = 40;
  Duration start_timeout = std::chrono::seconds{30};
  bool prepare_trust = false;      ///< answers two questions of the agent before it is started
  std::int64_t restart_limit = 3;  ///< starts within restart_window, then held
  Duration human_grace = std::chrono::seconds{60};
  Duration restart_window = std::chrono::minutes{10};
  bool operator==(SessionsConfig const&) const = default;
};

struct QuotaConfig {
  Duration poll_interval = std::chrono::seconds{30};
  Duration settle = std::chrono::seconds{20};
  std::int64_t confirm_polls = 2;
  std::int64_t min_blocked_sessions = 1;
  Duration reactivate_cooldown = std::chrono::minutes{5};
  Duration default_reset = std::chrono::hours{5};  ///< assumed when no believable reset time is known
  std::int64_t leave_at = 0;                       ///< percent of a window at which an account is left; 0 = at its wall
  bool operator==(QuotaConfig const&) const = default;
};

enum class SwitchMode {
  link,        ///< one symbolic link leads every session to the active account
  per_session  ///< each session is started on an account and moves alone
};
/// Which of the accounts that may be used is taken.
enum class Strategy {
  priority,       ///< the first of the configuration
  most_headroom,  ///< the one with the most left, by weight
  soonest_reset   ///< the one whose quota is given back first
};

struct SwitchConfig {
  SwitchMode mode = SwitchMode::link;
  std::string link = {};  ///< absolute after loading; default ~/.claude
  std::string continue_prompt = "continue";
  Strategy strategy = Strategy::priority;
  Duration dwell = std::chrono::minutes{15};  ///< see core/restraint.hpp
  Duration freeze = std::chrono::hours{1};    ///< how long nothing is switched after a ping-pong
  std::int64_t min_improvement = 5;           ///< percent points of a window
  std::int64_t max_per_hour = 4;
  std::int64_t max_per_day = 12;
  std::int64_t recover_at_once = 2;
  Duration recovery_deadline = std::chrono::seconds{60};
  std::int64_t recovery_attempts = 3;
  bool operator==(SwitchConfig const&) const = default;
};

enum class OnTimeout { hold, interrupt, fail };

struct WatcherConfig {
  Duration quiet = std::chrono::seconds{60};
  Duration timeout = std::chrono::hours{2};
  OnTimeout on_timeout = OnTimeout::hold;
  bool operator==(WatcherConfig const&) const = default;
};

struct DispatcherConfig {
  std::string queue = {};  ///< directory, absolute after loading; default <state.dir>/queue
  Duration rescan = std::chrono::seconds{30};
  std::int64_t max_task_bytes = 1 << 20;
  std::int64_t retries = 2;  ///< attempts after the first, where a task names none
  bool operator==(DispatcherConfig const&) const = default;
};

struct JanitorConfig {
  Duration interval = std::chrono::hours{1};
  std::int64_t keep_newest = 200;
  Duration keep_for = std::chrono::hours{24 * 14};
  bool dry_run = false;
  bool operator==(JanitorConfig const&) const = default;
};

struct TelegramConfig {
  std::string chat_id = {};
  std::string token_file = {};
  std::string api_base = "https://api.telegram.org";
  bool operator==(TelegramConfig const&) const = default;
};

struct ResendConfig {
  std::string from = {};
  std::string to = {};
  std::string key_file = {};
  std::string api_base = "https://api.resend.com";
  bool operator==(ResendConfig const&) const = default;
};

struct CommandChannelConfig {
  std::vector<std::string> argv = {};  ///< gets the message as JSON on stdin
  bool operator==(CommandChannelConfig const&) const = default;
};

struct NotificationsConfig {
  std::optional<TelegramConfig> telegram = {};
  std::optional<ResendConfig> resend = {};
  std::optional<CommandChannelConfig> command = {};
  Duration timeout = std::chrono::seconds{10};
  bool operator==(NotificationsConfig const&) const = default;
};

struct HttpConfig {
  std::string listen = "127.0.0.1:8377";  ///< host:port; "" = no TCP listener; port 0 = any free one
  bool allow_remote = false;
  std::string token_file = {};
  bool operator==(HttpConfig const&) const = default;
};

struct StateConfig {
  std::string dir = {};      ///< absolute after loading
  std::string runtime = {};  ///< directory of the control socket; absolute after loading
  bool operator==(StateConfig const&) const = default;
};

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { logfmt, json };

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::logfmt;
  bool operator==(LogConfig const&) const = default;
};

struct Config {
  std::vector<AccountConfig> accounts = {};  ///< in order of priority
  TmuxConfig tmux = {};
  SessionsConfig sessions = {};
  QuotaConfig quota = {};
  SwitchConfig switching = {};  ///< section `switch`
  WatcherConfig watcher = {};
  DispatcherConfig dispatcher = {};
  JanitorConfig janitor = {};
  NotificationsConfig notifications = {};
  HttpConfig http = {};
  StateConfig state = {};
  LogConfig log = {};
  AgentProfile profile = {};  ///< of `sessions.agent`; no key, but read from that agent's file
  bool operator==(Config const&) const = default;
};

/// The account of that name, or null.
[[nodiscard]] AccountConfig const* find_account(Config const& config, AccountName const& name);

}  // namespace failover::core
