#pragma once

#include "core/config.hpp"
#include "core/examination.hpp"
#include "core/result.hpp"
#include "core/world.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// tmux and its server, and the control group that the server lives in.
namespace failover::core {

struct TmuxFacts {
  std::string program = {};  ///< its path, "" where it is not found
  std::string version = {};  ///< as `tmux -V` prints it
  std::string socket = {};
  Result<std::vector<PaneInfo>> panes = Error{ErrorKind::unavailable, {}};
};

[[nodiscard]] Remarks examine_tmux(TmuxFacts const& facts, TmuxConfig const& config);

/// Whose control groups, as `/proc/PID/cgroup` names them: "" where it could not be told.
struct GroupFacts {
  std::optional<std::int64_t> server = {};  ///< nothing: no tmux server
  std::string server_group = {};
  std::string daemon_group = {};  ///< "" also while no daemon runs
  bool operator==(GroupFacts const&) const = default;
};

[[nodiscard]] Remarks examine_groups(GroupFacts const& facts);

/// The group of systemd's hierarchy in the text of `/proc/PID/cgroup`, "" where there is none.
[[nodiscard]] std::string control_group_in(std::string_view text);

/// The path of a group up to the service that it belongs to: "" for one outside of any service, and for one in a scope,
/// which goes on when the service that made it ends.
[[nodiscard]] std::string_view service_of(std::string_view group);

}  // namespace failover::core
