#include "adapters/https_client.hpp"

#include "adapters/deadline.hpp"
#include "adapters/https_url.hpp"
#include "adapters/name_lookup.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <string_view>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace failover::adapters {
namespace {

namespace ssl = asio::ssl;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using core::ErrorKind;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t max_header_bytes = 16 * 1024;
// The reply is complete by then; the peer's close_notify is a courtesy.
constexpr core::Duration shutdown_limit = std::chrono::seconds{1};

core::Duration left_until(Clock::time_point end) {
  return std::max(std::chrono::duration_cast<core::Duration>(end - Clock::now()), core::Duration::zero());
}

/// Throws boost::system::system_error where OpenSSL cannot be set up.
ssl::context checking_context() {
  ssl::context context{ssl::context::tls_client};
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_default_verify_paths();
  context.set_verify_mode(ssl::verify_peer);
  return context;
}

/// One connection and what is known about it.
struct Connection {
  Connection(asio::any_io_executor const& executor, HttpsUrl where)
      : url(std::move(where)), context(checking_context()), stream(executor, context) {}

  void close() {
    error_code ignored;  // an unconnected socket says so; there is nothing to be done about it
    stream.next_layer().close(ignored);
  }

  HttpsUrl url;
  ssl::context context;
  ssl::stream<tcp::socket> stream;
  std::string certificate_fault = {};
  char const* doing = "connecting";
};

bool is_address(std::string const& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

/// Checks as ssl::host_name_verification does, and remembers why it said no.
auto remembering_verification(Connection& connection) {
  return [&connection, check = ssl::host_name_verification{connection.url.host}](bool chain_is_good,
                                                                                 ssl::verify_context& context) {
    auto const good = check(chain_is_good, context);
    if (!chain_is_good)
      connection.certificate_fault = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.native_handle()));
    else if (!good)
      connection.certificate_fault = "it was issued for another host name";
    return good;
  };
}

/// Null where OpenSSL cannot be set up.
std::unique_ptr<Connection> make_connection(asio::any_io_executor const& executor, HttpsUrl const& url) try {
  auto connection = std::make_unique<Connection>(executor, url);
  // SNI carries names only (RFC 6066, section 3). This call is what the macro SSL_set_tlsext_host_name hides, whose
  // cast our warnings refuse.
  if (!is_address(url.host) && SSL_ctrl(connection->stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                                        TLSEXT_NAMETYPE_host_name, connection->url.host.data()) != 1)
    return nullptr;
  connection->stream.set_verify_callback(remembering_verification(*connection));
  return connection;
} catch (boost::system::system_error const&) {
  return nullptr;
}

core::Error certificate_error(Connection const& connection) {
  return {ErrorKind::refused, connection.url.shown() + ": certificate refused: " + connection.certificate_fault +
                                  "; check the clock, the CA certificates (SSL_CERT_FILE) and api_base"};
}

bool is_early_end(error_code const& error) {
  return error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe ||
         error == ssl::error::stream_truncated || error == http::error::end_of_stream ||
         error == http::error::partial_message;
}

bool is_over_a_limit(error_code const& error) {
  return error == http::error::body_limit || error == http::error::header_limit ||
         error == http::error::buffer_overflow;
}

/// What a failed operation of an open connection means to the caller.
core::Error failure(Connection const& connection, error_code const& error, bool expired, core::Duration timeout) {
  auto const where = connection.url.shown() + ": ";
  auto const when = std::string{" (while "} + connection.doing + ")";
  if (expired)
    return {ErrorKind::timed_out, where + "no answer within " + std::to_string(timeout.count()) + " ms" + when};
  if (!connection.certificate_fault.empty()) return certificate_error(connection);
  if (error == asio::error::operation_aborted) return {ErrorKind::cancelled, where + "cancelled" + when};
  if (is_early_end(error)) return {ErrorKind::unavailable, where + "the connection was closed early" + when};
  if (is_over_a_limit(error)) return {ErrorKind::too_large, where + "the reply is longer than 64 KiB"};
  if (error.category() == asio::error::get_ssl_category())
    return {ErrorKind::refused, where + "TLS failed: " + error.message() + when + "; does this port speak https?"};
  if (error.category() == http::make_error_code(http::error::bad_version).category())
    return {ErrorKind::io, where + "the reply is not HTTP: " + error.message()};
  return {ErrorKind::unavailable, where + error.message() + when};
}

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

// Newer Beast throws at header fields beyond its own bounds; these lie well below.
constexpr std::size_t max_field_name = 256;
constexpr std::size_t max_field_value = 8 * 1024;

bool is_token(std::string const& text) {
  return !text.empty() && text.size() <= max_field_name && std::ranges::all_of(text, is_token_character);
}

