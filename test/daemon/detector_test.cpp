#include "daemon/detector.hpp"

#include "core/rfc3339.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <chrono>
#include <string>
#include <utility>

using namespace failover;

namespace {

core::WallTime at(char const* text) {
  return core::from_rfc3339(text).value();
}

std::string const idle = "❯ go\n\n● Done.\n\n────────────────────\n❯\u00a0\n────────────────────\n";
std::string const wall = "❯ go\n  ⎿  You've hit your session limit · resets 3pm (UTC)\n";

}  // namespace

TEST_CASE("an unchanged screen is read alike again, a changed one anew", "[daemon][detector]") {
  auto const read = daemon::make_agent_reader("claude-code").value().screen;
  auto const first = read(idle, at("2026-11-22T10:00:00Z"));
  CHECK(first.seen.state == core::ScreenState::idle);
  CHECK(read(idle, at("2026-11-23T10:00:00Z")) == first);
  CHECK(read("❯ more\n\n" + idle, at("2026-11-22T10:00:00Z")).prompts_seen == 2);
  CHECK(read(idle, at("2026-11-22T10:00:00Z")) == first);
}

TEST_CASE("a time of reset is read anew at every instant", "[daemon][detector]") {
  auto const read = daemon::make_agent_reader("claude-code").value().screen;
  CHECK(read(wall, at("2026-11-22T10:00:00Z")).seen.resets_at == at("2026-11-22T15:00:00Z"));
  CHECK(read(wall, at("2026-11-22T16:00:00Z")).seen.resets_at == at("2026-11-23T15:00:00Z"));
}

TEST_CASE("a screen is read alike whenever it was shown last", "[daemon][detector]") {
  auto const read = daemon::make_agent_reader("claude-code").value().screen;
  auto now = at("2026-11-22T10:00:00Z");
  auto const first = read(idle, now);
  for (auto const pause : {1, 2, 3, 5, 1, -30, 1}) {
    now += std::chrono::minutes{pause};
    CHECK(read(idle, now) == first);
    CHECK(read("❯ more\n\n" + idle, now).prompts_seen == 2);
  }
}

TEST_CASE("more screens than are remembered are all read right", "[daemon][detector]") {
  auto const read = daemon::make_agent_reader("claude-code").value().screen;
  auto const [screens, answer] =
      GENERATE(std::pair(1100, std::string("● Done.\n")), std::pair(200, "● " + std::string(60'000, 'x') + "\n"));
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < screens; ++i) {
      auto const prompt = "fix" + std::to_string(i);
      CHECK(read("❯ " + prompt + "\n\n" + answer, at("2026-11-22T10:00:00Z")).newest_prompt == prompt);
    }
}

TEST_CASE("the user's table beside the configuration is the one that reads", "[daemon][detector]") {
  test::ScratchDirectory const folder;
  test::put_file(folder / "claude-code.yaml",
                 "agent: claude-code\nrules:\n"
                 "  - {id: mine, class: working, where: [plain], text: alles gut}\n");
  auto const read = daemon::make_agent_reader("claude-code", folder.str()).value().screen;
  CHECK(read("Alles gut\n", at("2026-11-22T10:00:00Z")).seen.rule == "mine");
  test::put_file(folder / "claude-code.yaml", "agent: claude-code\nruels: []\nrules: 3\n");
  auto const broken = daemon::make_agent_reader("claude-code", folder.str());
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().kind == core::ErrorKind::invalid);
  CHECK_THAT(broken.error().detail, CF_CONTAINS(":2:1: unknown key 'ruels'") && CF_CONTAINS(":3:8: rules"));
}
