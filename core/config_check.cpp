#include "core/config_check.hpp"

#include "core/config_keys.hpp"
#include "core/in_quotes.hpp"
#include "core/listen_address.hpp"
#include "core/session_name.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace failover::core {
namespace {

using Faults = std::vector<ConfigFault>;

bool is_letter_or_digit(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

bool is_control(char byte) {
  auto const value = static_cast<unsigned char>(byte);
  return value < 0x20U || value == 0x7FU;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

bool lies_within(std::string_view path, std::string_view directory) {
  if (directory.empty() || !path.starts_with(directory)) return false;
  return path.size() == directory.size() || directory == "/" || path[directory.size()] == '/';
}

// What the table says of each key.

std::optional<std::string> range_fault(KeyType type, KeyRange range, std::string_view unit, KeyValue const& value) {
  auto const* const number = std::get_if<std::int64_t>(&value);
  auto const* const duration = std::get_if<Duration>(&value);
  auto const measured = number != nullptr ? *number : duration != nullptr ? duration->count() : range.least;
  if (measured >= range.least && measured <= range.most) return std::nullopt;
  return yaml_text(value) + " is out of range: allowed is " + range_text(range, type, unit);
}

std::optional<std::string> text_fault(KeyType type, KeyNeed need, std::string const& text) {
  if (text.empty() && need == KeyNeed::required) return "is required and missing or empty: give it a value";
  if (has_control(text)) return in_quotes(text) + " holds a control character: write it in one line, without escapes";
  if (type == KeyType::path && !text.empty() && text.front() != '/')
    return in_quotes(text) + " is not an absolute path";
  return std::nullopt;
}

std::optional<std::string> list_fault(KeyNeed need, std::vector<std::string> const& list) {
  if (list.empty() && need == KeyNeed::required) return "is required and missing or empty: name at least a program";
  if (need == KeyNeed::required && list.front().empty()) return "begins with an empty text: name a program";
  for (auto const& item : list)
    if (has_control(item)) return in_quotes(item) + " holds a control character";
  return std::nullopt;
}

template <class Owner>
std::optional<std::string> key_fault(Key<Owner> const& key, KeyValue const& value) {
  if (key.range) return range_fault(key.access.type, *key.range, key.unit, value);
  if (auto const* const text = std::get_if<std::string>(&value)) return text_fault(key.access.type, key.need, *text);
  if (auto const* const list = std::get_if<std::vector<std::string>>(&value)) return list_fault(key.need, *list);
  return std::nullopt;
}

template <class Owner>
void check_keys(std::span<Key<Owner> const> keys, Owner const& owner, std::string const& prefix, Faults& faults) {
  for (auto const& key : keys) {
    auto const value = key.access.get(owner);
    if (!value) continue;
    if (auto fault = key_fault(key, *value)) faults.push_back({prefix + std::string(key.path), std::move(*fault)});
  }
}

// What no single key can know.

std::string element(std::string_view list, std::size_t index, std::string_view key) {
  return std::string(list) + "[" + std::to_string(index) + "]" + (key.empty() ? "" : ".") + std::string(key);
}

// Of an account, or of a pattern table's file.
bool is_short_name(std::string const& name) {
  if (name.empty() || name.size() > max_account_name || name.front() == '.' || name.front() == '-') return false;
  return std::all_of(name.begin(), name.end(), [](char byte) {
    return is_letter_or_digit(byte) || std::string_view{"_.-"}.find(byte) != std::string_view::npos;
  });
}

void check_account_directory(Config const& config, std::size_t index, Faults& faults) {
  auto const& directory = config.accounts[index].config_dir;
  auto const path = element("accounts", index, "config_dir");
  if (directory == config.switching.link)
    faults.push_back({path, "is the switch link itself (switch.link): give the account a directory of its own"});
  else if (lies_within(directory, config.switching.link))
    faults.push_back({path, "lies behind the switch link, which leads elsewhere after a switch: move it out"});
  else if (lies_within(directory, config.dispatcher.queue))
    faults.push_back({path, "lies inside the queue (dispatcher.queue): move it out"});
}

void check_accounts(Config const& config, Faults& faults) {
  if (config.accounts.empty())
    faults.push_back({"accounts", "no accounts: list at least one, with name and config_dir"});
  else if (std::all_of(config.accounts.begin(), config.accounts.end(), [](auto const& one) { return one.disabled; }))
    faults.push_back({"accounts", "all accounts are disabled: there is none to work on"});
  std::set<std::string> names;
  std::map<std::string, std::string> directories;
  for (std::size_t i = 0; i < config.accounts.size(); ++i) {
    auto const& account = config.accounts[i];
    auto const& name = account.name.str();
    check_keys(account_keys(), account, element("accounts", i, "") + ".", faults);
    if (!name.empty() && !is_short_name(name))
      faults.push_back({element("accounts", i, "name"),
                        in_quotes(name) + " is no account name: use 1 to 64 letters, digits, _ . - beginning with a "
                                          "letter, a digit or _"});
    if (!name.empty() && !names.insert(name).second)
      faults.push_back(
          {element("accounts", i, "name"), in_quotes(name) + " is the name of an earlier account already"});
    if (account.config_dir.empty()) continue;
    auto const [earlier, fresh] = directories.emplace(account.config_dir, name);
    if (!fresh)
      faults.push_back({element("accounts", i, "config_dir"),
                        "is the directory of account " + in_quotes(earlier->second) + " already: each needs its own"});
    check_account_directory(config, i, faults);
  }
}

bool is_pool_name(PoolConfig const& pool, std::string const& name) {
  if (!name.starts_with(pool.prefix)) return false;
  for (std::int64_t i = 1; i <= std::min<std::int64_t>(pool.size, 1000); ++i)
    if (name.compare(pool.prefix.size(), std::string::npos, std::to_string(i)) == 0) return true;
  return false;
}

void check_dedicated(SessionsConfig const& sessions, Faults& faults) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < sessions.dedicated.size(); ++i) {
    auto const& session = sessions.dedicated[i];
    auto const& name = session.name.str();
    auto const path = element("sessions.dedicated", i, "name");
    check_keys(dedicated_keys(), session, element("sessions.dedicated", i, "") + ".", faults);
    if (!session.command.empty() && session.command.front().empty())
      faults.push_back({element("sessions.dedicated", i, "command"), "begins with an empty text: name a program"});
    if (name.empty()) continue;
    if (auto fault = session_name_fault(name)) faults.push_back({path, std::move(*fault)});
    if (!names.insert(name).second)
      faults.push_back({path, in_quotes(name) + " is the name of an earlier dedicated session already"});
    if (is_pool_name(sessions.pool, name))
      faults.push_back({path, in_quotes(name) + " is the name of a pool session: change it or sessions.pool.prefix"});
    if (std::find(sessions.adopt.begin(), sessions.adopt.end(), name) != sessions.adopt.end())
      faults.push_back(
          {path, in_quotes(name) + " is also in sessions.adopt: a session is made by the daemon or by you"});
  }
}

void check_sessions(SessionsConfig const& sessions, Faults& faults) {
  if (!is_short_name(sessions.agent))
    faults.push_back({"sessions.agent", in_quotes(sessions.agent) + " names no pattern table, such as claude-code"});
  for (std::size_t i = 0; i < sessions.adopt.size(); ++i)
    if (auto fault = adopt_pattern_fault(sessions.adopt[i]))
      faults.push_back({element("sessions.adopt", i, ""), std::move(*fault)});
  if (auto fault = session_name_fault(sessions.pool.prefix + std::to_string(sessions.pool.size)))
    faults.push_back({"sessions.pool.prefix", std::move(*fault)});
  check_dedicated(sessions, faults);
}

void check_pins(Config const& config, Faults& faults) {
  bool const by_link = config.switching.mode == SwitchMode::link;
  for (std::size_t i = 0; i < config.sessions.dedicated.size(); ++i) {
    auto const& account = config.sessions.dedicated[i].account;
    if (account.empty()) continue;
    auto const path = element("sessions.dedicated", i, "account");
    if (find_account(config, account) == nullptr)
      faults.push_back({path, in_quotes(account.str()) + " is no account: name one of `accounts`"});
    if (by_link)
      faults.push_back(
          {path, "a link leads all sessions to one account: set switch.mode to per_session, or remove this"});
  }
  if (!by_link && !config.sessions.adopt.empty())
    faults.push_back({"sessions.adopt",
                      "sessions that you start yourself cannot be moved without the link: set switch.mode to link, or "
                      "remove this"});
}

// What the agent cannot do.
void check_agent(Config const& config, Faults& faults) {
  auto const& agent = config.sessions.agent;
  auto const used =
      std::count_if(config.accounts.begin(), config.accounts.end(), [](auto const& a) { return !a.disabled; });
  if (config.profile.account_variable.empty() && used > 1)
    faults.push_back({"accounts", agent +
                                      " has no variable that names an account's directory, so its accounts cannot "
                                      "be switched: list one, or set account_variable in the profile of agents/" +
                                      agent + ".yaml"});
  if (config.sessions.prepare_trust && config.profile.account_variable != AgentProfile{}.account_variable)
    faults.push_back({"sessions.prepare_trust", "is for Claude Code alone, whose file it writes: remove it"});
}

void check_places(Config const& config, Faults& faults) {
  auto const& link = config.switching.link;
  for (auto const& [path, place] :
       {std::pair<std::string_view, std::string const&>{"dispatcher.queue", config.dispatcher.queue},
        {"state.dir", config.state.dir},
        {"state.runtime", config.state.runtime}})
    if (lies_within(place, link))
      faults.push_back({std::string(path), "lies behind the switch link, which leads elsewhere after a switch"});
  if (lies_within(link, config.dispatcher.queue))
    faults.push_back({"switch.link", "lies inside the queue (dispatcher.queue): move it out"});
  if (link == "/") faults.push_back({"switch.link", "is the root directory: name a place for the link"});
  if (config.tmux.socket.size() > max_socket_path)
    faults.push_back({"tmux.socket", "is longer than 107 bytes, the most that a socket's path may have"});
}

void check_http(HttpConfig const& http, Faults& faults) {
  if (http.listen.empty() || has_control(http.listen)) return;
  auto const address = parse_listen_address(http.listen);
  if (!address) {
    faults.push_back({"http.listen", address.error().detail});
    return;
  }
  if (is_loopback(*address)) return;
  if (!http.allow_remote)
    faults.push_back({"http.listen", in_quotes(http.listen) +
                                         " can be reached from other machines: use 127.0.0.1, or set "
                                         "http.allow_remote: true and http.token_file"});
  else if (http.token_file.empty())
    faults.push_back(
        {"http.listen", in_quotes(http.listen) + " can be reached from other machines: set http.token_file as well"});
}

std::optional<std::string> api_base_fault(std::string_view base) {
  constexpr std::string_view scheme = "https://";
  if (base.empty() || has_control(base)) return std::nullopt;  // said by the table's own rules
  if (!base.starts_with(scheme)) return in_quotes(base) + " must begin with https://";
  auto const rest = base.substr(scheme.size());
  if (rest.empty() || rest.front() == '/' || rest.front() == ':') return in_quotes(base) + " names no host";
  if (rest.find_first_of(" @?#\\") != std::string_view::npos)
    return in_quotes(base) + " must be https://host or https://host:port/path, without user, query or fragment";
  if (rest.back() == '/') return in_quotes(base) + " must not end in /";
  return std::nullopt;
}

void check_notifications(NotificationsConfig const& notifications, Faults& faults) {
  if (notifications.telegram)
    if (auto fault = api_base_fault(notifications.telegram->api_base))
      faults.push_back({"notifications.telegram.api_base", std::move(*fault)});
  if (!notifications.resend) return;
  if (auto fault = api_base_fault(notifications.resend->api_base))
    faults.push_back({"notifications.resend.api_base", std::move(*fault)});
  for (auto const& [path, address] :
       {std::pair<std::string_view, std::string const&>{"notifications.resend.from", notifications.resend->from},
        {"notifications.resend.to", notifications.resend->to}})
    if (!address.empty() && address.find('@') == std::string::npos)
      faults.push_back({std::string(path), in_quotes(address) + " is no e-mail address: it has no @"});
}

}  // namespace

std::vector<ConfigFault> check_config(Config const& config) {
  Faults faults;
  check_accounts(config, faults);
  check_keys(config_keys(), config, "", faults);
  check_sessions(config.sessions, faults);
  check_pins(config, faults);
  check_agent(config, faults);
  check_places(config, faults);
  check_http(config.http, faults);
  check_notifications(config.notifications, faults);
  return faults;
}

}  // namespace failover::core
