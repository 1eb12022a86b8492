#include "core/config_keys.hpp"

#include "core/config_access.hpp"
#include "core/duration_text.hpp"

#include <algorithm>

namespace failover::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr KeyRange between(std::int64_t least, std::int64_t most) {
  return {least, most};
}
constexpr KeyRange between(Duration least, Duration most) {
  return {least.count(), most.count()};
}
constexpr Duration days(int count) {
  return hours{24} * count;
}

constexpr AccountKey accounts_table[] = {
    {.path = "name",
     .access = access<&AccountConfig::name>(),
     .need = KeyNeed::required,
     .example = "main",
     .sentence = "What you call the account: letters, digits, `_`, `.` and `-`, at most 64."},
    {.path = "config_dir",
     .access = path_access<&AccountConfig::config_dir>(),
     .need = KeyNeed::required,
     .example = "~/.claude-accounts/main",
     .sentence = "The account's own configuration directory, where you logged in with `CLAUDE_CONFIG_DIR` set to it; "
                 "`CODEX_HOME` for codex, `GEMINI_CLI_HOME` for gemini."},
    {.path = "disabled", .access = access<&AccountConfig::disabled>(), .sentence = "Never switch to this account."},
    {.path = "weight",
     .access = access<&AccountConfig::weight>(),
     .range = between(1, 1000),
     .unit = "times",
     .example = "5",
     .sentence = "How big its plan is beside the others': with `most_headroom`, 10 % of a plan five times as big "
                 "count as 50 %."},
    {.path = "reserve",
     .access = access<&AccountConfig::reserve>(),
     .range = between(0, 99),
     .unit = "percent",
     .example = "20",
     .sentence = "So much of each of its windows stays for yourself: as far as the agents tell its use, it is left, "
                 "and not switched to, beyond that."},
};

constexpr DedicatedKey dedicated_table[] = {
    {.path = "name",
     .access = access<&DedicatedConfig::name>(),
     .need = KeyNeed::required,
     .example = "website",
     .sentence = "Name of the tmux session."},
    {.path = "workdir",
     .access = path_access<&DedicatedConfig::workdir>(),
     .derived = "`~`",
     .example = "~/projects/website",
     .sentence = "Directory in which the agent is started."},
    {.path = "command",
     .access = access<&DedicatedConfig::command>(),
     .derived = "`sessions.command`",
     .example = "[claude]",
     .sentence = "Program and arguments of the agent."},
    {.path = "account",
     .access = access<&DedicatedConfig::account>(),
     .example = "\"\"",
     .sentence = "The only account it may use; it waits when that one is spent. Needs `switch.mode: per_session`."},
};

