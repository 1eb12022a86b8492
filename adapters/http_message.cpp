#include "adapters/http_message.hpp"

#include "adapters/utf8.hpp"

#include <boost/json.hpp>

namespace failover::adapters {

std::string_view header_value(HttpRequest const& request, std::string_view name) {
  for (auto const& [candidate, value] : request.headers)
    if (candidate == name) return value;
  return {};
}

HttpResponse error_response(unsigned status, std::string_view code, std::string_view message) {
  boost::json::object error;
  error["code"] = repaired_utf8(code);
  error["message"] = repaired_utf8(message);
  HttpResponse response;
  response.status = status;
  response.body = boost::json::serialize(boost::json::object{{"error", std::move(error)}});
  return response;
}

}  // namespace failover::adapters
