#pragma once

#include "adapters/async.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

namespace failover::adapters {

struct HttpsRequest {
  std::string url = {};  ///< https only; its path may hold a token and is never shown
  std::string method = "POST";
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< beside Host, User-Agent and Content-Length
  std::string body = {};
  core::Duration timeout = std::chrono::seconds{10};  ///< from the look-up of the name to the reply's last byte
};

struct HttpsReply {
  unsigned status = 0;
  std::string body = {};
  std::optional<core::Duration> retry_after = {};  ///< header Retry-After where it counts seconds
  bool operator==(HttpsReply const&) const = default;
};

/// Sends one request over one fresh TLS connection.
///
/// The certificate's chain and host name are checked against the system's authorities (OpenSSL's default places, which
/// SSL_CERT_FILE and SSL_CERT_DIR replace; read anew for each request); TLS 1.2 at least; no redirect is followed and
/// no proxy used. Addresses of a host are tried in order, each with its share of the time.
/// Any status is a reply, not an Error. Errors: `invalid` (the request: no https address, bad header), `unavailable`
/// (no such name, no connection, closed before the whole reply came), `refused` (certificate or TLS), `timed_out`,
/// `too_large` (more than 64 KiB of reply), `io` (the reply is not HTTP), `cancelled`. After `timed_out` and a closed
/// connection it is unknown whether the server acted. No detail holds path, header or body.
class HttpsClient {
 public:
  explicit HttpsClient(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  static constexpr std::size_t max_reply_bytes = std::size_t{64} * 1024;

  /// May outlive the client.
  [[nodiscard]] Async<HttpsReply> post(HttpsRequest request);

 private:
  asio::any_io_executor executor_;
};

}  // namespace failover::adapters