constexpr ConfigKey config_table[] = {
    {.path = "tmux.socket",
     .access = path_access<&Config::tmux, &TmuxConfig::socket>(),
     .applied = KeyApplied::restart,
     .derived = "the default server's",
     .example = "/tmp/tmux-1000/default",
     .sentence = "Socket of the tmux server that the sessions run in."},
    {.path = "tmux.start_server",
     .access = access<&Config::tmux, &TmuxConfig::start_server>(),
     .sentence =
         "Start the tmux server when there is none. Under systemd it gets a scope of its own, where the user's systemd "
         "can "
         "be asked for one; else it lives in the daemon's control group, and a unit with limits or a sandbox holds the "
         "agents in them too."},
    {.path = "tmux.control_mode",
     .access = access<&Config::tmux, &TmuxConfig::control_mode>(),
     .applied = KeyApplied::restart,
     .sentence =
         "Read the screens by one tmux client in control mode that stays, at a fraction of the cost; where that fails, "
         "and with `false`, by one short tmux command each time. The session it attaches to shows as attached; no size "
         "changes."},
    {.path = "tmux.command_timeout",
     .access = access<&Config::tmux, &TmuxConfig::command_timeout>(),
     .range = between(Duration{100}, minutes{1}),
     .sentence = "How long one tmux command may take before it is killed."},
    {.path = "tmux.sweep",
     .access = access<&Config::tmux, &TmuxConfig::sweep>(),
     .range = between(Duration{100}, hours{1}),
     .sentence = "How often all sessions are listed, to find what no event told."},

    {.path = "sessions.agent",
     .access = access<&Config::sessions, &SessionsConfig::agent>(),
     .sentence = "Which agent is run: `claude-code`, `codex`, `gemini`, `opencode`, or one of your own in `agents/`. "
                 "Its table reads the screens, its profile says how it is started."},
    {.path = "sessions.command",
     .access = access<&Config::sessions, &SessionsConfig::command>(),
     .need = KeyNeed::required,
     .sentence =
         "Program and arguments of the agent, one list element each; no shell reads them. Another agent's default "
         "is its profile's."},
    {.path = "sessions.adopt",
     .access = access<&Config::sessions, &SessionsConfig::adopt>(),
     .example = "[work, \"agent-*\"]",
     .sentence =
         "Sessions that you made yourself and that are to be watched as well; `*` at the end stands for any rest."},
    {.path = "sessions.columns",
     .access = access<&Config::sessions, &SessionsConfig::columns>(),
     .range = between(80, 500),
     .unit = "columns",
     .sentence = "Width of the sessions that the daemon makes."},
    {.path = "sessions.rows",
     .access = access<&Config::sessions, &SessionsConfig::rows>(),
     .range = between(24, 300),
     .unit = "rows",
     .sentence = "Height of the sessions that the daemon makes."},
    {.path = "sessions.start_timeout",
     .access = access<&Config::sessions, &SessionsConfig::start_timeout>(),
     .range = between(seconds{1}, minutes{10}),
     .sentence = "How long an agent may take to show its prompt."},
    {.path = "sessions.prepare_trust",
     .access = access<&Config::sessions, &SessionsConfig::prepare_trust>(),
     .sentence = "Before an agent is started, trust its working directory in its account's `.claude.json` and mark the "
                 "agent's first steps as done there; no other question is answered."},
    {.path = "sessions.restart_limit",
     .access = access<&Config::sessions, &SessionsConfig::restart_limit>(),
     .range = between(1, 100),
     .unit = "starts",
     .sentence = "So many starts of one session within `restart_window`; then it is held and reported."},
    {.path = "sessions.restart_window",
     .access = access<&Config::sessions, &SessionsConfig::restart_window>(),
     .range = between(seconds{1}, days(1)),
     .sentence = "The time over which `restart_limit` counts."},
    {.path = "sessions.human_grace",
     .access = access<&Config::sessions, &SessionsConfig::human_grace>(),
     .range = between(seconds{0}, days(1)),
     .sentence = "For so long after the last key of an attached client nothing is typed into a session and its agent "
                 "is not restarted; 0s: never waits."},
    {.path = "sessions.pool.size",
     .access = access<&Config::sessions, &SessionsConfig::pool, &PoolConfig::size>(),
     .range = between(0, 200),
     .unit = "sessions",
     .sentence = "How many sessions the daemon keeps for any task."},
    {.path = "sessions.pool.prefix",
     .access = access<&Config::sessions, &SessionsConfig::pool, &PoolConfig::prefix>(),
     .need = KeyNeed::required,
     .sentence = "They are named prefix and number: `pool-1`, `pool-2` …"},
    {.path = "sessions.pool.workdir",
     .access = path_access<&Config::sessions, &SessionsConfig::pool, &PoolConfig::workdir>(),
     .derived = "`~`",
     .example = "~/projects",
     .sentence = "Directory in which their agents are started."},

    {.path = "quota.poll_interval",
     .access = access<&Config::quota, &QuotaConfig::poll_interval>(),
     .range = between(Duration{100}, hours{1}),
     .sentence =
         "How often all screens are looked at. One to which, as tmux tells, nothing was written is read at every "
         "tenth such look only; at each where this is shorter than tmux.sweep."},
    {.path = "quota.settle",
     .access = access<&Config::quota, &QuotaConfig::settle>(),
     .range = between(seconds{0}, minutes{10}),
     .sentence = "How long a limit without a reset time must stand unchanged before it is believed."},
    {.path = "quota.confirm_polls",
     .access = access<&Config::quota, &QuotaConfig::confirm_polls>(),
     .range = between(1, 20),
     .unit = "looks",
     .sentence = "Or so many looks at a changed screen that still shows it."},
    {.path = "quota.min_blocked_sessions",
     .access = access<&Config::quota, &QuotaConfig::min_blocked_sessions>(),
     .range = between(1, 200),
     .unit = "sessions",
     .sentence = "So many sessions must be stopped before the account counts as spent."},
    {.path = "quota.reactivate_cooldown",
     .access = access<&Config::quota, &QuotaConfig::reactivate_cooldown>(),
     .range = between(seconds{0}, days(1)),
     .sentence = "The least time between two switches; tasks wait as long after one."},
    {.path = "quota.default_reset",
     .access = access<&Config::quota, &QuotaConfig::default_reset>(),
     .range = between(minutes{1}, days(7)),
     .sentence = "When to try an account again that gave no believable reset time."},
    {.path = "quota.leave_at",
     .access = access<&Config::quota, &QuotaConfig::leave_at>(),
     .range = between(0, 100),
     .unit = "percent",
     .example = "95",
     .sentence = "Leave an account when so much of a window is used, between two turns, if another is known to have "
                 "more left; 0: at its limit only. Needs the agents' status line (`install-hooks`)."},

    {.path = "switch.mode",
     .access = access<&Config::switching, &SwitchConfig::mode>(),
     .applied = KeyApplied::restart,
     .sentence = "`link`: one symbolic link leads every session to the active account. `per_session`: each session "
                 "is started on an account of its own, and only those of a spent account move."},
    {.path = "switch.link",
     .access = path_access<&Config::switching, &SwitchConfig::link>(),
     .need = KeyNeed::required,
     .applied = KeyApplied::restart,
     .derived = "`~/.claude`",
     .example = "~/.claude",
     .sentence = "That link. A directory that stands there is never replaced."},
    {.path = "switch.continue_prompt",
     .access = access<&Config::switching, &SwitchConfig::continue_prompt>(),
     .need = KeyNeed::required,
     .sentence = "What is typed into a stopped session to bring it back to its work."},
    {.path = "switch.strategy",
     .access = access<&Config::switching, &SwitchConfig::strategy>(),
     .sentence = "Which account is taken of those that may be: `priority`, the first in this file; `most_headroom`, "
                 "the one with the most left; `soonest_reset`, the one whose quota is given back first."},
    {.path = "switch.dwell",
     .access = access<&Config::switching, &SwitchConfig::dwell>(),
     .range = between(seconds{0}, days(1)),
     .sentence = "So long nothing goes straight back to the account that was left, an account is not left before its "
                 "limit, and your own choice holds."},
    {.path = "switch.min_improvement",
     .access = access<&Config::switching, &SwitchConfig::min_improvement>(),
     .range = between(0, 100),
     .unit = "percent",
     .sentence = "An account that is known to have less than so much more left than the present one is not worth a "
                 "switch."},
    {.path = "switch.freeze",
     .access = access<&Config::switching, &SwitchConfig::freeze>(),
     .range = between(minutes{1}, days(7)),
     .sentence = "How long nothing is switched after two accounts took turns; you are told, and `swap` ends it."},
    {.path = "switch.max_per_hour",
     .access = access<&Config::switching, &SwitchConfig::max_per_hour>(),
     .range = between(1, 60),
     .unit = "switches",
     .sentence = "At most so many switches in any hour."},
    {.path = "switch.max_per_day",
     .access = access<&Config::switching, &SwitchConfig::max_per_day>(),
     .range = between(1, 100),
     .unit = "switches",
     .sentence = "At most so many switches in any 24 hours."},
    {.path = "switch.recover_at_once",
     .access = access<&Config::switching, &SwitchConfig::recover_at_once>(),
     .range = between(1, 50),
     .unit = "sessions",
     .sentence = "So many sessions are brought back side by side after a switch; each that works makes it one more, up "
                 "to five times as many."},
    {.path = "switch.recovery_deadline",
     .access = access<&Config::switching, &SwitchConfig::recovery_deadline>(),
     .range = between(seconds{1}, hours{1}),
     .sentence = "How long one attempt to bring a session back may take."},
    {.path = "switch.recovery_attempts",
     .access = access<&Config::switching, &SwitchConfig::recovery_attempts>(),
     .range = between(1, 20),
     .unit = "attempts",
     .sentence = "After so many attempts the session is held and reported."},

    {.path = "watcher.quiet",
     .access = access<&Config::watcher, &WatcherConfig::quiet>(),
     .range = between(seconds{1}, days(1)),
     .sentence = "A task without another sign of its end is done after so long an idle screen."},
    {.path = "watcher.timeout",
     .access = access<&Config::watcher, &WatcherConfig::timeout>(),
     .range = between(seconds{1}, days(7)),
     .sentence = "How long a task may run that names no `timeout` itself."},
    {.path = "watcher.on_timeout",
     .access = access<&Config::watcher, &WatcherConfig::on_timeout>(),
     .sentence = "Then: `hold` it for you, `interrupt` the agent, or `fail` the task."},

    {.path = "dispatcher.queue",
     .access = path_access<&Config::dispatcher, &DispatcherConfig::queue>(),
     .need = KeyNeed::required,
     .applied = KeyApplied::restart,
     .derived = "`queue` in `state.dir`",
     .example = "~/.local/state/claude-failover/queue",
     .sentence = "Directory of the tasks. Whoever may write there may run prompts as you."},
    {.path = "dispatcher.rescan",
     .access = access<&Config::dispatcher, &DispatcherConfig::rescan>(),
     .range = between(Duration{100}, hours{1}),
     .sentence = "How often the queue is read in full, whatever the notifications said."},
    {.path = "dispatcher.max_task_bytes",
     .access = access<&Config::dispatcher, &DispatcherConfig::max_task_bytes>(),
     .range = between(1024, 16 << 20),
     .unit = "bytes",
     .sentence = "A larger task file fails."},
    {.path = "dispatcher.retries",
     .access = access<&Config::dispatcher, &DispatcherConfig::retries>(),
     .range = between(0, 100),
     .unit = "attempts",
     .sentence = "Further attempts after the first for a task that names no `retries` itself."},

    {.path = "janitor.interval",
     .access = access<&Config::janitor, &JanitorConfig::interval>(),
     .range = between(seconds{1}, days(7)),
     .sentence = "How often old finished tasks are removed."},
    {.path = "janitor.keep_newest",
     .access = access<&Config::janitor, &JanitorConfig::keep_newest>(),
     .range = between(0, 100000),
     .unit = "tasks",
     .sentence = "So many of the newest finished tasks stay, however old."},
    {.path = "janitor.keep_for",
     .access = access<&Config::janitor, &JanitorConfig::keep_for>(),
     .range = between(seconds{0}, days(3650)),
     .sentence = "Tasks finished within this time stay, however many."},
    {.path = "janitor.dry_run",
     .access = access<&Config::janitor, &JanitorConfig::dry_run>(),
     .sentence = "Only log what would be removed."},

    {.path = "notifications.timeout",
     .access = access<&Config::notifications, &NotificationsConfig::timeout>(),
     .range = between(seconds{1}, minutes{1}),
     .sentence = "How long sending one message may take."},
    {.path = "notifications.telegram.chat_id",
     .access = access<&Config::notifications, &NotificationsConfig::telegram, &TelegramConfig::chat_id>(),
     .need = KeyNeed::required,
     .example = "123456789",
     .sentence = "The chat to write to: a number, or `@channel`."},
    {.path = "notifications.telegram.token_file",
     .access = path_access<&Config::notifications, &NotificationsConfig::telegram, &TelegramConfig::token_file>(),
     .need = KeyNeed::required,
     .example = "telegram.token",
     .sentence = "File that holds the bot's token, readable by you alone."},
    {.path = "notifications.telegram.api_base",
     .access = access<&Config::notifications, &NotificationsConfig::telegram, &TelegramConfig::api_base>(),
     .need = KeyNeed::required,
     .sentence = "Where the bot API answers, for a server of your own."},
    {.path = "notifications.resend.from",
     .access = access<&Config::notifications, &NotificationsConfig::resend, &ResendConfig::from>(),
     .need = KeyNeed::required,
     .example = "failover@example.org",
     .sentence = "The sender; its domain must be verified at Resend."},
    {.path = "notifications.resend.to",
     .access = access<&Config::notifications, &NotificationsConfig::resend, &ResendConfig::to>(),
     .need = KeyNeed::required,
     .example = "you@example.org",
     .sentence = "The receiver."},
    {.path = "notifications.resend.key_file",
     .access = path_access<&Config::notifications, &NotificationsConfig::resend, &ResendConfig::key_file>(),
     .need = KeyNeed::required,
     .example = "resend.key",
     .sentence = "File that holds the API key, readable by you alone."},
    {.path = "notifications.resend.api_base",
     .access = access<&Config::notifications, &NotificationsConfig::resend, &ResendConfig::api_base>(),
     .need = KeyNeed::required,
     .sentence = "Where the API answers."},
    {.path = "notifications.command.argv",
     .access = access<&Config::notifications, &NotificationsConfig::command, &CommandChannelConfig::argv>(),
     .need = KeyNeed::required,
     .example = "[/usr/local/bin/tell-me]",
     .sentence = "Program and arguments; it gets the message as JSON on its standard input."},

    {.path = "http.listen",
     .access = access<&Config::http, &HttpConfig::listen>(),
     .applied = KeyApplied::restart,
     .sentence = "Address and port of the status server; port 0 takes any free one, `\"\"` listens on no port at all."},
    {.path = "http.allow_remote",
     .access = access<&Config::http, &HttpConfig::allow_remote>(),
     .sentence = "Allow an address that other machines can reach. Needs `token_file`."},
    {.path = "http.token_file",
     .access = path_access<&Config::http, &HttpConfig::token_file>(),
     .example = "http.token",
     .sentence = "File that holds the token which operators must send."},

    {.path = "state.dir",
     .access = path_access<&Config::state, &StateConfig::dir>(),
     .need = KeyNeed::required,
     .applied = KeyApplied::restart,
     .derived = "`$STATE_DIRECTORY`, else `claude-failover` in `$XDG_STATE_HOME` or `~/.local/state`",
     .example = "~/.local/state/claude-failover",
     .sentence = "Directory of what the daemon remembers."},
    {.path = "state.runtime",
     .access = path_access<&Config::state, &StateConfig::runtime>(),
     .need = KeyNeed::required,
     .applied = KeyApplied::restart,
     .derived = "`$RUNTIME_DIRECTORY`, else `claude-failover` in `$XDG_RUNTIME_DIR`, else `run` in `state.dir`",
     .example = "/run/user/1000/claude-failover",
     .sentence = "Directory of the control socket."},

    {.path = "log.level",
     .access = access<&Config::log, &LogConfig::level>(),
     .sentence = "The least important lines that are written."},
    {.path = "log.format",
     .access = access<&Config::log, &LogConfig::format>(),
     .sentence = "One line a fact, as key=value or as JSON."},
};

