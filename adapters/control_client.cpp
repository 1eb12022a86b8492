#include "adapters/control_client.hpp"

#include <exception>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>
#include <sys/un.h>

namespace failover::adapters {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t max_reply_bytes = 16 << 20;

/// One exchange: connect, write, read, each under the one deadline that the stream carries.
class Exchange {
 public:
  Exchange(std::string const& socket_path, http::request<http::string_body> request)
      : endpoint_(socket_path), request_(std::move(request)) {
    request_.set(http::field::host, "localhost");
    request_.keep_alive(false);
    parser_.body_limit(max_reply_bytes);
  }

  error_code run(core::Duration timeout) {
    // Asio's own socket() would be inherited by a program that is started meanwhile.
    stream_.socket().assign({}, ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    stream_.expires_after(timeout);
    stream_.async_connect(endpoint_, [this](error_code error) { connected(error); });
    loop_.run();
    return error_;
  }

  HttpReply reply() {
    auto& message = parser_.get();
    return {message.result_int(), std::string{message[http::field::content_type]}, std::move(message.body())};
  }

 private:
  void connected(error_code error) {
    if (failed(error)) return;
    http::async_write(stream_, request_, [this](error_code failure, std::size_t) { written(failure); });
  }
  void written(error_code error) {
    // The daemon may have answered and closed before it read all: the answer counts.
    if (error != asio::error::broken_pipe && failed(error)) return;
    http::async_read(stream_, buffer_, parser_, [this](error_code failure, std::size_t) { (void)failed(failure); });
  }
  bool failed(error_code error) {
    error_ = error;
    return bool{error};
  }

  asio::io_context loop_{1};
  beast::basic_stream<asio::local::stream_protocol, asio::any_io_executor> stream_{loop_.get_executor()};
  asio::local::stream_protocol::endpoint endpoint_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  error_code error_;
};

core::Error described(error_code error, std::string const& socket_path) {
  if (error == beast::error::timeout)
    return {core::ErrorKind::timed_out, "the daemon did not answer in time on " + socket_path};
  if (error == http::error::body_limit) return {core::ErrorKind::too_large, "the daemon's answer is too large"};
  bool const cut_off = error == http::error::end_of_stream || error == http::error::partial_message;
  if (error.category() == http::make_error_code(http::error::end_of_stream).category() && !cut_off)
    return {core::ErrorKind::invalid, "what answers on " + socket_path + " is not the daemon: " + error.message()};
  if (error == asio::error::access_denied)
    return {core::ErrorKind::permission, "the daemon on " + socket_path + " belongs to another user"};
  return {core::ErrorKind::unavailable,
          "no daemon answers on " + socket_path + "; start it with `claude-failover run` (" + error.message() + ")"};
}

core::Result<HttpReply> exchanged(std::string const& socket_path, http::request<http::string_body> request,
                                  core::Duration timeout) {
  if (socket_path.empty() || socket_path.size() >= sizeof(sockaddr_un::sun_path))
    return core::Error{core::ErrorKind::invalid, "no path of a socket: " + socket_path};
  try {
    Exchange exchange{socket_path, std::move(request)};
    auto const error = exchange.run(timeout);
    if (error) return described(error, socket_path);
    return exchange.reply();
  } catch (std::exception const& failure) {  // no descriptor for the loop or the socket
    return core::Error{core::ErrorKind::unavailable, std::string{"cannot ask the daemon: "} + failure.what()};
  }
}

}  // namespace

core::Result<HttpReply> control_get(std::string const& socket_path, std::string const& target,
                                    std::string const& accept, core::Duration timeout) {
  http::request<http::string_body> request{http::verb::get, target, 11};
  request.set(http::field::accept, accept);
  return exchanged(socket_path, std::move(request), timeout);
}

core::Result<HttpReply> control_send(std::string const& socket_path, std::string const& target, std::string const& body,
                                     core::Duration timeout) {
  http::request<http::string_body> request{http::verb::post, target, 11, body};
  request.set(http::field::accept, "application/json");
  request.set(http::field::content_type, "application/json");
  request.prepare_payload();
  return exchanged(socket_path, std::move(request), timeout);
}

}  // namespace failover::adapters
