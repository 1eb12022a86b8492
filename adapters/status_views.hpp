#pragma once

#include "core/status.hpp"

#include <string>

/// The faces of one report. All three are valid UTF-8 whatever the names in the report hold.
namespace failover::adapters {

/// `schema` 1, additive. Each instant `x` is RFC 3339 text or null, with `x_age_s` beside it in whole seconds, negative
/// for what lies ahead. Example in conf/metrics.md.
[[nodiscard]] std::string to_json(core::StatusReport const& report);
/// `{"status":"ok"}` or `{"status":"failing","reasons":[…]}`
[[nodiscard]] std::string to_json(core::Health const& health);

/// Prometheus text format 0.0.4.
[[nodiscard]] std::string to_prometheus(core::StatusReport const& report);
/// OpenMetrics 1.0.0, closed by `# EOF`.
[[nodiscard]] std::string to_openmetrics(core::StatusReport const& report);

}  // namespace failover::adapters
