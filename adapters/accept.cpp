#include "adapters/accept.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace failover::adapters {
namespace {

std::string_view trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string folded{text};
  for (auto& character : folded)
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  return folded;
}

/// The parts between dividers that stand outside quotes.
std::vector<std::string_view> split(std::string_view text, char divider) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    else if (text[at] == divider && !quoted) {
      parts.push_back(trimmed(text.substr(begin, at - begin)));
      begin = at + 1;
    }
  }
  parts.push_back(trimmed(text.substr(std::min(begin, text.size()))));
  return parts;
}

/// Thousandths of RFC 9110's qvalue; 0, which means "not this", for what is none.
int thousandths(std::string_view quality) {
  if (quality.empty() || quality.size() > 5 || (quality[0] != '0' && quality[0] != '1')) return 0;
  if (quality.size() > 1 && quality[1] != '.') return 0;
  int value = (quality[0] - '0') * 1000;
  int weight = 100;
  for (auto const digit : quality.substr(std::min<std::size_t>(2, quality.size()))) {
    if (digit < '0' || digit > '9') return 0;
    value += (digit - '0') * weight;
    weight /= 10;
  }
  return value <= 1000 ? value : 0;
}

std::optional<StatusFormat> format_of_type(std::string_view type) {
  auto const folded = lower(type);
  if (folded == "application/openmetrics-text") return StatusFormat::openmetrics;
  if (folded == "text/plain") return StatusFormat::prometheus;
  if (folded == "application/json") return StatusFormat::json;
  return std::nullopt;
}

}  // namespace

StatusFormat accepted_format(std::string_view accept) {
  auto chosen = StatusFormat::json;
  int best = 0;
  for (auto const range : split(accept, ',')) {
    auto const parts = split(range, ';');
    auto const format = format_of_type(parts.front());
    if (!format) continue;
    int quality = 1000;
    for (auto const parameter : parts)
      if (parameter.substr(0, 2) == "q=" || parameter.substr(0, 2) == "Q=") quality = thousandths(parameter.substr(2));
    if (quality <= best) continue;
    best = quality;
    chosen = *format;
  }
  return chosen;
}

core::Result<std::optional<StatusFormat>> format_of_query(std::string_view query) {
  for (auto const parameter : split(query, '&')) {
    if (parameter.substr(0, 7) != "format=") continue;
    auto const word = parameter.substr(7);
    if (word == "json") return std::optional{StatusFormat::json};
    if (word == "prometheus") return std::optional{StatusFormat::prometheus};
    if (word == "openmetrics") return std::optional{StatusFormat::openmetrics};
    return core::Error{core::ErrorKind::invalid, "format is json, prometheus or openmetrics"};
  }
  return std::optional<StatusFormat>{};
}

std::string_view content_type(StatusFormat format) {
  switch (format) {
    case StatusFormat::prometheus:
      return "text/plain; version=0.0.4; charset=utf-8";
    case StatusFormat::openmetrics:
      return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    case StatusFormat::json:
      break;
  }
  return "application/json";
}

}  // namespace failover::adapters
