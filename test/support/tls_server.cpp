#include "test/support/tls_server.hpp"

#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <openssl/ssl.h>

namespace failover::test {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct TlsServer::State {
  State(asio::io_context& loop, Identity const& identity, Manner how, std::string text)
      : context(ssl::context::tls_server),
        acceptor(loop, tcp::endpoint{asio::ip::address_v4::loopback(), 0}),
        manner(how),
        reply(std::move(text)) {
    context.use_certificate_chain(asio::buffer(identity.certificate));
    context.use_private_key(asio::buffer(identity.key), ssl::context::pem);
    if (manner != Manner::old_tls) return;
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_cipher_list(context.native_handle(), "DEFAULT:@SECLEVEL=0");  // TLS 1.1 signs with SHA-1
  }

  ssl::context context;
  tcp::acceptor acceptor;
  Manner manner;
  std::string reply;
  std::vector<SeenRequest> seen = {};
  std::vector<std::shared_ptr<ssl::stream<tcp::socket>>> kept = {};
};

namespace {

using Stream = ssl::stream<tcp::socket>;

void close(Stream& stream) {
  error_code ignored;
  stream.next_layer().close(ignored);
}

SeenRequest seen_of(Stream& stream, http::request<http::string_body> const& request) {
  SeenRequest seen;
  if (auto const* const name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name))
    seen.server_name = name;
  seen.method = std::string{request.method_string()};
  seen.target = std::string{request.target()};
  for (auto const& field : request) seen.headers[std::string{field.name_string()}] = std::string{field.value()};
  seen.body = request.body();
  return seen;
}

/// True where a request came.
asio::awaitable<bool> hear(std::shared_ptr<Stream> stream, std::vector<SeenRequest>& seen) {
  error_code error;
  co_await stream->async_handshake(ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return false;
  boost::beast::flat_buffer buffer;
  http::request<http::string_body> request;
  co_await http::async_read(*stream, buffer, request, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return false;
  seen.push_back(seen_of(*stream, request));
  co_return true;
}

asio::awaitable<void> answer_in_the_clear(std::shared_ptr<Stream> stream) {
  error_code error;
  std::string const text = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  co_await stream->next_layer().async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
  co_await asio::async_write(stream->next_layer(), asio::buffer(text),
                             asio::redirect_error(asio::use_awaitable, error));
  stream->next_layer().shutdown(tcp::socket::shutdown_send, error);
}

}  // namespace

namespace {

/// What the coroutines need, without the name of a private type.
struct Serving {
  Manner manner;
  std::string const& reply;
  std::vector<SeenRequest>& seen;
};

asio::awaitable<void> serve(std::shared_ptr<void const> owner, Serving serving, std::shared_ptr<Stream> stream) {
  (void)owner;  // keeps what `serving` refers to
  if (serving.manner == Manner::silent) co_return;
  if (serving.manner == Manner::hangs_up) {
    close(*stream);
    co_return;
  }
  if (serving.manner == Manner::plain_http) {
    co_await answer_in_the_clear(stream);
    co_return;
  }
  bool const heard = co_await hear(stream, serving.seen);
  if (!heard || serving.manner == Manner::silent_after_hello) co_return;
  error_code error;
  auto const reply = serving.reply;
  if (serving.manner != Manner::hangs_up_after_hello)
    co_await asio::async_write(*stream, asio::buffer(reply), asio::redirect_error(asio::use_awaitable, error));
  if (serving.manner == Manner::no_goodbye) co_return;
  if (serving.manner == Manner::answers || serving.manner == Manner::old_tls)
    co_await stream->async_shutdown(asio::redirect_error(asio::use_awaitable, error));
  close(*stream);
}

}  // namespace

TlsServer::TlsServer(asio::io_context& loop, Identity const& identity, Manner manner, std::string reply)
    : state_(std::make_shared<State>(loop, identity, manner, std::move(reply))) {
  struct Accepting {
    static asio::awaitable<void> run(std::shared_ptr<State> state) {
      while (true) {
        auto stream = std::make_shared<Stream>(state->acceptor.get_executor(), state->context);
        error_code error;
        co_await state->acceptor.async_accept(stream->next_layer(), asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return;
        state->kept.push_back(stream);
        Serving serving{state->manner, state->reply, state->seen};
        asio::co_spawn(state->acceptor.get_executor(), serve(state, serving, stream), [](std::exception_ptr failure) {
          if (failure) std::rethrow_exception(failure);
        });
      }
    }
  };
  asio::co_spawn(loop, Accepting::run(state_), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

TlsServer::~TlsServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
  for (auto const& stream : state_->kept) close(*stream);
}

unsigned short TlsServer::port() const {
  return state_->acceptor.local_endpoint().port();
}

std::string TlsServer::base() const {
  return "https://localhost:" + std::to_string(port());
}

std::vector<SeenRequest> const& TlsServer::seen() const {
  return state_->seen;
}

void TlsServer::reply_with(std::string reply) {
  state_->reply = std::move(reply);
}

std::string http_reply(std::string const& status, std::string const& body, std::string const& more_headers) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + more_headers + "Connection: close\r\n\r\n" + body;
}

}  // namespace failover::test
