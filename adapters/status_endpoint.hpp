#pragma once

#include "adapters/clock.hpp"
#include "adapters/http_message.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <functional>

namespace failover::adapters {

/// Where the pages get what they show. Called on the loop's thread: `version` and `health` at each request, `report`
/// when a new one is due.
struct StatusSource {
  std::function<std::uint64_t()> version = {};  ///< State::version
  std::function<core::StatusReport()> report = {};
  std::function<core::Health()> health = {};
};

/// Answers /health, /status and /metrics; every other path is 404.
///
/// A report is made for each version of the state, and of one version at most once a second, for its ages; each format
/// of it is written at most once. The weak ETag names the version, the start of the process and the format, and a
/// number that grows when the report changed in more than its ages, for not everything that it shows is versioned.
[[nodiscard]] HttpHandler status_handler(StatusSource source, std::function<core::Now()> clock = read_clock);

}  // namespace failover::adapters
