#include "adapters/https_url.hpp"

#include "test/support/catch.hpp"

using namespace failover;
using adapters::HttpsUrl;
using adapters::parse_https_url;

TEST_CASE("an https address is split into host, port and target", "[adapters][https_url]") {
  CHECK(parse_https_url("https://api.example.org") == HttpsUrl{"api.example.org", "443", "/"});
  CHECK(parse_https_url("https://api.example.org/a/b?c=d") == HttpsUrl{"api.example.org", "443", "/a/b?c=d"});
  CHECK(parse_https_url("https://localhost:8443/") == HttpsUrl{"localhost", "8443", "/"});
  CHECK(parse_https_url("https://localhost?q") == HttpsUrl{"localhost", "443", "/?q"});
  CHECK(parse_https_url("https://127.0.0.1:1") == HttpsUrl{"127.0.0.1", "1", "/"});
  CHECK(parse_https_url("https://[::1]:8443/x") == HttpsUrl{"::1", "8443", "/x"});
}

TEST_CASE("an address is shown as host, and port where it is not the usual one", "[adapters][https_url]") {
  CHECK(HttpsUrl{"example.org", "443", "/secret"}.shown() == "example.org");
  CHECK(HttpsUrl{"example.org", "8443", "/secret"}.shown() == "example.org:8443");
  CHECK(HttpsUrl{"::1", "443", "/secret"}.shown() == "[::1]");
  CHECK(HttpsUrl{"::1", "8443", "/secret"}.shown() == "[::1]:8443");
}

TEST_CASE("whatever is not a plain https address is invalid, and its path is not told", "[adapters][https_url]") {
  auto const url =
      GENERATE(as<std::string>{}, "", "https", "http://h/SECRET", "https:///SECRET", "https://h:/SECRET",
               "https://h:0/SECRET", "https://h:65536/SECRET", "https://h:-1/SECRET", "https://h:1x/SECRET",
               "https://u@h/SECRET", "https://h/SECRET path", "https://h/SECRET\r\nX: y", "https://h/SECRET#part",
               "https://h#SECRET", "https://[::1/SECRET", "https://[]/SECRET", "https://[SECRET]/",
               "https://[::1]x/SECRET", "https://h\xC3\xA9/SECRET");
  auto const parsed = parse_https_url(url);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().kind == core::ErrorKind::invalid);
  CHECK(parsed.error().detail.find("SECRET") == std::string::npos);
}
