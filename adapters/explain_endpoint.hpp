#pragma once

#include "adapters/http_message.hpp"
#include "core/explain.hpp"

#include <functional>
#include <optional>
#include <string>

namespace failover::adapters {

/// An explanation as JSON, `schema` 1. Holds text of panes and transcripts: not for the network.
[[nodiscard]] std::string to_json(core::Explanation const& explanation);

/// Answers `GET /explain`, as text where `Accept` asks for `text/plain`, else as JSON; `?session=NAME` for one session
/// and `?swap=ID` for one swap (404 when it is not known). 403 over TCP, for an explanation quotes what agents showed.
[[nodiscard]] HttpHandler explain_handler(std::function<core::Explanation(core::ExplainWhat const&)> explain);

}  // namespace failover::adapters
