#pragma once

#include "core/engine.hpp"
#include "test/sim/judge.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace failover::sim {

struct Outcome {
  std::string problem = {};  ///< "" when all held
  std::int64_t step = 0;
  std::vector<std::string> trace = {};  ///< the newest lines
  Tally tally = {};
};

/// Who looks on, as a journal does; each of them may be missing.
struct Witness {
  std::function<core::AgentReader(core::AgentReader)> listening = {};  ///< wraps the reader of the engine's steps
  std::function<void(core::Config const&, core::State const&, core::Now)> begun = {};  ///< a start or a reload
  std::function<void(core::State const& after, core::Event const&, core::Effects const&, core::Now)> stepped = {};
};

/// One life of the fleet, wholly determined by its seed, with so many lines of its story at most.
[[nodiscard]] Outcome simulate(std::uint64_t seed, std::size_t trace_lines, Witness witness = {});

}  // namespace failover::sim
