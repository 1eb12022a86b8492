#include "adapters/scope_means.hpp"

#include "adapters/program_path.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>
#include <map>

using namespace failover;
namespace fs = std::filesystem;

namespace {

using Variables = std::map<std::string, std::string>;

adapters::EnvironmentLookup lookup_in(Variables const& variables) {
  return [variables](std::string const& name) -> std::optional<std::string> {
    auto const found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  };
}

void put_program(std::string const& path) {
  test::put_file(path, "#!/bin/sh\n");
  fs::permissions(path, fs::perms::owner_all);
}

}  // namespace

TEST_CASE("a program is the first of its name in PATH that is a file which may be run", "[adapters][program_path]") {
  test::ScratchDirectory const root;
  for (auto const* folder : {"one", "two", "three"}) fs::create_directory(root / folder);
  fs::create_directory(root / "one/tool");
  test::put_file(root / "two/tool", "");
  put_program(root / "three/tool");
  auto const lookup = lookup_in({{"PATH", root / "one" + ":" + root / "two" + ":" + root / "three"}});
  CHECK(adapters::program_path("tool", lookup) == root / "three/tool");
  CHECK(adapters::program_path("other", lookup).empty());
  CHECK(adapters::program_path(root / "three/tool", lookup_in({})) == root / "three/tool");
  CHECK(adapters::program_path(root / "two/tool", lookup_in({})).empty());
  CHECK_FALSE(adapters::program_path("sh", lookup_in({})).empty());
}

TEST_CASE("a service, systemd-run and a socket of the user's systemd are the means of a scope",
          "[adapters][server_scope]") {
  test::ScratchDirectory const root;
  fs::create_directories(root / "run/systemd");
  fs::create_directory(root / "bin");
  put_program(root / "bin/systemd-run");
  Variables variables = {
      {"INVOCATION_ID", "0123456789abcdef"}, {"PATH", root / "bin"}, {"XDG_RUNTIME_DIR", root / "run"}};
  auto const means = [&] { return adapters::scope_means_from(lookup_in(variables)); };
  CHECK(means() == core::ScopeMeans{true, true, false});
  test::put_file(root / "run/systemd/private", "");
  CHECK(means() == core::ScopeMeans{true, true, true});
  fs::remove(root / "run/systemd/private");
  test::put_file(root / "run/bus", "");
  CHECK(means() == core::ScopeMeans{true, true, true});
  variables["PATH"] = root / "run";
  CHECK(means() == core::ScopeMeans{true, false, true});
  variables.erase("XDG_RUNTIME_DIR");
  CHECK(means() == core::ScopeMeans{true, false, false});
  variables.erase("INVOCATION_ID");
  CHECK(means() == core::ScopeMeans{});
  variables["NOTIFY_SOCKET"] = "@notify";
  CHECK(means().in_service);
}
