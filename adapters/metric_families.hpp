#pragma once

#include "core/status.hpp"

#include <string>
#include <utility>
#include <vector>

namespace failover::adapters {

enum class MetricType { gauge, counter, info };

struct MetricSample {
  std::vector<std::pair<std::string, std::string>> labels = {};  ///< values as they are, not escaped
  std::string value = {};
  bool operator==(MetricSample const&) const = default;
};

/// One metric. `name` is without the suffix that its type brings (`_total`, `_info`); see sample_name().
struct MetricFamily {
  std::string name = {};
  MetricType type = MetricType::gauge;
  std::string help = {};
  std::vector<MetricSample> samples = {};
  bool operator==(MetricFamily const&) const = default;
};

/// The figures of a report that a time series database wants, described for people in conf/metrics.md.
///
/// Labels take their values from bounded sets only (accounts, phases, places, reasons, channels, pattern rules), never
/// from tasks, panes or screens. A metric without a sample is left out.
[[nodiscard]] std::vector<MetricFamily> metric_families(core::StatusReport const& report);

/// The name that stands on the sample's line.
[[nodiscard]] std::string sample_name(MetricFamily const& family);

}  // namespace failover::adapters
