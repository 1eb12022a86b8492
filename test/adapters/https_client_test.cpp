#include "adapters/https_client.hpp"

#include "test/support/catch.hpp"
#include "test/support/certificates.hpp"
#include "test/support/environment.hpp"
#include "test/support/name_service.hpp"
#include "test/support/run_to_end.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/tls_server.hpp"

#include <chrono>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

using namespace failover;
using adapters::HttpsReply;
using adapters::HttpsRequest;
using core::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::http_reply;
using test::Manner;
using test::TlsServer;

namespace {

constexpr auto secret_path = "/bot123456:SECRET-token/sendMessage";

/// A loop, an authority that this process trusts, and a client.
struct World {
  test::ScratchDirectory directory = {};
  test::Authority authority{};
  test::Environment trusted{"SSL_CERT_FILE", directory / "ca.pem"};
  test::Environment no_directory{"SSL_CERT_DIR", directory.str()};
  boost::asio::io_context loop{1};
  adapters::HttpsClient client{loop.get_executor()};

  World() { test::put_file(directory / "ca.pem", authority.certificate()); }

  core::Result<HttpsReply> post(std::string const& base, milliseconds timeout = seconds{20}, std::string body = "{}") {
    HttpsRequest request;
    request.url = base + secret_path;
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    request.timeout = timeout;
    return test::run_to_end(loop, client.post(std::move(request)));
  }

  /// Posts to a server of that kind and gives the error, whose text never holds the path.
  core::Error refusal(Manner manner, test::Identity const& identity, std::string reply = http_reply("200 OK", "{}"),
                      milliseconds timeout = seconds{20}) {
    TlsServer const server{loop, identity, manner, std::move(reply)};
    auto const result = post(server.base(), timeout);
    REQUIRE_FALSE(result);
    CHECK(result.error().detail.find("SECRET") == std::string::npos);
    CHECK(result.error().detail.find("sendMessage") == std::string::npos);
    CHECK_THAT(result.error().detail, CF_CONTAINS("localhost:" + std::to_string(server.port())));
    return result.error();
  }
};

/// A port whose queue of connections is full: Linux drops further SYNs, as a dead route would.
class Swallowing {
 public:
  Swallowing(boost::asio::io_context& loop, std::string const& address, unsigned short port) : acceptor_(loop) {
    boost::asio::ip::tcp::endpoint const where{boost::asio::ip::make_address(address), port};
    acceptor_.open(where.protocol());
    acceptor_.bind(where);
    acceptor_.listen(0);
    for (auto i = 0; i < 4; ++i) {
      auto& waiting = waiting_.emplace_back(loop);
      waiting.async_connect(where, [](boost::system::error_code const&) {});  // those that wait are what counts
    }
  }

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<boost::asio::ip::tcp::socket> waiting_ = {};
};

}  // namespace

TEST_CASE("a request reaches a server whose certificate is good, and the reply comes back", "[adapters][https]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers, http_reply("201 Created", "hello")};
  auto const reply = world.post(server.base(), seconds{20}, "the body");
  REQUIRE(reply);
  CHECK(*reply == HttpsReply{201, "hello", std::nullopt});

  REQUIRE(server.seen().size() == 1);
  auto const& seen = server.seen().front();
  CHECK(seen.server_name == "localhost");
  CHECK(seen.method == "POST");
  CHECK(seen.target == secret_path);
  CHECK(seen.body == "the body");
  CHECK(seen.headers.at("Host") == "localhost:" + std::to_string(server.port()));
  CHECK(seen.headers.at("Content-Type") == "application/json");
  CHECK(seen.headers.at("Content-Length") == "8");
  CHECK(seen.headers.at("User-Agent") == "claude-failover");
  CHECK(seen.headers.count("Authorization") == 0);
}

TEST_CASE("a certificate for an address is good for that address, and no server name is sent", "[adapters][https]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers, http_reply("200 OK", "{}")};
  auto const reply = world.post("https://127.0.0.1:" + std::to_string(server.port()));
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(server.seen().at(0).server_name.empty());
}

