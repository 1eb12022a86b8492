#include "adapters/http_guard.hpp"

#include "test/support/catch.hpp"

#include <string>

using namespace failover::adapters;

namespace {

GuardRules tcp() {
  GuardRules rules;
  rules.port = 8377;
  return rules;
}

/// Status of the refusal, 0 for a request that passes.
unsigned refused(std::string const& head, GuardRules const& rules = tcp()) {
  auto const refusal = refuse_head(head, rules);
  return refusal ? refusal->status : 0;
}

std::string request(std::string const& fields, std::string const& line = "GET /status HTTP/1.1") {
  return line + "\r\n" + fields + "\r\n";
}

std::string const host = "Host: localhost:8377\r\n";

}  // namespace

TEST_CASE("an ordinary request passes", "[adapters][http_guard]") {
  CHECK(refused(request(host)) == 0);
  CHECK(refused(request("host:127.0.0.1:8377\r\nAccept: */*\r\nUser-Agent: curl/7.88.1\r\n")) == 0);
  CHECK(refused(request("Host: [::1]:8377\r\nContent-Length: 0\r\n")) == 0);
  CHECK(refused(request("Host: LOCALHOST:8377\r\n", "HEAD /health?x=%20 HTTP/1.0")) == 0);
  CHECK(refused(request(host + "Content-Length: 1048576\r\n", "POST /swap HTTP/1.1")) == 0);
}

TEST_CASE("a web page's request is refused, whatever page it says it is", "[adapters][http_guard]") {
  CHECK(refused(request(host + "Origin: http://localhost:8377\r\n")) == 403);
  CHECK(refused(request(host + "ORIGIN: null\r\n")) == 403);
  CHECK(refused(request(host + "Referer: http://evil.example/\r\n")) == 403);
  CHECK(refused(request(host + "Referer:\r\n")) == 403);
}

TEST_CASE("over TCP there is one Host and it is ours", "[adapters][http_guard]") {
  CHECK(refused(request("")) == 400);
  CHECK(refused(request(host + host)) == 400);
  CHECK(refused(request("Host: evil.example:8377\r\n")) == 403);
  CHECK(refused(request("Host: localhost\r\n")) == 403);
  CHECK(refused(request("Host: localhost:80\r\n")) == 403);
  CHECK(refused(request("Host: localhost:8377.evil.example\r\n")) == 403);
  CHECK(refused(request("Host:\r\n")) == 403);
  auto on_80 = tcp();
  on_80.port = 80;
  CHECK(refused(request("Host: localhost\r\n"), on_80) == 0);
}

TEST_CASE("over the unix socket any Host or none will do, but not two", "[adapters][http_guard]") {
  auto rules = tcp();
  rules.over_unix_socket = true;
  CHECK(refused(request(""), rules) == 0);
  CHECK(refused(request("Host: whatever\r\n"), rules) == 0);
  CHECK(refused(request(host + host), rules) == 400);
  CHECK(refused(request("Origin: http://evil.example\r\n"), rules) == 403);
}

TEST_CASE("from outside only the token's bearer is answered", "[adapters][http_guard]") {
  auto rules = tcp();
  rules.remote = true;
  rules.token = "s3cret";
  std::string const named = "Host: build-box.lan:8377\r\n";
  CHECK(refused(request(named), rules) == 401);
  CHECK(refused(request(named + "Authorization: Bearer s3cre\r\n"), rules) == 401);
  CHECK(refused(request(named + "Authorization: Bearer s3cret2\r\n"), rules) == 401);
  CHECK(refused(request(named + "Authorization: Bearer s3cret\r\n"), rules) == 0);
  CHECK(refused(request(named + "Authorization: Bearer s3cret\r\nAuthorization: Bearer s3cret\r\n"), rules) == 401);
  rules.token.clear();
  CHECK(refused(request(named + "Authorization: Bearer \r\n"), rules) == 401);
}

