#include "adapters/paths.hpp"

#include "test/support/catch.hpp"

#include <map>

using namespace failover;
using namespace failover::adapters;

namespace {

EnvironmentLookup environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](std::string const& name) -> std::optional<std::string> {
    auto const found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string resolved(std::string const& written) {
  auto const path = resolve_path(written, "/etc/cf", "/home/u");
  REQUIRE(path);
  return *path;
}

}  // namespace

TEST_CASE("a written path comes out absolute, without trailing or repeated slashes", "[adapters][paths]") {
  CHECK(resolved("~") == "/home/u");
  CHECK(resolved("~/") == "/home/u");
  CHECK(resolved("~/x/") == "/home/u/x");
  CHECK(resolved("/a//b/./c///") == "/a/b/c");
  CHECK(resolved("/") == "/");
  CHECK(resolved("x/y") == "/etc/cf/x/y");
  CHECK(resolved("./x") == "/etc/cf/x");
  CHECK(resolved(".") == "/etc/cf");
  CHECK(resolved("../x") == "/etc/cf/../x");
  CHECK(resolved("a~b") == "/etc/cf/a~b");
  CHECK(resolved("").empty());
}

TEST_CASE("another user's home is not expanded, nor ~ without a home", "[adapters][paths]") {
  auto const other = resolve_path("~root/x", "/etc/cf", "/home/u");
  REQUIRE_FALSE(other);
  CHECK_THAT(other.error().detail, CF_CONTAINS("only ~ and ~/ are expanded"));
  auto const homeless = resolve_path("~/x", "/etc/cf", "");
  REQUIRE_FALSE(homeless);
  CHECK_THAT(homeless.error().detail, CF_CONTAINS("home directory is not known"));
}

TEST_CASE("systemd's directories win over XDG's", "[adapters][paths]") {
  auto const lookup = environment({{"HOME", "/home/u/"},
                                   {"STATE_DIRECTORY", "/var/lib/cf:/var/lib/other"},
                                   {"RUNTIME_DIRECTORY", "/run/cf/"},
                                   {"CONFIGURATION_DIRECTORY", "/etc/cf"},
                                   {"XDG_STATE_HOME", "/xdg/state"},
                                   {"XDG_RUNTIME_DIR", "/run/user/1"},
                                   {"XDG_CONFIG_HOME", "/xdg/config"}});
  CHECK(path_context_from(lookup, "/cwd") == PathContext{"/home/u", "/cwd", "/var/lib/cf", "/run/cf"});
  CHECK(default_config_path(lookup) == "/etc/cf/claude-failover.yaml");
}

TEST_CASE("XDG's directories win over the home directory", "[adapters][paths]") {
  auto const lookup = environment({{"HOME", "/home/u"},
                                   {"XDG_STATE_HOME", "/xdg/state"},
                                   {"XDG_RUNTIME_DIR", "/run/user/1"},
                                   {"XDG_CONFIG_HOME", "/xdg/config"}});
  CHECK(path_context_from(lookup, "/") ==
        PathContext{"/home/u", "/", "/xdg/state/claude-failover", "/run/user/1/claude-failover"});
  CHECK(default_config_path(lookup) == "/xdg/config/claude-failover/config.yaml");
}

TEST_CASE("without any variable the home directory serves", "[adapters][paths]") {
  auto const lookup = environment({{"HOME", "/home/u"}});
  CHECK(path_context_from(lookup, "/") == PathContext{"/home/u", "/", "/home/u/.local/state/claude-failover", ""});
  CHECK(default_config_path(lookup) == "/home/u/.config/claude-failover/config.yaml");
}

TEST_CASE("relative and empty values of variables are ignored", "[adapters][paths]") {
  auto const lookup = environment({{"HOME", "/home/u"},
                                   {"STATE_DIRECTORY", ""},
                                   {"RUNTIME_DIRECTORY", "run"},
                                   {"CONFIGURATION_DIRECTORY", ""},
                                   {"XDG_STATE_HOME", "state"},
                                   {"XDG_CONFIG_HOME", "."}});
  CHECK(path_context_from(lookup, "/") == PathContext{"/home/u", "/", "/home/u/.local/state/claude-failover", ""});
  CHECK(default_config_path(lookup) == "/home/u/.config/claude-failover/config.yaml");
}

TEST_CASE("without a home nothing is guessed", "[adapters][paths]") {
  CHECK(path_context_from(environment({}), "/") == PathContext{"", "/", "", ""});
  CHECK(default_config_path(environment({})).empty());
}

TEST_CASE("this process has a home and a working directory", "[adapters][paths]") {
  auto const context = path_context_from_environment();
  CHECK(context.home.starts_with("/"));
  CHECK(context.working_dir.starts_with("/"));
}

TEST_CASE("the parent of a path is its directory", "[adapters][paths]") {
  CHECK(parent_of("/a/b") == "/a");
  CHECK(parent_of("/a") == "/");
  CHECK(parent_of("/") == "/");
}
