#include "adapters/foreground.hpp"

#include "adapters/directory.hpp"
#include "adapters/process_stat.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

namespace failover::adapters {
namespace {

using core::Foreground;

constexpr std::array shells = {"ash", "bash", "csh",   "dash", "elvish", "fish",  "ksh",  "ksh93", "mksh",
                               "nu",  "pwsh", "rbash", "sh",   "tcsh",   "xonsh", "yash", "zsh"};
constexpr std::size_t most_processes = 100'000;

/// What is known of a pane before its group's other members are.
struct Look {
  pid_t pane = 0;
  pid_t group = 0;            ///< in the foreground; 0: not to be told
  bool led_by_shell = false;  ///< else the leader has ended
  Foreground found = Foreground::unknown;
};

Look look_at(pid_t pane) {
  Look look{pane};
  auto const first = process_stat(pane);
  // The first process of a pane leads its session for life: another one has taken the number over.
  if (!first || !first->lives() || first->session != pane || first->foreground == 0) return look;
  auto const leader = first->foreground == pane ? first : process_stat(first->foreground);
  bool const leads = leader && leader->lives();
  if (leads && (leader->session != pane || leader->group != first->foreground)) return look;
  if (leads && !is_shell(leader->program)) {
    look.found = Foreground::program;
    return look;
  }
  look.group = first->foreground;
  look.led_by_shell = leads;
  return look;
}

/// Counts the living members of the groups beside their leaders. False when that could not be done.
bool count_members(std::map<pid_t, std::size_t>& groups) {
  auto const proc = open_directory("/proc");
  if (!proc) return false;
  auto const names = list_names(*proc, "/proc", most_processes);
  if (!names || names->size() == most_processes) return false;
  for (auto const& name : *names) {
    auto const pid = process_number(name);
    if (!pid) continue;
    auto const process = process_stat(*pid);
    if (!process || !process->lives() || *pid == process->group) continue;
    if (auto const group = groups.find(process->group); group != groups.end()) ++group->second;
  }
  return true;
}

Foreground verdict(Look const& before, std::size_t members) {
  if (before.group == 0) return before.found;
  auto const after = look_at(before.pane);
  if (after.group != before.group || after.led_by_shell != before.led_by_shell) return Foreground::unknown;
  if (members > 0) return Foreground::program;
  return before.led_by_shell ? Foreground::shell : Foreground::unknown;
}

}  // namespace

bool is_shell(std::string_view program) {
  return std::find(shells.begin(), shells.end(), program) != shells.end();
}

std::vector<Foreground> foregrounds_of(std::vector<pid_t> const& pane_processes) {
  std::vector<Look> looks;
  std::map<pid_t, std::size_t> groups;
  for (auto const pane : pane_processes) {
    looks.push_back(look_at(pane));
    if (looks.back().group != 0) groups.try_emplace(looks.back().group, 0);
  }
  bool const counted = groups.empty() || count_members(groups);
  std::vector<Foreground> found;
  for (auto const& look : looks) {
    bool const open = look.group != 0;
    found.push_back(!open ? look.found : counted ? verdict(look, groups.at(look.group)) : Foreground::unknown);
  }
  return found;
}

std::optional<std::vector<Foreground>> foregrounds_at_once(std::vector<pid_t> const& pane_processes) {
  std::vector<Foreground> found;
  for (auto const pane : pane_processes) {
    auto const look = look_at(pane);
    if (look.group != 0) return std::nullopt;
    found.push_back(look.found);
  }
  return found;
}

Foreground foreground_of(pid_t pane_process) {
  return foregrounds_of({pane_process}).front();
}

}  // namespace failover::adapters
