#include "adapters/unit_files.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

using namespace failover;
using core::UnitSettings;
namespace fs = std::filesystem;

namespace {

struct Machine {
  test::ScratchDirectory root = {};
  adapters::UnitDirectories directories = {{root / "home", root / "etc-user"}, {root / "etc-system"}};

  void put(std::string const& path, std::string const& text) const {
    fs::create_directories(fs::path(root / path).parent_path());
    test::put_file(root / path, text);
  }
  [[nodiscard]] std::vector<core::UnitFacts> units() const { return adapters::installed_units(directories); }
};

constexpr char good[] = "[Service]\nType=notify\nKillMode=process\n";

}  // namespace

TEST_CASE("without an installed unit there is none", "[adapters][examination]") {
  CHECK(Machine{}.units().empty());
}

TEST_CASE("of one unit the first directory's counts; a user's and the system's are two", "[adapters][examination]") {
  Machine const machine;
  machine.put("home/claude-failover.service", good);
  machine.put("etc-user/claude-failover.service", "[Service]\n");
  machine.put("etc-system/claude-failover@.service", "[Service]\nType=simple\n");
  machine.put("etc-system/other.service", "[Service]\n");
  auto const units = machine.units();
  REQUIRE(units.size() == 2);
  CHECK(units[0].path == machine.root / "home/claude-failover.service");
  CHECK(units[0].settings == core::Result<UnitSettings>{UnitSettings{"process", "notify"}});
  CHECK(units[1].path == machine.root / "etc-system/claude-failover@.service");
  CHECK(units[1].settings == core::Result<UnitSettings>{UnitSettings{"control-group", "simple"}});
}

TEST_CASE("drop-ins change a unit in the order of their names, the first directory's where two have one name",
          "[adapters][examination]") {
  Machine const machine;
  machine.put("etc-user/claude-failover.service", good);
  machine.put("etc-user/claude-failover.service.d/10-mode.conf", "[Service]\nKillMode=mixed\n");
  machine.put("home/claude-failover.service.d/20-mode.conf", "[Service]\nKillMode=control-group\n");
  machine.put("etc-user/claude-failover.service.d/20-mode.conf", "[Service]\nKillMode=process\n");
  machine.put("home/claude-failover.service.d/30-mode.txt", "[Service]\nKillMode=process\n");
  auto const units = machine.units();
  REQUIRE(units.size() == 1);
  CHECK(units[0].settings.value().kill_mode == "control-group");
}

TEST_CASE("a masked unit is not installed, and hides those after it", "[adapters][examination]") {
  Machine const machine;
  machine.put("etc-user/claude-failover.service", "[Service]\n");
  fs::create_directory(machine.root / "home");
  fs::create_symlink("/dev/null", machine.root / "home/claude-failover.service");
  CHECK(machine.units().empty());
}

TEST_CASE("a user's units lie where the XDG variables say", "[adapters][examination]") {
  auto const directories = adapters::unit_directories([](std::string const& name) -> std::optional<std::string> {
    if (name == "HOME") return "/home/u";
    if (name == "XDG_DATA_HOME") return "relative";
    if (name == "XDG_CONFIG_HOME") return "/cfg";
    return std::nullopt;
  });
  REQUIRE(directories.user.size() > 2);
  CHECK(directories.user[0] == "/cfg/systemd/user");
  CHECK(directories.user[1] == "/home/u/.local/share/systemd/user");
  CHECK(directories.system.front() == "/etc/systemd/system");
}
