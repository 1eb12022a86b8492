#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A request and its answer as plain values: the pages know nothing of sockets.
namespace failover::adapters {

struct HttpRequest {
  std::string method = {};                                        ///< upper case
  std::string path = {};                                          ///< as sent, not decoded; begins with '/'
  std::string query = {};                                         ///< as sent, without '?'
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< names in lower case, in order
  std::string body = {};
  bool over_unix_socket = false;  ///< its sender has our own user id
  bool operator==(HttpRequest const&) const = default;
};

/// Of a HEAD request the server sends the head only; handlers answer it like GET.
struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  bool operator==(HttpResponse const&) const = default;
};

using HttpHandler = std::function<HttpResponse(HttpRequest const&)>;

/// The value of the first header of that name (lower case), "" when there is none.
[[nodiscard]] std::string_view header_value(HttpRequest const& request, std::string_view name);

/// `{"error":{"code":…,"message":…}}`
[[nodiscard]] HttpResponse error_response(unsigned status, std::string_view code, std::string_view message);

}  // namespace failover::adapters
