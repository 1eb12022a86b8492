#include "adapters/agent_variables.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/directory.hpp"
#include "adapters/process_stat.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace failover::adapters {
namespace {

constexpr std::size_t most_processes = 100'000;
constexpr std::size_t most_bytes = std::size_t{4} << 20;

/// By the first process of a pane: what its terminal listens to.
std::map<pid_t, std::vector<pid_t>> foreground_processes(std::set<pid_t> const& pane_processes) {
  std::map<pid_t, std::vector<pid_t>> found;
  auto const proc = open_directory("/proc");
  if (!proc) return found;
  auto const names = list_names(*proc, "/proc", most_processes);
  if (!names) return found;
  for (auto const& name : *names) {
    auto const pid = process_number(name);
    if (!pid) continue;
    auto const stat = process_stat(*pid);
    if (!stat || !stat->lives() || stat->group != stat->foreground) continue;
    if (pane_processes.contains(stat->session)) found[stat->session].push_back(*pid);
  }
  return found;
}

/// All that is known of one session's processes.
struct Found {
  std::set<std::string> names = {};
  bool looked = false;
};

void look(Found& found, pid_t process, std::vector<std::string> const& names) {
  auto const set = variables_of(process, names);
  if (!set) return;
  found.looked = true;
  found.names.insert(set->begin(), set->end());
}

}  // namespace

core::Result<std::vector<std::string>> variables_of(pid_t process, std::vector<std::string> const& names) {
  auto text = read_file("/proc/" + std::to_string(process) + "/environ", most_bytes);
  if (!text) return text.error();
  std::vector<std::string> found;
  for (std::string_view rest = *text; !rest.empty();) {
    auto const variable = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), variable.size() + 1));
    auto const equals = variable.find('=');
    if (equals == std::string_view::npos || equals + 1 == variable.size()) continue;
    auto const name = variable.substr(0, equals);
    if (std::find(names.begin(), names.end(), name) != names.end()) found.emplace_back(name);
  }
  std::fill(text->begin(), text->end(), '\0');  // the rest is none of our business
  return found;
}

std::vector<core::SessionVariables> agent_variables(std::vector<core::PaneInfo> const& panes,
                                                    std::vector<std::string> const& names) {
  std::set<pid_t> first_processes;
  for (auto const& pane : panes)
    if (!pane.dead) first_processes.insert(static_cast<pid_t>(pane.pid));
  auto const foreground = foreground_processes(first_processes);
  std::map<core::SessionName, Found> sessions;
  for (auto const& pane : panes) {
    if (pane.dead) continue;
    auto& found = sessions[pane.session];
    auto const first = static_cast<pid_t>(pane.pid);
    look(found, first, names);
    if (auto const others = foreground.find(first); others != foreground.end())
      for (auto const process : others->second) look(found, process, names);
  }
  std::vector<core::SessionVariables> rows;
  for (auto const& [session, found] : sessions)
    rows.push_back({session, {found.names.begin(), found.names.end()}, found.looked});
  return rows;
}

}  // namespace failover::adapters
