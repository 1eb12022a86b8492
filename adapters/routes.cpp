#include "adapters/routes.hpp"

namespace failover::adapters {

HttpHandler routed(std::vector<std::pair<std::string, HttpHandler>> routes, HttpHandler rest) {
  return [routes = std::move(routes), rest = std::move(rest)](HttpRequest const& request) {
    for (auto const& [path, handler] : routes)
      if (path == request.path || (path.ends_with('/') && request.path.starts_with(path))) return handler(request);
    return rest(request);
  };
}

}  // namespace failover::adapters
