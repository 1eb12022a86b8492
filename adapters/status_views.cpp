#include "adapters/status_views.hpp"

#include "adapters/metric_families.hpp"
#include "adapters/utf8.hpp"

#include <string_view>

namespace failover::adapters {
namespace {

enum class Dialect { prometheus, openmetrics };

/// Inside quotes both dialects escape the same three characters.
std::string label_value(std::string_view raw) {
  std::string escaped;
  for (auto const character : repaired_utf8(raw)) {
    if (character == '\n') {
      escaped += "\\n";
      continue;
    }
    if (character == '\\' || character == '"') escaped += '\\';
    escaped += character;
  }
  return escaped;
}

std::string labels(MetricSample const& sample) {
  std::string text;
  for (auto const& [name, value] : sample.labels)
    text += (text.empty() ? "{" : ",") + name + "=\"" + label_value(value) + "\"";
  return text.empty() ? text : text + "}";
}

/// OpenMetrics describes the family, the older format the sample; and it knows no info type.
std::string head(MetricFamily const& family, Dialect dialect) {
  auto const name = dialect == Dialect::openmetrics ? family.name : sample_name(family);
  std::string type = "gauge";
  if (family.type == MetricType::counter) type = "counter";
  if (family.type == MetricType::info && dialect == Dialect::openmetrics) type = "info";
  return "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + type + "\n";
}

std::string exposition(core::StatusReport const& report, Dialect dialect) {
  std::string text;
  for (auto const& family : metric_families(report)) {
    text += head(family, dialect);
    for (auto const& sample : family.samples) text += sample_name(family) + labels(sample) + " " + sample.value + "\n";
  }
  return text;
}

}  // namespace

std::string to_prometheus(core::StatusReport const& report) {
  return exposition(report, Dialect::prometheus);
}

std::string to_openmetrics(core::StatusReport const& report) {
  return exposition(report, Dialect::openmetrics) + "# EOF\n";
}

}  // namespace failover::adapters
