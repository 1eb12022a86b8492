#pragma once

#include "test/sim/judge.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace failover::sim {

struct Outcome {
  std::string problem = {};  ///< "" when all held
  std::int64_t step = 0;
  std::vector<std::string> trace = {};  ///< the newest lines
  Tally tally = {};
};

/// One life of the fleet, wholly determined by its seed, with so many lines of its story at most.
[[nodiscard]] Outcome simulate(std::uint64_t seed, std::size_t trace_lines);

}  // namespace failover::sim