TEST_CASE("any status is a reply, with the seconds of Retry-After", "[adapters][https]") {
  World world;
  TlsServer server{world.loop, world.authority.issue(), Manner::answers,
                   http_reply("429 Too Many Requests", "slow down", "Retry-After: 7\r\n")};
  CHECK(world.post(server.base()) == HttpsReply{429, "slow down", seconds{7}});
  server.reply_with(http_reply("503 Service Unavailable", "", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n"));
  CHECK(world.post(server.base()) == HttpsReply{503, "", std::nullopt});
  server.reply_with(http_reply("302 Found", "", "Location: https://localhost/elsewhere\r\n"));
  CHECK(world.post(server.base()) == HttpsReply{302, "", std::nullopt});
  CHECK(server.seen().size() == 3);
}

TEST_CASE("a certificate for another host is refused and the request is never sent", "[adapters][https]") {
  World world;
  test::LeafWishes wishes;
  wishes.names = "DNS:example.org,IP:127.0.0.2";
  TlsServer const server{world.loop, world.authority.issue(wishes), Manner::answers, http_reply("200 OK", "{}")};
  for (std::string const host : {"localhost", "127.0.0.1"}) {
    auto const reply = world.post("https://" + host + ":" + std::to_string(server.port()));
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::refused);
    CHECK_THAT(reply.error().detail, CF_CONTAINS(host));
    CHECK_THAT(reply.error().detail, CF_CONTAINS("certificate refused: it was issued for another host name"));
    CHECK(reply.error().detail.find("SECRET") == std::string::npos);
  }
  CHECK(server.seen().empty());
}

TEST_CASE("an expired certificate is refused by name", "[adapters][https]") {
  World world;
  test::LeafWishes wishes;
  wishes.valid_from = -7200;
  wishes.valid_until = -3600;
  auto const error = world.refusal(Manner::answers, world.authority.issue(wishes));
  CHECK(error.kind == ErrorKind::refused);
  CHECK_THAT(error.detail, CF_CONTAINS("certificate has expired"));
}

TEST_CASE("a certificate that is not valid yet is refused by name", "[adapters][https]") {
  World world;
  test::LeafWishes wishes;
  wishes.valid_from = 1800;
  auto const error = world.refusal(Manner::answers, world.authority.issue(wishes));
  CHECK(error.kind == ErrorKind::refused);
  CHECK_THAT(error.detail, CF_CONTAINS("not yet valid"));
}

TEST_CASE("a certificate of an unknown authority is refused by name", "[adapters][https]") {
  World world;
  test::Authority const stranger{"an authority nobody knows"};
  auto const error = world.refusal(Manner::answers, stranger.issue());
  CHECK(error.kind == ErrorKind::refused);
  CHECK_THAT(error.detail, CF_CONTAINS("certificate refused: unable to get local issuer certificate"));
}

TEST_CASE("an authority that only bears a trusted one's name is refused", "[adapters][https]") {
  World world;
  test::Authority const impostor;
  auto const error = world.refusal(Manner::answers, impostor.issue());
  CHECK(error.kind == ErrorKind::refused);
  CHECK_THAT(error.detail, CF_CONTAINS("certificate refused: certificate signature failure"));
}

TEST_CASE("without any trusted authority every certificate is refused", "[adapters][https]") {
  World world;
  test::Environment const missing{"SSL_CERT_FILE", world.directory / "no-such-file.pem"};
  CHECK(world.refusal(Manner::answers, world.authority.issue()).kind == ErrorKind::refused);
}

TEST_CASE("a server that speaks TLS 1.1 at most is refused", "[adapters][https]") {
  World world;
  auto const error = world.refusal(Manner::old_tls, world.authority.issue());
  CHECK(error.kind == ErrorKind::refused);
  CHECK_THAT(error.detail, CF_CONTAINS("TLS failed"));
}

TEST_CASE("a server that speaks plain HTTP is refused with a hint", "[adapters][https]") {
  World world;
  auto const error = world.refusal(Manner::plain_http, world.authority.issue());
  CHECK(error.kind == ErrorKind::refused);
  CHECK_THAT(error.detail, CF_CONTAINS("does this port speak https?"));
}

TEST_CASE("a server that never answers is left at the deadline", "[adapters][https]") {
  World world;
  auto const manner = GENERATE(Manner::silent, Manner::silent_after_hello);
  auto const begin = std::chrono::steady_clock::now();
  auto const error = world.refusal(manner, world.authority.issue(), {}, milliseconds{400});
  CHECK(error.kind == ErrorKind::timed_out);
  CHECK_THAT(error.detail, CF_CONTAINS("no answer within 400 ms"));
  CHECK_THAT(error.detail, CF_CONTAINS(manner == Manner::silent ? "agreeing on TLS" : "waiting for the reply"));
  auto const took = std::chrono::steady_clock::now() - begin;
  CHECK(took >= milliseconds{400});
  CHECK(took < seconds{10});
}

TEST_CASE("a server that closes early is unavailable", "[adapters][https]") {
  World world;
  auto const manner = GENERATE(Manner::hangs_up, Manner::hangs_up_after_hello);
  auto const error = world.refusal(manner, world.authority.issue());
  CHECK(error.kind == ErrorKind::unavailable);
}

TEST_CASE("a reply that ends in the middle is no reply", "[adapters][https]") {
  World world;
  auto const reply = GENERATE(as<std::string>{}, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
                              "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", "HTTP/1.1 200 O");
  auto const error = world.refusal(Manner::cuts_off, world.authority.issue(), reply);
  CHECK(error.kind == ErrorKind::unavailable);
  CHECK_THAT(error.detail, CF_CONTAINS("closed early"));
}

TEST_CASE("a whole reply counts although the server says no goodbye", "[adapters][https]") {
  World world;
  auto const manner = GENERATE(Manner::cuts_off, Manner::no_goodbye);
  TlsServer const server{world.loop, world.authority.issue(), manner, http_reply("200 OK", "all of it")};
  auto const begin = std::chrono::steady_clock::now();
  CHECK(world.post(server.base()) == HttpsReply{200, "all of it", std::nullopt});
  CHECK(std::chrono::steady_clock::now() - begin < seconds{10});
}

TEST_CASE("a reply of 64 KiB is read, a longer one is too large", "[adapters][https]") {
  World world;
  auto const limit = adapters::HttpsClient::max_reply_bytes;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers,
                         http_reply("200 OK", std::string(limit, 'x'))};
  auto const reply = world.post(server.base());
  REQUIRE(reply);
  CHECK(reply->body.size() == limit);
  auto const identity = world.authority.issue();
  CHECK(world.refusal(Manner::answers, identity, http_reply("200 OK", std::string(limit + 1, 'x'))).kind ==
        ErrorKind::too_large);
  auto const endless = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(4 * limit, 'x');
  CHECK(world.refusal(Manner::answers, identity, endless).kind == ErrorKind::too_large);
  auto const headers = "HTTP/1.1 200 OK\r\nX-Filler: " + std::string(limit, 'x') + "\r\n\r\n";
  CHECK(world.refusal(Manner::answers, identity, headers).kind == ErrorKind::too_large);
}

