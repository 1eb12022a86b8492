#include "core/listen_address.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;

TEST_CASE("an address to listen on is an IP address or localhost, and a port", "[core][listen_address]") {
  auto const [text, host, port, loopback] = GENERATE(table<std::string, std::string, int, bool>({
      {"127.0.0.1:8377", "127.0.0.1", 8377, true},
      {"127.8.8.8:1", "127.8.8.8", 1, true},
      {"localhost:0", "localhost", 0, true},
      {"[::1]:65535", "::1", 65535, true},
      {"0.0.0.0:80", "0.0.0.0", 80, false},
      {"[::]:80", "::", 80, false},
      {"[fe80::1:2]:80", "fe80::1:2", 80, false},
      {"[1:2:3:4:5:6:7:8]:80", "1:2:3:4:5:6:7:8", 80, false},
      {"192.168.1.255:80", "192.168.1.255", 80, false},
  }));
  INFO(text);
  auto const address = parse_listen_address(text);
  REQUIRE(address);
  CHECK(*address == ListenAddress{host, static_cast<std::uint16_t>(port)});
  CHECK(is_loopback(*address) == loopback);
}

TEST_CASE("anything else is no address to listen on", "[core][listen_address]") {
  for (std::string const text : {"",
                                 "8377",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:-1",
                                 "127.0.0.1:8377x",
                                 ":8377",
                                 "*:8377",
                                 "example.org:80",
                                 "127.0.0:80",
                                 "127.0.0.256:80",
                                 "127.0.0.1.1:80",
                                 "127.0.0.01:80",
                                 "127.0.0.1 :80",
                                 "::1:80",
                                 "[::1:80",
                                 "[::1::2]:80",
                                 "[1:2:3:4:5:6:7]:80",
                                 "[1:2:3:4:5:6:7::8]:80",
                                 "[g::1]:80",
                                 "[12345::]:80",
                                 "[]:80",
                                 "[127.0.0.1]:80",
                                 "127.0.0.1:000080"}) {
    INFO(text);
    auto const address = parse_listen_address(text);
    REQUIRE_FALSE(address);
    CHECK_THAT(address.error().detail, CF_CONTAINS("'" + text + "' is not an address to listen on"));
  }
}
