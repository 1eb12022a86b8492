#pragma once

#include "test/support/certificates.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace failover::test {

/// How a server treats those who connect.
enum class Manner {
  answers,               ///< TLS, reads one request, sends the reply, says goodbye
  no_goodbye,            ///< as before, but keeps the connection and never answers close_notify
  cuts_off,              ///< sends the reply and drops the connection without close_notify
  silent,                ///< accepts and says nothing
  silent_after_hello,    ///< TLS, reads the request, says nothing
  hangs_up,              ///< accepts and closes
  hangs_up_after_hello,  ///< TLS, reads the request, closes
  plain_http,            ///< answers in the clear
  old_tls                ///< as `answers`, with TLS 1.1 at most
};

struct SeenRequest {
  std::string server_name = {};  ///< SNI
  std::string method = {};
  std::string target = {};
  std::map<std::string, std::string> headers = {};
  std::string body = {};
};

/// A server on a free port of 127.0.0.1 that lives on the test's own loop. Destroy it before the loop.
class TlsServer {
 public:
  TlsServer(boost::asio::io_context& loop, Identity const& identity, Manner manner, std::string reply = {});
  ~TlsServer();

  [[nodiscard]] unsigned short port() const;
  /// `https://localhost:PORT`
  [[nodiscard]] std::string base() const;
  [[nodiscard]] std::vector<SeenRequest> const& seen() const;

  /// The reply of every later request, whole with its status line.
  void reply_with(std::string reply);

 private:
  struct State;
  std::shared_ptr<State> state_;  // the coroutines hold it, too
};

/// A whole HTTP reply.
[[nodiscard]] std::string http_reply(std::string const& status, std::string const& body,
                                     std::string const& more_headers = {});

}  // namespace failover::test
