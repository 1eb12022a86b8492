#pragma once

#include "core/config.hpp"
#include "core/examination.hpp"
#include "core/names.hpp"
#include "core/world.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the daemon needs of the machine around it, and what is in the agents' environment.
namespace failover::core {

/// What of a unit of systemd counts here. The defaults are systemd's.
struct UnitSettings {
  std::string kill_mode = "control-group";
  std::string type = "simple";
  bool operator==(UnitSettings const&) const = default;
};

/// The text of a unit, or of a drop-in over what is known before it.
[[nodiscard]] UnitSettings read_unit(std::string_view text, UnitSettings before = {});

struct UnitFacts {
  std::string path = {};
  Result<UnitSettings> settings = UnitSettings{};
};

[[nodiscard]] Remarks examine_units(std::vector<UnitFacts> const& units);

/// The panes of sessions that the daemon watches: its own, and those that it adopts.
[[nodiscard]] std::vector<PaneInfo> watched_panes(std::vector<PaneInfo> const& panes, SessionsConfig const& config);

/// Which token variables stand in the environment of a watched session's agent: names, never values.
struct SessionVariables {
  SessionName session = {};
  std::vector<std::string> names = {};
  bool looked = true;  ///< false: /proc did not show it
};

[[nodiscard]] Remarks examine_variables(std::vector<SessionVariables> const& sessions);

struct ZoneFacts {
  std::string local = {};     ///< name of the machine's zone
  bool local_known = false;   ///< its rules are there
  bool others_known = false;  ///< those of zones elsewhere are
};

[[nodiscard]] Remarks examine_zones(ZoneFacts const& facts);

struct InotifyFacts {
  std::optional<std::int64_t> max_watches = {};  ///< of one user; nothing: it could not be read
  std::int64_t free_instances = 0;               ///< that could be had just now, as far as tried
  std::size_t panes = 0;                         ///< that there are
  bool daemon_runs = false;                      ///< it has its own already
};

/// The daemon has this many: queue, terminals, transcripts, spool.
inline constexpr std::int64_t needed_instances = 4;

[[nodiscard]] Remarks examine_inotify(InotifyFacts const& facts, Config const& config);

}  // namespace failover::core
