#pragma once

#include "core/result.hpp"

#include <optional>
#include <string_view>

namespace failover::adapters {

enum class StatusFormat { json, prometheus, openmetrics };

/// The format that a client wants, by its Accept header ("" when it sent none).
///
/// The best-liked of the types that name one of ours, the first of equals; JSON when none does. A wildcard chooses
/// nothing: a real Prometheus ends its list with `*/*`, and so do curl and browsers, which want JSON. Nobody is
/// answered 406. Prometheus 2.42 and 3 are served OpenMetrics, which they like best.
[[nodiscard]] StatusFormat accepted_format(std::string_view accept);

/// The format of `format=…` in a query, nothing when the query has none; `invalid` for a word that is no format.
[[nodiscard]] core::Result<std::optional<StatusFormat>> format_of_query(std::string_view query);

/// As it stands in Content-Type. Prometheus 3 refuses a scrape whose type it cannot parse.
[[nodiscard]] std::string_view content_type(StatusFormat format);

}  // namespace failover::adapters
