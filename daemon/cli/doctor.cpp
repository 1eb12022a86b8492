#include "daemon/cli/doctor.hpp"

#include "adapters/account_link.hpp"
#include "adapters/agent_variables.hpp"
#include "adapters/clock.hpp"
#include "adapters/file_look.hpp"
#include "adapters/history_places.hpp"
#include "adapters/inotify_limits.hpp"
#include "adapters/pattern_file.hpp"
#include "adapters/settings_look.hpp"
#include "adapters/socket_listener.hpp"
#include "adapters/tmux_look.hpp"
#include "adapters/unit_files.hpp"
#include "adapters/utf8.hpp"
#include "adapters/yaml_config.hpp"
#include "adapters/zone_lookup.hpp"
#include "core/examination.hpp"
#include "core/examine_accounts.hpp"
#include "core/examine_files.hpp"
#include "core/examine_machine.hpp"
#include "core/examine_tmux.hpp"
#include "daemon/cli/print.hpp"

#include <exception>
#include <iterator>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>

namespace failover::daemon {
namespace {

using core::Grade;
using core::Remarks;

void add(Remarks& remarks, Remarks more) {
  remarks.insert(remarks.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

core::TmuxFacts tmux_facts(core::TmuxConfig const& config) {
  boost::asio::io_context io{1};
  core::TmuxFacts facts;
  boost::asio::co_spawn(io, adapters::look_at_tmux(io.get_executor(), config),
                        [&facts](std::exception_ptr const& failure, core::TmuxFacts found) {
                          if (failure) std::rethrow_exception(failure);
                          facts = std::move(found);
                        });
  io.run();
  return facts;
}

Remarks settings_remarks(core::Config const& config) {
  std::vector<core::SettingsFacts> accounts;
  if (core::has_claude_directories(config))
    for (auto const& account : config.accounts)
      accounts.push_back(adapters::look_at_settings(account, core::token_variables(config.profile)));
  return core::examine_settings(accounts, config);
}

Remarks history_remarks(core::Config const& config) {
  if (!core::has_claude_directories(config))
    return {{Grade::skipped, "history", "", "where this agent keeps its conversations is not known", ""}};
  std::vector<core::HistoryFacts> accounts;
  for (auto& history : adapters::look_at_histories(config, adapters::shared_directory_of(config))) {
    using adapters::HistoryState;
    if (history.state == HistoryState::no_account || history.state == HistoryState::same_account) continue;
    bool const shared = !history.refused && history.state == HistoryState::shared;
    accounts.push_back({history.account, shared, history.refused ? history.refused->detail : ""});
  }
  return core::examine_histories(accounts);
}

core::ZoneFacts zone_facts() {
  auto const zones = adapters::system_zones();
  auto const now = adapters::read_clock().wall;
  // Far from UTC: a machine without data may still know that one.
  return {adapters::local_zone_name(), zones("", now).has_value(), zones("America/Los_Angeles", now).has_value()};
}

core::Remark daemon_remark(std::string const& socket, core::Result<pid_t> const& daemon) {
  if (daemon) return {Grade::ok, "daemon", socket, "runs, pid " + std::to_string(*daemon), ""};
  if (daemon.error().kind == core::ErrorKind::permission)
    return {Grade::problem, "daemon", socket, daemon.error().detail, "run this as the daemon's user"};
  return {Grade::skipped, "daemon", socket, "no daemon runs", ""};
}

Remarks examine(core::Config const& config, std::string const& config_path) {
  Remarks remarks{{Grade::ok, "configuration", config_path, "no mistake in it", ""}};
  auto const socket = config.state.runtime + "/control.sock";
  auto const daemon = adapters::listener_of(socket);
  remarks.push_back(daemon_remark(socket, daemon));

  auto const tmux = tmux_facts(config.tmux);
  add(remarks, core::examine_tmux(tmux, config.tmux));
  add(remarks, core::examine_groups(adapters::look_at_groups(tmux.socket, socket)));
  add(remarks, core::examine_units(adapters::installed_units()));

  add(remarks, core::examine_accounts(config, adapters::read_accounts(config)));
  add(remarks, settings_remarks(config));
  add(remarks, history_remarks(config));

  auto const watched = core::watched_panes(tmux.panes ? *tmux.panes : std::vector<core::PaneInfo>{}, config.sessions);
  add(remarks, core::examine_variables(adapters::agent_variables(watched, core::token_variables(config.profile))));
  add(remarks, core::examine_tokens(adapters::look_at_tokens(config)));
  add(remarks, core::examine_files(adapters::look_at_files(config, config_path), ::geteuid()));

  add(remarks, core::examine_zones(zone_facts()));
  auto limits = adapters::inotify_limits();
  limits.panes = watched.size();
  limits.daemon_runs = daemon.has_value();
  add(remarks, core::examine_inotify(limits, config));
  return remarks;
}

CommandOutput told(Remarks const& remarks, ReportFormat format) {
  CommandOutput output;
  output.exit_code = core::has_problem(remarks) ? 1 : 0;
  boost::json::array list;
  for (auto const& remark : remarks) {
    if (format == ReportFormat::text) {
      output.out += core::to_line(remark) + "\n";
      continue;
    }
    list.push_back(boost::json::object{{"grade", core::to_string(remark.grade)},
                                       {"about", remark.about},
                                       {"where", adapters::repaired_utf8(remark.where)},
                                       {"what", adapters::repaired_utf8(remark.what)},
                                       {"cure", adapters::repaired_utf8(remark.cure)}});
  }
  if (format == ReportFormat::json) output.out = boost::json::serialize(list) + "\n";
  return output;
}

/// One remark for each line of check-config.
Remarks faults_of(std::string lines, std::string const& config_path) {
  Remarks remarks;
  while (!lines.empty()) {
    auto const line = lines.substr(0, lines.find('\n'));
    lines.erase(0, line.size() + 1);
    bool const here = line.starts_with(config_path + ":");
    auto const end = here ? line.find(": ", config_path.size()) : line.find(": ");
    bool const placed = end != std::string::npos;
    remarks.push_back({Grade::problem, "configuration", placed ? line.substr(0, end) : config_path,
                       placed ? line.substr(end + 2) : line, ""});
  }
  return remarks;
}

}  // namespace

CommandOutput doctor(std::string const& config_path, ReportFormat format, adapters::PathContext const& context) {
  auto const checked = check_config(config_path, ReportFormat::text, context);
  if (checked.exit_code == 0)
    if (auto const loaded = adapters::load_config_file(config_path, context, adapters::profiles_beside(config_path));
        loaded && loaded->problems.empty())
      return told(examine(loaded->config, config_path), format);
  auto output = told(faults_of(checked.err, config_path), format);
  output.exit_code = checked.exit_code;
  return output;
}

int run_doctor(std::string const& config_path, bool json) {
  return print(
      doctor(config_path, json ? ReportFormat::json : ReportFormat::text, adapters::path_context_from_environment()));
}

}  // namespace failover::daemon
