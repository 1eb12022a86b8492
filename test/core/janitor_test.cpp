#include "core/janitor.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

TaskFile finished(std::string const& id, TaskPlace place, Duration age, WallTime now) {
  auto file = pending_task(id);
  file.place = place;
  file.changed_at = now - age;
  return file;
}

std::vector<std::string> ids(std::vector<TaskFile> const& files) {
  std::vector<std::string> names;
  for (auto const& file : files) names.push_back(file.id.str());
  return names;
}

}  // namespace

TEST_CASE("the janitor keeps the newest and the young, and touches only done and failed", "[core][janitor]") {
  JanitorConfig config;
  config.keep_newest = 1;
  config.keep_for = hours{24};
  WallTime const now{hours{24 * 365 * 56}};
  std::vector<TaskFile> const files{
      finished("new", TaskPlace::done, hours{1}, now),         finished("young", TaskPlace::failed, hours{2}, now),
      finished("old1", TaskPlace::done, hours{30}, now),       finished("old2", TaskPlace::failed, hours{40}, now),
      finished("waiting", TaskPlace::pending, hours{99}, now), finished("running", TaskPlace::claimed, hours{99}, now),
      finished("kept", TaskPlace::held, hours{99}, now)};
  CHECK(ids(removable(config, files, now)) == std::vector<std::string>{"old1", "old2"});
  config.keep_newest = 3;
  CHECK(ids(removable(config, files, now)) == std::vector<std::string>{"old2"});
}

TEST_CASE("a dry run of the janitor says what it would remove and removes nothing", "[core][janitor]") {
  Config config = EngineWorld::fleet();
  config.janitor.keep_newest = 0;
  config.janitor.dry_run = true;
  EngineWorld world{config};
  world.queue.tasks.push_back(finished("old", TaskPlace::done, hours{24 * 30}, world.now.wall));
  world.pass(minutes{1});
  CHECK(world.count("remove") == 0);
  CHECK(world.logged("janitor would remove finished tasks"));
}

TEST_CASE("the janitor cleans at its interval", "[core][janitor]") {
  Config config = EngineWorld::fleet();
  config.janitor.keep_newest = 0;
  EngineWorld world{config};
  world.queue.tasks.push_back(finished("old", TaskPlace::done, hours{24 * 30}, world.now.wall));
  world.pass(hours{3});
  CHECK(world.count("remove 1") == 4);
}
