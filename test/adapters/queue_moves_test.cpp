#include "core/ulid.hpp"
#include "test/support/catch.hpp"
#include "test/support/queue_fixture.hpp"
#include "test/support/unprivileged.hpp"

#include <csignal>
#include <thread>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <sys/wait.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using core::TaskPlace;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

using Names = std::set<std::string>;

core::ClaimId const claim{"01ARYZ6S41TSV4RRFFQ69G5FAV"};

/// Delivers and claims a task; the file as the next scan sees it.
core::TaskFile claimed_task(QueueFixture& f, std::string const& name = "a.md", std::string const& bytes = "do it\n") {
  f.deliver(name, bytes);
  REQUIRE(f.queue.claim(task_called(f.scan(3s), name), claim));
  return task_called(f.scan(3s), name);
}

}  // namespace

TEST_CASE("a claim moves the file and gives its path", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md", "do it\n");
  auto const task = f.only_task();
  auto const path = f.queue.claim(task, claim);
  REQUIRE(path);
  CHECK(*path == f / ("claimed/a.md." + task.id.str() + "." + claim.str()));
  CHECK(file_bytes(*path) == "do it\n");
  CHECK(f.names("pending").empty());
  auto const again = f.queue.claim(task, claim);
  CHECK(again == path);
  auto const seen = f.only_task();
  CHECK(seen.place == TaskPlace::claimed);
  CHECK(seen.id == task.id);
  CHECK(seen.claim == claim);
  CHECK(seen.title == "a.md");
}

TEST_CASE("a claim of what is gone says so", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md");
  auto const task = f.only_task();
  fs::remove(f / "pending/a.md");
  auto const outcome = f.queue.claim(task, claim);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == core::ErrorKind::not_found);
}

TEST_CASE("another file under the name that was scanned is not claimed", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md", "---\nid: mine\n---\nfirst", 60s);
  auto const task = f.only_task();
  f.deliver("a.md", "second", 30s);
  auto const outcome = f.queue.claim(task, claim);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == core::ErrorKind::not_found);
  CHECK(file_bytes(f / "pending/a.md") == "second");
  CHECK(f.names("claimed").empty());
}

TEST_CASE("a symlink that took the place of a scanned file is not claimed", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md");
  auto const task = f.only_task();
  fs::remove(f / "pending/a.md");
  fs::create_symlink("/etc/passwd", f / "pending/a.md");
  CHECK_FALSE(f.queue.claim(task, claim));
  CHECK(f.names("claimed").empty());
}

TEST_CASE("of many that claim at once each file goes to exactly one", "[adapters][queue]") {
  QueueFixture f;
  constexpr int files = 50;
  constexpr int claimants = 4;
  for (int number = 0; number < files; ++number) f.deliver(std::to_string(number) + ".md");
  auto const listing = f.scan();
  std::vector<int> won(claimants, 0);
  std::vector<std::thread> threads;
  for (int who = 0; who < claimants; ++who)
    threads.emplace_back([&, who] {
      core::ClaimId const own{"claim" + std::to_string(who)};
      for (auto const& task : listing.tasks)
        if (f.queue.claim(task, own)) ++won[static_cast<std::size_t>(who)];
    });
  for (auto& thread : threads) thread.join();
  int all = 0;
  for (auto const count : won) all += count;
  CHECK(all == files);
  CHECK(f.names("claimed").size() == files);
}

TEST_CASE("names that lead out of the queue are refused", "[adapters][queue]") {
  QueueFixture f;
  put_file(f.scratch / "outside.md", "do it");
  core::TaskFile task;
  task.id = core::TaskId{"id"};
  task.title = "a.md";
  for (std::string const name : {"../../outside.md", "..", ".", "", "/etc/passwd"}) {
    task.file_name = name;
    CHECK(f.queue.claim(task, claim).error().kind == core::ErrorKind::invalid);
    CHECK(f.queue.move(task, result_of(task, TaskPlace::failed)).error().kind == core::ErrorKind::invalid);
    task.place = TaskPlace::done;
    CHECK(f.queue.remove_finished({task}).error().kind == core::ErrorKind::refused);
    task.place = TaskPlace::pending;
  }
  task.file_name = "a.md";
  CHECK(f.queue.claim(task, core::ClaimId{"../x"}).error().kind == core::ErrorKind::invalid);
  task.id = core::TaskId{"../x"};
  CHECK(f.queue.claim(task, claim).error().kind == core::ErrorKind::invalid);
  CHECK(fs::exists(f.scratch / "outside.md"));
}

