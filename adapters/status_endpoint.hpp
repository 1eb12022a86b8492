#pragma once

#include "adapters/http_message.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace failover::adapters {

/// Where the pages get what they show. Called on the loop's thread, at each request (`now`, `version`, `health`) or
/// when a new report is due.
struct StatusSource {
  std::function<core::Now()> now = {};
  std::function<std::uint64_t()> version = {};  ///< State::version
  std::function<core::StatusReport()> report = {};
  std::function<core::Health()> health = {};
};

/// Answers /health, /status and /metrics; every other path is 404.
///
/// A report is made for each version of the state, and of one version at most once a second, for its ages; each format
/// of it is written at most once. The weak ETag names the version, the start of the process and the format, and a
/// number that grows when the report changed in more than its ages, for not everything that it shows is versioned.
class StatusEndpoint {
 public:
  explicit StatusEndpoint(StatusSource source);
  [[nodiscard]] HttpResponse operator()(HttpRequest const& request) const { return answer(request); }
  [[nodiscard]] HttpResponse answer(HttpRequest const& request) const;

 private:
  struct Inner;
  std::shared_ptr<Inner> inner_;  // copies share the cache
};

}  // namespace failover::adapters