bool is_header_value(std::string const& text) {
  return text.size() <= max_field_value &&
         std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

core::Result<http::request<http::string_body>> make_request(HttpsRequest& request, HttpsUrl const& url) {
  http::request<http::string_body> made;
  if (!is_token(request.method)) return core::Error{ErrorKind::invalid, url.shown() + ": not a method of HTTP"};
  made.method_string(request.method);
  made.target(url.target);
  made.version(11);
  made.set(http::field::host, url.shown());
  made.set(http::field::user_agent, "claude-failover");  // Resend answers 403 to a request without one
  made.set(http::field::connection, "close");
  for (auto const& [name, value] : request.headers) {
    if (!is_token(name) || !is_header_value(value))
      return core::Error{ErrorKind::invalid, url.shown() + ": a header holds a character that must not stand there"};
    made.set(name, value);
  }
  made.body() = std::move(request.body);
  made.prepare_payload();
  return made;
}

std::optional<core::Duration> retry_after_of(http::fields const& fields) {
  auto const found = fields.find(http::field::retry_after);
  if (found == fields.end()) return std::nullopt;
  std::string_view const text{found->value().data(), found->value().size()};
  std::uint32_t seconds = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds{seconds};
}

/// Tries each endpoint with its share of the time that is left: a dead IPv6 route must not eat the whole of it.
asio::awaitable<std::optional<core::Error>> connect(asio::any_io_executor executor, Connection& connection,
                                                    std::vector<tcp::endpoint> endpoints, Clock::time_point end,
                                                    core::Duration timeout) {
  std::optional<core::Error> last;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    auto const share = left_until(end) / static_cast<int>(endpoints.size() - i);
    Deadline const attempt{executor, share, [&connection] { connection.close(); }};
    auto& socket = connection.stream.next_layer();
    error_code error;
    co_await socket.async_connect(endpoints[i], asio::redirect_error(asio::use_awaitable, error));
    if (!error && !attempt.expired()) co_return std::nullopt;
    last = failure(connection, error, attempt.expired(), timeout);
    connection.close();
    if (last->kind == ErrorKind::cancelled) break;
  }
  co_return last;
}

asio::awaitable<void> say_goodbye(asio::any_io_executor executor, Connection& connection) {
  // Without a limit this waits for ever for a peer that stays silent (Beast issue 2807).
  Deadline const deadline{executor, shutdown_limit, [&connection] { connection.close(); }};
  error_code ignored;  // stream_truncated is usual, and the reply is here
  co_await connection.stream.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
  connection.close();
}

Async<HttpsReply> talk(asio::any_io_executor executor, Connection& connection, http::request<http::string_body> request,
                       Clock::time_point end, core::Duration timeout) {
  Deadline const deadline{executor, left_until(end), [&connection] { connection.close(); }};
  error_code error;
  connection.doing = "agreeing on TLS";
  co_await connection.stream.async_handshake(ssl::stream_base::client,
                                             asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(connection, error, deadline.expired(), timeout);

  connection.doing = "sending";
  co_await http::async_write(connection.stream, request, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(connection, error, deadline.expired(), timeout);

  connection.doing = "waiting for the reply";
  boost::beast::flat_buffer buffer{HttpsClient::max_reply_bytes + max_header_bytes};
  http::response_parser<http::string_body> parser;
  parser.header_limit(max_header_bytes);
  parser.body_limit(HttpsClient::max_reply_bytes);
  co_await http::async_read(connection.stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure(connection, error, deadline.expired(), timeout);

  HttpsReply reply;
  reply.status = parser.get().result_int();
  reply.retry_after = retry_after_of(parser.get());
  reply.body = std::move(parser.get().body());
  co_return reply;
}

Async<HttpsReply> exchange(asio::any_io_executor executor, HttpsRequest request) {
  auto const end = Clock::now() + request.timeout;
  auto const url = parse_https_url(request.url);
  if (!url) co_return url.error();
  auto made = make_request(request, *url);
  if (!made) co_return made.error();

  auto endpoints = co_await look_up(executor, url->host, url->port, request.timeout);
  if (!endpoints) co_return endpoints.error();
  auto const connection = make_connection(executor, *url);
  if (!connection) co_return core::Error{ErrorKind::io, url->shown() + ": cannot set up TLS"};
  auto const unreachable = co_await connect(executor, *connection, std::move(*endpoints), end, request.timeout);
  if (unreachable) co_return *unreachable;

  auto reply = co_await talk(executor, *connection, std::move(*made), end, request.timeout);
  if (reply) co_await say_goodbye(executor, *connection);
  co_return reply;
}

}  // namespace

Async<HttpsReply> HttpsClient::post(HttpsRequest request) {
  return exchange(executor_, std::move(request));
}

}  // namespace failover::adapters