TEST_CASE("a task that ended is filed with its result, and its signals are removed", "[adapters][queue]") {
  QueueFixture f;
  auto const task = claimed_task(f);
  put_file(f / ("signals/" + task.id.str() + "." + claim.str() + ".done"), "");
  put_file(f / ("signals/" + task.id.str() + ".older.failed"), "");
  put_file(f / "signals/other.c1.done", "");
  auto result = result_of(task, TaskPlace::done);
  result.session = core::SessionName{"pool-1"};
  result.account = core::AccountName{"main"};
  result.attempts = 1;
  result.claimed_at = core::WallTime{1'795'377'019'000ms};
  result.ended_at = core::WallTime{1'795'377'079'000ms};
  result.last_message = "all \"good\" \xFF";
  result.accounts = {core::AccountName{"spare"}, core::AccountName{"main"}};
  result.swaps = 1;
  result.given_at = core::WallTime{1'795'377'020'000ms};
  result.tokens = core::TokenUse{1200, 20, 7, 0};
  REQUIRE(f.queue.move(task, result));
  auto const filed = "a.md." + task.id.str();
  CHECK(f.names("claimed").empty());
  CHECK(f.names("done") == Names{filed, filed + ".result.json"});
  CHECK(f.names("signals") == Names{"other.c1.done"});
  boost::json::object const expected{
      {"schema", 1},
      {"id", task.id.str()},
      {"title", "a.md"},
      {"state", "done"},
      {"reason", "signal"},
      {"session", "pool-1"},
      {"account", "main"},
      {"conversation", nullptr},
      {"accounts", {"spare", "main"}},
      {"swaps", 1},
      {"attempts", 1},
      {"claimed_at", "2026-11-22T19:50:19Z"},
      {"given_at", "2026-11-22T19:50:20Z"},
      {"ended_at", "2026-11-22T19:51:19Z"},
      {"last_message", "all \"good\" \xEF\xBF\xBD"},
      {"tokens", boost::json::object{{"input", 1200}, {"output", 20}, {"cache_read", 7}, {"cache_written", 0}}}};
  CHECK(boost::json::parse(file_bytes(f / ("done/" + filed + ".result.json"))) == expected);
  auto const seen = f.only_task();
  CHECK(seen.place == TaskPlace::done);
  CHECK(seen.id == task.id);
}

TEST_CASE("a move that is made twice changes nothing the second time", "[adapters][queue]") {
  QueueFixture f;
  auto const task = claimed_task(f);
  for (int count = 0; count < 2; ++count) {
    REQUIRE(f.queue.move(task, result_of(task, TaskPlace::failed)));
    CHECK(f.names("failed").size() == 2);
  }
  CHECK(f.names("claimed").empty());
}

TEST_CASE("a repeated move still removes the signals that a crash left", "[adapters][queue]") {
  QueueFixture f;
  auto const task = claimed_task(f);
  REQUIRE(f.queue.move(task, result_of(task, TaskPlace::done)));
  put_file(f / ("signals/" + task.id.str() + ".c1.done"), "");
  REQUIRE(f.queue.move(task, result_of(task, TaskPlace::done)));
  CHECK(f.names("signals").empty());
}

TEST_CASE("a task that goes back to pending keeps its id, has no result, and can be claimed again",
          "[adapters][queue]") {
  QueueFixture f;
  auto task = claimed_task(f, "a.md", "---\npriority: 3\n---\nx");
  for (int round = 0; round < 3; ++round) {
    REQUIRE(f.queue.move(task, result_of(task, TaskPlace::pending)));
    CHECK(f.names("pending") == Names{"a.md." + task.id.str()});
    CHECK(f.names("claimed").empty());
    auto const back = f.only_task();
    CHECK(back.id == task.id);
    CHECK(back.title == "a.md");
    CHECK(back.request.priority == 3);
    REQUIRE(f.queue.claim(back, claim));
    task = f.only_task();
  }
}

TEST_CASE("an author's id survives the way back to pending", "[adapters][queue]") {
  QueueFixture f;
  auto const task = claimed_task(f, "a.md", "---\nid: own\n---\nx");
  REQUIRE(f.queue.move(task, result_of(task, TaskPlace::pending)));
  CHECK(f.only_task().id == core::TaskId{"own"});
}