TEST_CASE("what a body is made of is beyond doubt or refused", "[adapters][http_guard]") {
  std::string const post = "POST /swap HTTP/1.1";
  CHECK(refused(request(host + "Transfer-Encoding: chunked\r\n")) == 400);
  CHECK(refused(request(host + "Transfer-Encoding: xchunked\r\n")) == 400);
  CHECK(refused(request(host + "Transfer-Encoding: chunked\r\n", "HEAD / HTTP/1.1")) == 400);
  CHECK(refused(request(host + "Transfer-Encoding: gzip, chunked\r\n", post)) == 411);
  CHECK(refused(request(host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", post)) == 411);
  CHECK(refused(request(host + "Transfer-Encoding : chunked\r\n", post)) == 400);
  CHECK(refused(request(host + "Content-Length: 2, 2\r\n", post)) == 400);
  CHECK(refused(request(host + "Content-Length: 2\r\nContent-Length: 2\r\n", post)) == 400);
  CHECK(refused(request(host + "Content-Length: +2\r\n", post)) == 400);
  CHECK(refused(request(host + "Content-Length: 0x2\r\n", post)) == 400);
  CHECK(refused(request(host + "Content-Length:\r\n", post)) == 400);
  CHECK(refused(request(host + "Content-Length: 1048577\r\n", post)) == 413);
  CHECK(refused(request(host + "Content-Length: 99999999999999999999999\r\n", post)) == 413);
  CHECK(refused(request(host + "Content-Length: 5\r\n")) == 413);
}

TEST_CASE("a head that a lenient parser would mend is refused", "[adapters][http_guard]") {
  CHECK(refused(request(host, "get /status HTTP/1.1")) == 400);
  CHECK(refused(request(host, "Get /status HTTP/1.1")) == 400);
  CHECK(refused(request(host, "GET  /status HTTP/1.1")) == 400);
  CHECK(refused(request(host, "GET /sta tus HTTP/1.1")) == 400);
  CHECK(refused(request(host, "GET /status")) == 400);
  CHECK(refused(request(host, "GET http://localhost:8377/status HTTP/1.1")) == 400);
  CHECK(refused(request(host, "OPTIONS * HTTP/1.1")) == 400);
  CHECK(refused(request(host, "GET /\x80 HTTP/1.1")) == 400);
  CHECK(refused(request(host, "GET /status HTTP/1.2")) == 505);
  CHECK(refused(request(host, "GET /status http/1.1")) == 505);
  CHECK(refused("PRI * HTTP/2.0\r\n\r\n") == 400);
  CHECK(refused(request(host + "Accept: a\r\n b\r\n")) == 400);
  CHECK(refused(request(host + " Accept: a\r\n")) == 400);
  CHECK(refused(request(host + "No colon here\r\n")) == 400);
  CHECK(refused(request(host + ": value\r\n")) == 400);
  CHECK(refused(request(host + "A: b\rX: y\r\n")) == 400);
  CHECK(refused(request(host + std::string{"A: \x01\r\n"})) == 400);
}

TEST_CASE("a head that cannot become a good one is refused before it is complete", "[adapters][http_guard]") {
  auto const early = [](std::string const& bytes) {
    auto const refusal = refuse_beginning(bytes, tcp());
    return refusal ? refusal->status : 0;
  };
  CHECK(early("") == 0);
  CHECK(early("G") == 0);
  CHECK(early("GET /status HTTP/1.1\r\nHost: x\r") == 0);
  CHECK(early("\x16\x03\x01") == 400);
  CHECK(early("\r\nGET / HTTP/1.1") == 400);
  CHECK(early("GET / HTTP/1.1\nHost: x\n\n") == 400);
  CHECK(early(std::string{"GET /\0", 6}) == 400);
  CHECK(early("GET /" + std::string(8187, 'a')) == 414);
  CHECK(early("GET /" + std::string(8186, 'a')) == 0);
  CHECK(early("GET / HTTP/1.1\r\nA: " + std::string(8192, 'a')) == 431);
}

TEST_CASE("a complete head has a limit, and what follows it does not count", "[adapters][http_guard]") {
  auto const frame = request(host + "A: \r\n").size();
  CHECK(refused(request(host + "A: " + std::string(8192 - frame, 'a') + "\r\n")) == 0);
  CHECK(refused(request(host + "A: " + std::string(8193 - frame, 'a') + "\r\n")) == 431);
  CHECK_FALSE(refuse_beginning(request(host) + std::string(9000, '\0'), tcp()).has_value());
  std::string many;
  for (int field = 0; field < 101; ++field) many += "A: b\r\n";
  CHECK(refused(request(many)) == 431);
}

TEST_CASE("a refusal says its reason as JSON", "[adapters][http_guard]") {
  auto const refusal = refuse_head(request(host + host), tcp());
  REQUIRE(refusal.has_value());
  CHECK(refusal->body == R"({"error":{"code":"bad_host","message":"more than one Host"}})");
  CHECK(refusal->content_type == "application/json");
}
