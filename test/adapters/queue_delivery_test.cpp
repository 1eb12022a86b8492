#include "adapters/queue_delivery.hpp"

#include "adapters/queue_result.hpp"
#include "adapters/queue_signal.hpp"
#include "test/support/catch.hpp"
#include "test/support/queue_fixture.hpp"

using namespace failover;
using namespace failover::adapters;
using failover::test::file_bytes;
using failover::test::QueueFixture;
using failover::test::task_called;
using std::chrono::seconds;

TEST_CASE("a delivered task is found by the next scan at once, under the id that was told", "[adapters][queue]") {
  QueueFixture f;
  auto const one = deliver_task(f.root, "a.md", "do it\n", {});
  auto const two = deliver_task(f.root, "b.md", "---\nid: mine\n---\ndo it\n", core::TaskId("mine"));
  REQUIRE(one);
  REQUIRE(two);
  auto const listing = f.scan();
  CHECK(listing.settling == 0);
  REQUIRE(listing.tasks.size() == 2);
  CHECK(task_called(listing, "a.md").id == one->id);
  CHECK(task_called(listing, "b.md").id == two->id);
  CHECK(f.names("tmp").empty());
}

TEST_CASE("a name that is taken in pending is numbered, and what was there stays", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md", "first\n");
  auto const second = deliver_task(f.root, "a.md", "second\n", {});
  auto const third = deliver_task(f.root, "a.md", "third\n", {});
  REQUIRE(second);
  REQUIRE(third);
  CHECK(second->file_name == "a-2.md");
  CHECK(third->file_name == "a-3.md");
  CHECK(file_bytes(f / "pending/a.md") == "first\n");
  CHECK(file_bytes(f / "pending/a-2.md") == "second\n");
  CHECK(f.scan().tasks.size() == 3);
}

TEST_CASE("a task that cannot be delivered leaves nothing behind", "[adapters][queue]") {
  QueueFixture f;
  CHECK_FALSE(deliver_task(f.root, std::string(300, 'x') + ".md", "do it\n", {}));
  CHECK(f.names("tmp").empty());
  std::filesystem::remove_all(f / "pending");
  auto const gone = deliver_task(f.root, "a.md", "do it\n", {});
  REQUIRE_FALSE(gone);
  CHECK(gone.error().kind == core::ErrorKind::not_found);
  CHECK(f.names("tmp").empty());
}

TEST_CASE("a signal that is written for an agent is the one of the task's claim", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md");
  auto const task = f.only_task();
  CHECK(write_task_signal(f.root, task.id, TaskEnd::done, {}).error().kind == core::ErrorKind::not_found);
  REQUIRE(f.queue.claim(task, core::ClaimId("c1")));
  CHECK(write_task_signal(f.root, core::TaskId("other"), TaskEnd::done, {}).error().kind == core::ErrorKind::not_found);
  auto const path = write_task_signal(f.root, task.id, TaskEnd::failed, "no disk");
  REQUIRE(path);
  CHECK(file_bytes(*path) == "no disk");
  auto const signals = f.scan().signals;
  REQUIRE(signals.size() == 1);
  CHECK(signals.front() == core::TaskSignal{task.id, core::ClaimId("c1"), false, "no disk"});
}

TEST_CASE("of a signal's text only the beginning is read, and nothing that it leads to", "[adapters][queue]") {
  QueueFixture f;
  failover::test::put_file(f / "signals/t1.c1.failed", std::string(5000, 'x'));
  failover::test::put_file(f / "secret", "a secret");
  std::filesystem::create_symlink(f / "secret", f / "signals/t2.c1.failed");
  REQUIRE(::mkfifo((f / "signals/t3.c1.failed").c_str(), 0600) == 0);
  failover::test::put_file(f / "signals/t4.c1.done", "all done");
  auto const signals = f.scan().signals;
  REQUIRE(signals.size() == 4);
  CHECK(signals[0].reason == std::string(400, 'x'));
  for (std::size_t i = 1; i < 4; ++i) CHECK(signals[i].reason.empty());
}

TEST_CASE("a list shows what a result says, and nothing of one that is broken or absent", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md");
  auto const task = f.only_task();
  auto result = failover::test::result_of(task, core::TaskPlace::failed);
  result.reason = "timeout";
  result.session = core::SessionName("pool-1");
  result.ended_at = core::WallTime{seconds{1'700'000'000}};
  REQUIRE(f.queue.move(task, result));
  auto const failed = f.only_task();
  CHECK(read_result_note(f.root, failed) == ResultNote{"timeout", "pool-1", result.ended_at});
  auto const beside = f / ("failed/" + failed.file_name + ".result.json");
  for (std::string const bytes : {"", "[]", "{\"reason\":3}", "\xFF"}) {
    failover::test::put_file(beside, bytes);
    CHECK(read_result_note(f.root, failed) == ResultNote{});
  }
  std::filesystem::remove(beside);
  CHECK(read_result_note(f.root, failed) == ResultNote{});
}
