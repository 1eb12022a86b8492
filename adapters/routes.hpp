#pragma once

#include "adapters/http_message.hpp"

#include <string>
#include <utility>
#include <vector>

namespace failover::adapters {

/// Requests for exactly these paths go to their handlers, all others to `rest`. A path that ends in `/` stands for all
/// that begin with it.
[[nodiscard]] HttpHandler routed(std::vector<std::pair<std::string, HttpHandler>> routes, HttpHandler rest);

}  // namespace failover::adapters