constexpr ConfigSection section_table[] = {
    {.path = "accounts",
     .form = SectionForm::list,
     .sentence = "Your accounts, the preferred one first. At least one; fail-over needs two."},
    {.path = "tmux", .sentence = "The tmux server."},
    {.path = "sessions", .sentence = "The sessions that agents run in."},
    {.path = "sessions.pool", .sentence = "Sessions of the daemon's own that take any task."},
    {.path = "sessions.dedicated",
     .form = SectionForm::list,
     .sentence = "Sessions of the daemon's own with a name and a directory."},
    {.path = "quota", .sentence = "When an account counts as spent."},
    {.path = "switch", .sentence = "How the daemon moves to another account and brings the sessions back."},
    {.path = "watcher", .sentence = "When a task is over."},
    {.path = "dispatcher", .sentence = "The queue of tasks."},
    {.path = "janitor", .sentence = "What stays of finished tasks. A task is removed only when neither rule keeps it."},
    {.path = "notifications", .sentence = "Messages to you. A channel is used when its section is present."},
    {.path = "notifications.telegram",
     .form = SectionForm::optional,
     .create = [](Config& config) { config.notifications.telegram.emplace(); },
     .sentence = "A Telegram bot."},
    {.path = "notifications.resend",
     .form = SectionForm::optional,
     .create = [](Config& config) { config.notifications.resend.emplace(); },
     .sentence = "E-mail through Resend."},
    {.path = "notifications.command",
     .form = SectionForm::optional,
     .create = [](Config& config) { config.notifications.command.emplace(); },
     .sentence = "A program of yours."},
    {.path = "http", .sentence = "The status page, its API and the metrics."},
    {.path = "state", .sentence = "Where the daemon keeps its own files."},
    {.path = "log", .sentence = "What is written to standard error."},
};

}  // namespace

std::span<ConfigKey const> config_keys() {
  return config_table;
}
std::span<AccountKey const> account_keys() {
  return accounts_table;
}
std::span<DedicatedKey const> dedicated_keys() {
  return dedicated_table;
}
std::span<ConfigSection const> config_sections() {
  return section_table;
}

std::vector<std::string_view> keys_needing_restart(Config const& running, Config const& loaded) {
  std::vector<std::string_view> changed;
  for (auto const& key : config_table)
    if (key.applied == KeyApplied::restart && key.access.get(running) != key.access.get(loaded))
      changed.push_back(key.path);
  return changed;
}

Config reloaded_config(Config const& running, Config loaded) {
  for (auto const& key : config_table) {
    if (key.applied != KeyApplied::restart) continue;
    if (auto value = key.access.get(running)) key.access.set(loaded, std::move(*value));
  }
  return loaded;
}

}  // namespace failover::core
