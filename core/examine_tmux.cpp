#include "core/examine_tmux.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace failover::core {
namespace {

constexpr std::string_view about = "tmux";

/// "tmux 3.3a" → {3, 3}; nothing for versions without numbers ("tmux master").
std::optional<std::pair<int, int>> version_in(std::string_view text) {
  auto const begin = text.find_first_of("0123456789");
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin);
  std::pair<int, int> version{0, 0};
  auto const* const last = text.data() + text.size();
  auto const [dot, fault] = std::from_chars(text.data(), last, version.first);
  if (fault != std::errc{} || dot == last || *dot != '.') return std::nullopt;
  if (std::from_chars(dot + 1, last, version.second).ec != std::errc{}) return std::nullopt;
  return version;
}

Remark of_program(TmuxFacts const& facts) {
  if (facts.program.empty())
    return {Grade::problem, std::string{about}, "", "tmux is not installed, or not in PATH",
            "on Debian: apt-get install tmux"};
  auto const version = version_in(facts.version);
  if (version && *version < std::pair{3, 3})
    return {Grade::warning, std::string{about}, facts.program,
            facts.version + " is older than any that this program was tried with", "install tmux 3.3 or newer"};
  return {Grade::ok, std::string{about}, facts.program, facts.version.empty() ? "version not known" : facts.version,
          ""};
}

std::string count(std::size_t number, std::string const& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

Remark of_server(TmuxFacts const& facts, TmuxConfig const& config) {
  Remark remark{Grade::problem, "tmux-server", facts.socket, {}, {}};
  if (facts.panes) {
    std::set<SessionName> sessions;
    for (auto const& pane : *facts.panes) sessions.insert(pane.session);
    remark.grade = Grade::ok;
    remark.what = "answers: " + count(sessions.size(), "session") + ", " + count(facts.panes->size(), "pane");
    return remark;
  }
  switch (facts.panes.error().kind) {
    case ErrorKind::unavailable:
      remark.what = "no tmux server runs there";
      if (config.start_server) {
        remark.grade = Grade::ok;
        remark.what += " yet; the daemon starts one when it needs it (tmux.start_server)";
        return remark;
      }
      remark.cure = "start one (tmux new -d), or correct tmux.socket";
      return remark;
    case ErrorKind::timed_out:
      remark.what = "the tmux server does not answer";
      remark.cure = "see whether it was stopped (kill -CONT goes on), or end it and start it anew";
      return remark;
    default:
      remark.what = facts.panes.error().detail;
      return remark;
  }
}

constexpr std::string_view service_end = ".service";
constexpr std::string_view scope_end = ".scope";

std::string_view name_of_unit(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

Remarks examine_tmux(TmuxFacts const& facts, TmuxConfig const& config) {
  Remarks remarks{of_program(facts)};
  if (facts.program.empty())
    remarks.push_back({Grade::skipped, "tmux-server", facts.socket, "not asked, for there is no tmux", ""});
  else
    remarks.push_back(of_server(facts, config));
  return remarks;
}

Remarks examine_groups(GroupFacts const& facts) {
  Remark remark{Grade::skipped, "tmux-cgroup", "", "no tmux server runs", ""};
  if (!facts.server) return {remark};
  remark.where = "pid " + std::to_string(*facts.server);
  if (facts.server_group.empty()) {
    remark.what = "the control group of the tmux server could not be told";
    return {remark};
  }
  auto const service = service_of(facts.server_group);
  auto const name = std::string{name_of_unit(service)};
  bool const ours =
      !service.empty() && (service == service_of(facts.daemon_group) || name.starts_with("claude-failover"));
  if (ours) {
    remark.grade = Grade::warning;
    remark.what = "the tmux server lives in the daemon's own service " + name +
                  ": stopping that ends every agent unless it has KillMode=process, and its limits hold them";
    remark.cure = "end the server and start it outside: systemd-run --user --scope tmux new -d";
    return {remark};
  }
  remark.grade = Grade::ok;
  remark.what = service.empty() ? "the tmux server lives outside of any service"
                                : "the tmux server lives in " + name + ", not in the daemon's service";
  return {remark};
}

std::string control_group_in(std::string_view text) {
  std::string_view found;
  while (!text.empty()) {
    auto const line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    auto const first = line.find(':');
    auto const second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    auto const controllers = line.substr(first + 1, second - first - 1);
    auto const path = line.substr(second + 1);
    if (controllers == "name=systemd") return std::string{path};  // with both hierarchies, this is where systemd looks
    if (controllers.empty()) found = path;
  }
  return std::string{found};
}

std::string_view service_of(std::string_view group) {
  // The innermost unit counts: a user's own systemd is a service itself (user@1000.service), with all its units in it.
  while (!group.empty()) {
    auto const name = name_of_unit(group);
    if (name.ends_with(scope_end)) return {};
    if (name.ends_with(service_end)) return name.starts_with("user@") ? std::string_view{} : group;
    auto const slash = group.rfind('/');
    if (slash == std::string_view::npos) break;
    group = group.substr(0, slash);
  }
  return {};
}

}  // namespace failover::core