TEST_CASE("a task is found among the claimed by who remembers it as pending", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md", "first", 60s);
  auto const remembered = f.only_task();
  REQUIRE(f.queue.claim(remembered, claim));
  f.deliver("a.md", "second", 30s);  // another task under the same name must not be taken for it
  REQUIRE(f.queue.move(remembered, result_of(remembered, TaskPlace::held)));
  CHECK(file_bytes(f / ("held/a.md." + remembered.id.str())) == "first");
  CHECK(file_bytes(f / "pending/a.md") == "second");
}

TEST_CASE("a task that was just filed is found by who remembers it as claimed", "[adapters][queue]") {
  QueueFixture f;
  auto task = claimed_task(f);
  core::TaskResult result;
  result.place = TaskPlace::held;
  REQUIRE(f.queue.move(task, result));
  task.place = TaskPlace::held;  // no scan since
  result.place = TaskPlace::pending;
  REQUIRE(f.queue.move(task, result));
  CHECK(f.names("held").empty());
  CHECK(task_called(f.scan(3s), "a.md").id == task.id);
}

TEST_CASE("the same name twice is no collision, and the same id twice loses nothing", "[adapters][queue]") {
  QueueFixture f;
  for (std::string const bytes : {"one", "two"}) {
    auto const task = claimed_task(f, "a.md", bytes);
    REQUIRE(f.queue.move(task, result_of(task, TaskPlace::failed)));
  }
  CHECK(f.names("failed").size() == 4);
  for (std::string const bytes : {"one", "two", "three"}) {
    auto const task = claimed_task(f, "b.md", "---\nid: own\n---\n" + bytes);
    REQUIRE(f.queue.move(task, result_of(task, TaskPlace::failed)));
  }
  auto const names = f.names("failed");
  CHECK(names.contains("b.md.own"));
  CHECK(names.contains("b-2.md.own"));
  CHECK(names.contains("b-2.md.own.result.json"));
  CHECK(names.contains("b-3.md.own"));
  CHECK(file_bytes(f / "failed/b.md.own").ends_with("one"));
  CHECK(file_bytes(f / "failed/b-3.md.own").ends_with("three"));
}

TEST_CASE("what can never run is moved to failed as what it is", "[adapters][queue]") {
  QueueFixture f;
  put_file(f.scratch / "secret", "secret");
  fs::create_symlink(f.scratch / "secret", f / "pending/link.md");
  REQUIRE(::mkfifo((f / "pending/fifo.md").c_str(), 0600) == 0);
  fs::create_directory(f / "pending/directory.md");
  fs::create_hard_link(f.scratch / "secret", f / "pending/hard.md");
  for (auto const& task : f.scan(3s).tasks) {
    REQUIRE(task.unfit);
    auto result = result_of(task, TaskPlace::failed);
    result.reason = task.unfit->detail;
    CHECK(f.queue.move(task, result));
  }
  CHECK(f.names("pending").empty());
  CHECK(f.names("failed").size() == 8);
  CHECK(file_bytes(f.scratch / "secret") == "secret");
  auto const link = task_called(f.scan(3s), "link.md");
  CHECK(fs::is_symlink(f / ("failed/" + link.file_name)));
  CHECK_THAT(file_bytes(f / ("failed/" + link.file_name + ".result.json")), CF_CONTAINS("a symlink"));
}

TEST_CASE("a result of an earlier end does not stay behind", "[adapters][queue]") {
  QueueFixture f;
  auto const task = claimed_task(f);
  REQUIRE(f.queue.move(task, result_of(task, TaskPlace::held)));
  auto const held = f.only_task();
  CHECK(f.names("held").size() == 2);
  REQUIRE(f.queue.move(held, result_of(held, TaskPlace::pending)));
  CHECK(f.names("held").empty());
}

TEST_CASE("a move of what is nowhere, or to claimed, is refused", "[adapters][queue]") {
  QueueFixture f;
  auto const task = claimed_task(f);
  CHECK(f.queue.move(task, result_of(task, TaskPlace::claimed)).error().kind == core::ErrorKind::invalid);
  fs::remove(f / ("claimed/" + task.file_name));
  CHECK(f.queue.move(task, result_of(task, TaskPlace::done)).error().kind == core::ErrorKind::not_found);
  CHECK(f.names("done").empty());
}