TEST_CASE("a reply that is not HTTP is an input error", "[adapters][https]") {
  World world;
  auto const error = world.refusal(Manner::answers, world.authority.issue(), "SSH-2.0-OpenSSH_9.2\r\n\r\n");
  CHECK(error.kind == ErrorKind::io);
  CHECK_THAT(error.detail, CF_CONTAINS("not HTTP"));
}

TEST_CASE("a port where nobody listens is unavailable", "[adapters][https]") {
  World world;
  unsigned short port = 0;
  {
    TlsServer const gone{world.loop, world.authority.issue(), Manner::answers};
    port = gone.port();
  }
  auto const reply = world.post("https://localhost:" + std::to_string(port));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::unavailable);
  CHECK_THAT(reply.error().detail, CF_CONTAINS("localhost:" + std::to_string(port) + ": Connection refused"));
}

TEST_CASE("an address that swallows connections leaves time for the next one", "[adapters][https]") {
  World world;
  test::LeafWishes wishes;
  wishes.names = "DNS:two-homes.test";
  TlsServer const server{world.loop, world.authority.issue(wishes), Manner::answers, http_reply("200 OK", "{}")};
  Swallowing const first_home{world.loop, "127.0.0.2", server.port()};
  auto const reply = world.post("https://two-homes.test:" + std::to_string(server.port()), seconds{2});
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(server.seen().at(0).server_name == "two-homes.test");
}

