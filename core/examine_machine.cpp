#include "core/examine_machine.hpp"

#include "core/wanted.hpp"

#include <algorithm>
#include <set>

namespace failover::core {
namespace {

std::string_view trimmed_line(std::string_view line) {
  auto const begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

void take_assignment(UnitSettings& settings, std::string_view line) {
  auto const equals = line.find('=');
  if (equals == std::string_view::npos) return;
  auto const key = trimmed_line(line.substr(0, equals));
  auto const value = std::string{trimmed_line(line.substr(equals + 1))};
  UnitSettings const defaults;
  if (key == "KillMode") settings.kill_mode = value.empty() ? defaults.kill_mode : value;
  if (key == "Type") settings.type = value.empty() ? defaults.type : value;
}

Remark of_unit(UnitFacts const& unit) {
  Remark remark{Grade::problem, "unit", unit.path, {}, {}};
  if (!unit.settings) {
    remark.grade = Grade::warning;
    remark.what = unit.settings.error().detail;
    return remark;
  }
  auto const& settings = *unit.settings;
  if (settings.kill_mode != "process") {
    remark.what = "KillMode=" + settings.kill_mode +
                  ": stopping the service also ends a tmux server that the daemon started, with every agent in it";
    remark.cure = "set KillMode=process in [Service], then systemctl daemon-reload";
    return remark;
  }
  if (settings.type != "notify" && settings.type != "notify-reload") {
    remark.grade = Grade::warning;
    remark.what = "Type=" + settings.type + ": systemd neither knows when the daemon is ready nor watches it";
    remark.cure = "set Type=notify in [Service], then systemctl daemon-reload";
    return remark;
  }
  remark.grade = Grade::ok;
  remark.what = "KillMode=process, Type=" + settings.type;
  return remark;
}

/// Directories of transcripts that a session may be followed in, for each account, beside its terminal.
constexpr std::int64_t watches_of_session = 2;
constexpr std::int64_t watches_of_ours = 32;

}  // namespace

UnitSettings read_unit(std::string_view text, UnitSettings before) {
  bool in_service = false;
  bool goes_on = false;  // the line before ended in a backslash
  while (!text.empty()) {
    auto const whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    auto const line = trimmed_line(whole);
    bool const comment = line.starts_with('#') || line.starts_with(';');
    bool const part = goes_on;
    if (!comment) goes_on = line.ends_with('\\');
    if (comment || part) continue;
    if (line.starts_with('['))
      in_service = line == "[Service]";
    else if (in_service)
      take_assignment(before, line);
  }
  return before;
}

Remarks examine_units(std::vector<UnitFacts> const& units) {
  if (units.empty()) return {{Grade::skipped, "unit", "", "no unit of systemd is installed", ""}};
  Remarks remarks;
  for (auto const& unit : units) remarks.push_back(of_unit(unit));
  return remarks;
}

std::vector<PaneInfo> watched_panes(std::vector<PaneInfo> const& panes, SessionsConfig const& config) {
  std::set<SessionName> wanted;
  for (auto const& session : wanted_sessions(config)) wanted.insert(session.name);
  std::vector<PaneInfo> watched;
  for (auto const& pane : panes)
    if (!pane.owner_mark.empty() || wanted.contains(pane.session) || adopts(config, pane.session))
      watched.push_back(pane);
  return watched;
}

Remarks examine_variables(std::vector<SessionVariables> const& sessions) {
  Remarks remarks;
  std::size_t clean = 0;
  for (auto const& session : sessions) {
    if (!session.names.empty())
      remarks.push_back({Grade::problem, "environment", "session " + session.session.str(),
                         "its agent has " + enumerated(session.names) +
                             " set: it works on that, whatever account is in use, and it may cost money",
                         "start the agent without"});
    else if (!session.looked)
      remarks.push_back({Grade::skipped, "environment", "session " + session.session.str(),
                         "the environment of its agent could not be read", ""});
    else
      ++clean;
  }
  if (clean > 0)
    remarks.push_back({Grade::ok, "environment", "",
                       "no key or token in the environment of " + std::to_string(clean) +
                           (clean == 1 ? " watched session" : " watched sessions"),
                       ""});
  if (remarks.empty()) remarks.push_back({Grade::skipped, "environment", "", "no watched session runs", ""});
  return remarks;
}

Remarks examine_zones(ZoneFacts const& facts) {
  Remark remark{Grade::problem, "time-zones", facts.local, {}, "on Debian: apt-get install tzdata"};
  if (!facts.others_known) {
    remark.what = "there is no time zone data: a reset time that names its zone is not understood";
  } else if (!facts.local_known) {
    remark.what = "this machine's zone is not known: a reset time that names none is not understood";
    remark.cure = "correct /etc/localtime, or TZ";
  } else {
    remark = {Grade::ok, "time-zones", facts.local, "time zone data is there", ""};
  }
  return {remark};
}

Remarks examine_inotify(InotifyFacts const& facts, Config const& config) {
  constexpr std::string_view about = "inotify";
  Remarks remarks;
  auto const panes = static_cast<std::int64_t>(std::max(facts.panes, wanted_sessions(config.sessions).size()));
  auto const accounts = static_cast<std::int64_t>(config.accounts.size());
  auto const needed = panes * (1 + watches_of_session * accounts) + watches_of_ours;
  if (!facts.max_watches)
    remarks.push_back({Grade::skipped, std::string{about}, "fs.inotify", "its limits could not be read", ""});
  else if (*facts.max_watches < needed)
    remarks.push_back({Grade::warning, std::string{about}, "fs.inotify.max_user_watches",
                       "the limit of " + std::to_string(*facts.max_watches) + " is small for " + std::to_string(panes) +
                           " panes and " + std::to_string(accounts) + " accounts, which may take " +
                           std::to_string(needed) + ": the rest is seen only every quota.poll_interval",
                       "sysctl fs.inotify.max_user_watches=524288"});
  if (!facts.daemon_runs && facts.free_instances < needed_instances)
    remarks.push_back({Grade::warning, std::string{about}, "fs.inotify.max_user_instances",
                       "only " + std::to_string(facts.free_instances) + " of the " + std::to_string(needed_instances) +
                           " instances that the daemon has can be had: the rest is seen only every quota.poll_interval",
                       "sysctl fs.inotify.max_user_instances=1024"});
  if (remarks.empty())
    remarks.push_back({Grade::ok, std::string{about}, "fs.inotify", "its limits are large enough", ""});
  return remarks;
}

}  // namespace failover::core