TEST_CASE("a result that cannot be written leaves the task where it is", "[adapters][queue]") {
  ScratchDirectory const scratch;
  fs::permissions(scratch.str(), fs::perms::all);
  CHECK(holds_unprivileged([&] {
    auto const root = scratch / "queue";
    adapters::QueueDirectory queue{root, {}};
    if (!queue.prepare()) return false;
    put_file(root + "/claimed/a.md.id.c1", "do it");
    auto const listing = queue.scan();
    if (!listing || listing->tasks.size() != 1) return false;
    ::chmod((root + "/done").c_str(), 0500);
    auto const outcome = queue.move(listing->tasks[0], result_of(listing->tasks[0], TaskPlace::done));
    return !outcome && outcome.error().kind == core::ErrorKind::permission &&
           names_in(root + "/claimed") == Names{"a.md.id.c1"};
  }));
}

TEST_CASE("a process killed at any time loses no task and files none twice", "[adapters][queue]") {
  QueueFixture f;
  constexpr std::size_t files = 30;
  for (std::size_t number = 0; number < files; ++number) f.deliver(std::to_string(number) + ".md");
  int kills = 0;
  while (true) {
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      adapters::QueueDirectory queue{f.root, {}};
      auto const listing = queue.scan();
      if (!listing) ::_exit(1);
      for (auto const& task : listing->tasks) {
        if (task.place == TaskPlace::pending && !queue.claim(task, claim)) ::_exit(2);
        if (task.place != TaskPlace::done && !queue.move(task, result_of(task, TaskPlace::done))) ::_exit(3);
      }
      ::_exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds{500 + 700 * kills});  // where it is hit does not matter
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
    Names titles;
    auto const listing = f.scan(3s);
    for (auto const& task : listing.tasks) CHECK(titles.insert(task.title).second);
    REQUIRE(titles.size() == files);
    if (WIFEXITED(status)) break;
    ++kills;
  }
  REQUIRE(f.queue.prepare());  // clears the temporary files of the killed
  CHECK(f.names("done").size() == 2 * files);
  CHECK(f.names("pending").empty());
  CHECK(f.names("claimed").empty());
}

TEST_CASE("finished tasks are removed with their results and nothing else is", "[adapters][queue]") {
  QueueFixture f;
  for (std::string const name : {"a.md", "b.md", "c.md"}) {
    auto const task = claimed_task(f, name);
    REQUIRE(f.queue.move(task, result_of(task, name == "b.md" ? TaskPlace::failed : TaskPlace::done)));
  }
  put_file(f / "done/foreign", "kept");
  auto const listing = f.scan();
  auto const removed = f.queue.remove_finished({task_called(listing, "a.md"), task_called(listing, "b.md")});
  CHECK(removed == core::Result<std::size_t>{std::size_t{2}});
  CHECK(f.names("failed").empty());
  CHECK(f.names("done").size() == 3);
  CHECK(f.names("done").contains("foreign"));
  CHECK(f.queue.remove_finished({task_called(listing, "a.md")}) == core::Result<std::size_t>{std::size_t{0}});
}

TEST_CASE("tasks that are not finished are never removed", "[adapters][queue]") {
  QueueFixture f;
  auto const finished = claimed_task(f, "done.md");
  REQUIRE(f.queue.move(finished, result_of(finished, TaskPlace::done)));
  (void)claimed_task(f, "running.md");
  f.deliver("waiting.md");
  put_file(f / "held/held.md.id", "x");
  auto const listing = f.scan();
  for (std::string const title : {"running.md", "waiting.md", "held.md"}) {
    auto const outcome = f.queue.remove_finished({task_called(listing, "done.md"), task_called(listing, title)});
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == core::ErrorKind::refused);
  }
  CHECK(f.scan().tasks.size() == 4);
}

TEST_CASE("removal goes through no link and into no directory", "[adapters][queue]") {
  QueueFixture f;
  fs::create_directory(f.scratch / "elsewhere");
  put_file(f.scratch / "elsewhere/kept.md.id", "kept");
  core::TaskFile task;
  task.id = core::TaskId{"id"};
  task.place = TaskPlace::done;
  task.title = "kept.md";
  task.file_name = "kept.md.id";
  fs::create_directory(f / "done/kept.md.id");
  put_file(f / "done/kept.md.id/inside", "kept");
  CHECK(f.queue.remove_finished({task}) == core::Result<std::size_t>{std::size_t{0}});
  CHECK(fs::exists(f / "done/kept.md.id/inside"));
  fs::remove_all(f / "done");
  fs::create_directory_symlink(f.scratch / "elsewhere", f / "done");
  CHECK_FALSE(f.queue.remove_finished({task}));
  CHECK(fs::exists(f.scratch / "elsewhere/kept.md.id"));
}
