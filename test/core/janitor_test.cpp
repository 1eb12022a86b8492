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

TEST_CASE("the janitor keeps what a task that waits comes after", "[core][janitor]") {
  JanitorConfig config;
  config.keep_newest = 0;
  WallTime const now{hours{24 * 365 * 56}};
  std::vector<TaskFile> files{finished("old", TaskPlace::done, hours{999}, now), pending_task("next")};
  CHECK(ids(removable(config, files, now)) == std::vector<std::string>{"old"});
  for (auto const place : {TaskPlace::pending, TaskPlace::claimed, TaskPlace::held}) {
    files[1].place = place;
    files[1].request.after = {TaskId("old")};
    CHECK(removable(config, files, now).empty());
  }
}

TEST_CASE("a clock that is years ahead does not empty the queue's past at once", "[core][janitor]") {
  JanitorConfig config;
  config.keep_newest = 2;
  WallTime const now{hours{24 * 365 * 56}};
  std::vector<TaskFile> files;
  for (int i = 0; i < 2000; ++i)
    files.push_back(finished("t" + std::to_string(i), TaskPlace::done, hours{1} + minutes{i}, now));
  auto const old = removable(config, files, now + hours{24 * 3650});
  CHECK(old.size() == max_removed_at_once);
  CHECK(old.back().id == TaskId("t1999"));
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
