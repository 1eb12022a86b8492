#include "core/server_scope.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;

TEST_CASE("a server gets a scope where we are a service, and the means are there", "[core][server_scope]") {
  CHECK(wants_own_scope({true, true, true}));
  CHECK_FALSE(wants_own_scope({false, true, true}));
  CHECK_FALSE(wants_own_scope({true, false, true}));
  CHECK_FALSE(wants_own_scope({true, true, false}));
  CHECK_FALSE(wants_own_scope({}));
}

TEST_CASE("the command line of a scope keeps that of the program, word by word", "[core][server_scope]") {
  std::vector<std::string> const argv = {"tmux", "-u", "-S", "/tmp/a socket", "new-session", "-d", "--", "--quiet"};
  CHECK(in_own_scope(argv) == std::vector<std::string>{"systemd-run", "--user", "--scope", "--quiet", "--collect", "--",
                                                       "tmux", "-u", "-S", "/tmp/a socket", "new-session", "-d", "--",
                                                       "--quiet"});
}