TEST_CASE("connecting ends at the deadline, too", "[adapters][https]") {
  World world;
  TlsServer const elsewhere{world.loop, world.authority.issue(), Manner::silent};
  Swallowing const home{world.loop, "127.0.0.2", elsewhere.port()};
  auto const reply = world.post("https://127.0.0.2:" + std::to_string(elsewhere.port()), milliseconds{300});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::timed_out);
  CHECK_THAT(reply.error().detail, CF_CONTAINS("no answer within 300 ms (while connecting)"));
}

TEST_CASE("a name that does not exist is unavailable", "[adapters][https]") {
  World world;
  auto const reply = world.post("https://unknown-name.test");
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::unavailable);
  CHECK_THAT(reply.error().detail, CF_CONTAINS("unknown-name.test: cannot find the address"));
  CHECK(reply.error().detail.find("SECRET") == std::string::npos);
}

TEST_CASE("a name server that does not answer costs no more than the deadline", "[adapters][https]") {
  World world;
  test::SlowNames const slow;
  auto const reply = world.post("https://slow-name.test", milliseconds{300});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::timed_out);
  CHECK_THAT(reply.error().detail, CF_CONTAINS("slow-name.test: the name was not found within 300 ms"));
}

TEST_CASE("a second request waits for no name that the first one gave up", "[adapters][https]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers, http_reply("200 OK", "{}")};
  {
    test::SlowNames const slow;
    CHECK_FALSE(world.post("https://slow-name.test", milliseconds{100}));
  }
  auto const reply = world.post(server.base());
  REQUIRE(reply);
  CHECK(reply->status == 200);
}

TEST_CASE("addresses that are not https are refused and not shown", "[adapters][https]") {
  World world;
  auto const base = GENERATE(as<std::string>{}, "http://localhost", "", "ftp://localhost", "https://", "https://a b",
                             "https://user:hunter2@localhost", "https://localhost:0", "https://localhost:99999",
                             "https://localhost:8443x", "https://[::1", "HTTPS://localhost");
  auto const reply = world.post(base);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::invalid);
  CHECK(reply.error().detail.find("SECRET") == std::string::npos);
  CHECK(reply.error().detail.find("hunter2") == std::string::npos);
}

TEST_CASE("headers and methods that would break the request are refused", "[adapters][https]") {
  World world;
  HttpsRequest request;
  request.url = "https://localhost";
  SECTION("line end in a value") {
    request.headers.emplace_back("X-Note", "a\r\nX-Other: b");
  }
  SECTION("blank in a name") {
    request.headers.emplace_back("X Note", "a");
  }
  SECTION("empty name") {
    request.headers.emplace_back("", "a");
  }
  SECTION("endless value") {
    request.headers.emplace_back("X-Note", std::string(100'000, 'x'));
  }
  SECTION("line end in the method") {
    request.method = "POST / HTTP/1.1\r\n";
  }
  SECTION("control character in the path") {
    request.url += "/a\r\nb";
  }
  auto const reply = test::run_to_end(world.loop, world.client.post(request));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().kind == ErrorKind::invalid);
}

TEST_CASE("a cancelled request ends at once as cancelled", "[adapters][https]") {
  World world;
  auto const manner = GENERATE(Manner::silent, Manner::silent_after_hello);
  TlsServer const server{world.loop, world.authority.issue(), manner};
  HttpsRequest request;
  request.url = server.base();
  boost::asio::cancellation_signal signal;
  std::optional<core::Result<HttpsReply>> result;
  auto on_end = [](std::exception_ptr const&) {};  // a missing result tells
  boost::asio::co_spawn(world.loop, test::keep(world.client.post(request), result),
                        boost::asio::bind_cancellation_slot(signal.slot(), on_end));
  // The client is in its wait once the server saw it: by then nothing else is left to do at once.
  auto const last = std::chrono::steady_clock::now() + seconds{20};
  while (manner == Manner::silent_after_hello && server.seen().empty() && std::chrono::steady_clock::now() < last)
    world.loop.run_one_until(last);
  // A signal that comes before the request has begun is heard by nobody.
  while (!result && std::chrono::steady_clock::now() < last) {
    signal.emit(boost::asio::cancellation_type::terminal);
    world.loop.run_one_for(std::chrono::milliseconds{10});
  }
  REQUIRE(result);
  REQUIRE_FALSE(*result);
  CHECK(result->error().kind == ErrorKind::cancelled);
}
