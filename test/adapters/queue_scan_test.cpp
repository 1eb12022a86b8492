#include "core/ulid.hpp"
#include "test/support/catch.hpp"
#include "test/support/queue_fixture.hpp"
#include "test/support/unprivileged.hpp"

#include <map>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

using Names = std::set<std::string>;

Names titles(core::QueueListing const& listing) {
  Names titles;
  for (auto const& task : listing.tasks) titles.insert(task.title);
  return titles;
}

/// Why the file of that name can never run; empty when it can.
std::string unfitness(core::QueueListing const& listing, std::string const& title) {
  auto const task = task_called(listing, title);
  return task.unfit ? task.unfit->detail : "";
}

}  // namespace

TEST_CASE("a file that was renamed into pending is listed at once with what it asks for", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("fix the bug.md", "---\nsession: main\npriority: 7\ntimeout: 30m\nretries: 1\n---\nFix it.\n", 60s);
  auto const listing = f.scan();
  REQUIRE(listing.tasks.size() == 1);
  CHECK(listing.settling == 0);
  auto const& task = listing.tasks.front();
  CHECK(task.place == core::TaskPlace::pending);
  CHECK(task.file_name == "fix the bug.md");
  CHECK(task.title == "fix the bug.md");
  CHECK(core::is_ulid(task.id.str()));
  CHECK_FALSE(task.claim);
  CHECK_FALSE(task.unfit);
  core::TaskRequest asked;
  asked.session = core::SessionName{"main"};
  asked.priority = 7;
  asked.timeout = core::Duration{30min};
  asked.retries = 1;
  CHECK(task.request == asked);
  auto const age = adapters::read_clock().wall - task.changed_at;
  CHECK(age > 55s);
  CHECK(age < 120s);
}

TEST_CASE("a file written in pending is taken when nothing happened to it for two seconds", "[adapters][queue]") {
  QueueFixture f;
  put_file(f / "pending/direct.md", "do it\n");
  auto const first = f.scan();
  CHECK(first.tasks.empty());
  CHECK(first.settling == 1);
  CHECK(f.scan(1s).settling == 1);
  auto const later = f.scan(3s);
  CHECK(titles(later) == Names{"direct.md"});
  CHECK(later.settling == 0);
}

TEST_CASE("a file that stays open for writing is never taken, however long its writer pauses", "[adapters][queue]") {
  QueueFixture f;
  put_file(f / "pending/slow.md", "half a ");
  f.set_age(f / "pending/slow.md", 3600s);
  adapters::UniqueFd writer{::open((f / "pending/slow.md").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
  REQUIRE(writer.valid());
  for (auto const later : {0s, 3s, 3600s}) {
    auto const listing = f.scan(later);
    CHECK(listing.tasks.empty());
    CHECK(listing.settling == 1);
  }
  REQUIRE(::write(writer.get(), "task\n", 5) == 5);
  writer.reset();
  CHECK(f.scan().settling == 1);  // just written
  CHECK(titles(f.scan(3s)) == Names{"slow.md"});
}

TEST_CASE("a file that is written again and again settles when that ends", "[adapters][queue]") {
  QueueFixture f;
  for (auto const later : {0s, 10s, 20s}) {
    put_file(f / "pending/log.md", std::string(static_cast<std::size_t>(later.count()) + 1, 'x'));
    f.set_age(f / "pending/log.md", -later);  // as a clock that runs ahead of ours would say
    CHECK(f.scan(later).settling == 1);
  }
  CHECK(f.scan(21s).settling == 1);
  CHECK(titles(f.scan(23s)) == Names{"log.md"});
}

TEST_CASE("a file keeps its id over scans, restarts and renames", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md");
  auto const id = f.only_task().id;
  CHECK(f.only_task().id == id);
  fs::rename(f / "pending/a.md", f / "pending/b.md");
  CHECK(f.only_task().id == id);
  adapters::QueueDirectory after_restart{f.root, {}};
  auto const listing = after_restart.scan();
  REQUIRE(listing);
  CHECK(listing->tasks.front().id == id);
  f.deliver("a.md");
  CHECK(task_called(f.scan(), "a.md").id != id);
}

TEST_CASE("a file that was written anew is another task", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md", "one", 10s);
  auto const id = f.only_task().id;
  f.deliver("a.md", "two", 5s);
  CHECK(f.only_task().id != id);
}

TEST_CASE("many files at once all have their own ids", "[adapters][queue]") {
  QueueFixture f;
  for (int number = 0; number < 500; ++number) f.deliver(std::to_string(number) + ".md");
  Names ids;
  for (auto const& task : f.scan().tasks) ids.insert(task.id.str());
  CHECK(ids.size() == 500);
}

TEST_CASE("the author's id wins over every other", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md", "---\nid: deploy-7\n---\ndo it\n");
  CHECK(f.only_task().id == core::TaskId{"deploy-7"});
}

TEST_CASE("of two tasks with one id the younger can never run", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a-younger.md", "---\nid: twice\n---\nyounger\n", 10s);
  f.deliver("b-older.md", "---\nid: twice\n---\nolder\n", 20s);
  auto const listing = f.scan();
  CHECK(task_called(listing, "b-older.md").id == core::TaskId{"twice"});
  CHECK(unfitness(listing, "b-older.md").empty());
  auto const younger = task_called(listing, "a-younger.md");
  CHECK(core::is_ulid(younger.id.str()));
  CHECK_THAT(unfitness(listing, "a-younger.md"), CF_CONTAINS("'twice'") && CF_CONTAINS("pending/"));
}

TEST_CASE("an id is taken while its task runs, is held or is done, and free after a failure", "[adapters][queue]") {
  QueueFixture f;
  std::string const bytes = "---\nid: once\n---\ndo it\n";
  for (std::string const place : {"held", "done", "failed"}) {
    put_file(f / (place + "/old.md.once"), bytes);
    f.deliver("new.md", bytes);
    CHECK(unfitness(f.scan(), "new.md").empty() == (place == "failed"));
    fs::remove(f / (place + "/old.md.once"));
  }
  put_file(f / "claimed/old.md.once.c1", bytes);
  CHECK_THAT(unfitness(f.scan(), "new.md"), CF_CONTAINS("claimed/"));
}

TEST_CASE("what is no plain file of ours can never run", "[adapters][queue]") {
  QueueFixture f{{.max_task_bytes = 1000}};
  put_file(f.scratch / "secret", "secret");
  fs::create_symlink(f.scratch / "secret", f / "pending/symlink.md");
  fs::create_symlink("nowhere", f / "pending/dangling.md");
  fs::create_directory(f / "pending/directory.md");
  REQUIRE(::mkfifo((f / "pending/fifo.md").c_str(), 0600) == 0);
  fs::create_hard_link(f.scratch / "secret", f / "pending/hardlink.md");
  f.deliver("large.md", std::string(1001, 'x'));
  f.deliver("largest.md", std::string(1000, 'x'));
  f.deliver("sparse.md", "x");
  fs::resize_file(f / "pending/sparse.md", std::uintmax_t{10} << 30);
  int const socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  auto const path = f / "pending/socket.md";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
  ::close(socket);

  auto const listing = f.scan(3s);

  CHECK_THAT(unfitness(listing, "symlink.md"), CF_CONTAINS("a symlink"));
  CHECK_THAT(unfitness(listing, "dangling.md"), CF_CONTAINS("a symlink"));
  CHECK_THAT(unfitness(listing, "directory.md"), CF_CONTAINS("a directory"));
  CHECK_THAT(unfitness(listing, "fifo.md"), CF_CONTAINS("a FIFO"));
  CHECK_THAT(unfitness(listing, "socket.md"), CF_CONTAINS("a socket"));
  CHECK_THAT(unfitness(listing, "hardlink.md"), CF_CONTAINS("hard link"));
  CHECK_THAT(unfitness(listing, "large.md"), CF_CONTAINS("1001 bytes"));
  CHECK_THAT(unfitness(listing, "sparse.md"), CF_CONTAINS("10737418240 bytes"));
  CHECK(unfitness(listing, "largest.md").empty());
  CHECK(listing.tasks.size() == 9);
}

TEST_CASE("a device is refused without being opened", "[adapters][queue]") {
  QueueFixture f;
  if (::mknod((f / "pending/zero.md").c_str(), S_IFCHR | 0600, 0x105) != 0) {
    WARN("devices cannot be made here");
    return;
  }
  CHECK_THAT(unfitness(f.scan(), "zero.md"), CF_CONTAINS("a device"));
}

TEST_CASE("a file of another user, or one that may not be read, can never run", "[adapters][queue]") {
  ScratchDirectory const scratch;
  fs::permissions(scratch.str(), fs::perms::all);
  auto const root = scratch / "queue";
  if (::geteuid() != 0) {
    WARN("only root can make what belongs to another user");
    return;
  }
  CHECK(holds_unprivileged([&] { return adapters::QueueDirectory{root, {}}.prepare().has_value(); }));
  put_file(root + "/pending/foreign.md", "do it");
  CHECK(holds_unprivileged([&] {
    auto const own = root + "/pending/locked.md";
    put_file(own, "do it");
    ::chmod(own.c_str(), 0);
    auto now = adapters::read_clock();
    now.wall += 3s;
    auto const listing = adapters::QueueDirectory{root, {}}.scan(now);
    if (!listing || listing->tasks.size() != 2) return false;
    return unfitness(*listing, "foreign.md").find("belongs to user 0") != std::string::npos &&
           unfitness(*listing, "locked.md").find("cannot open it: Permission denied") != std::string::npos;
  }));
}

TEST_CASE("a file with mistakes is refused when its author has had time to mend it", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("wrong.md", "---\nprioritty: 1\n---\ndo it\n");
  CHECK(f.scan().settling == 1);
  auto const listing = f.scan(3s);
  CHECK_THAT(unfitness(listing, "wrong.md"), CF_CONTAINS("2:1: ") && CF_CONTAINS("'priority'"));
  f.deliver("wrong.md", "---\npriority: 1\n---\ndo it\n");
  CHECK(unfitness(f.scan(3s), "wrong.md").empty());
}

TEST_CASE("a link that is the middle of a delivery is not held against the file", "[adapters][queue]") {
  QueueFixture f;
  put_file(f / "tmp/x", "do it");
  f.set_age(f / "tmp/x", 5s);
  fs::create_hard_link(f / "tmp/x", f / "pending/x.md");
  CHECK(f.scan().settling == 1);
  fs::remove(f / "tmp/x");
  CHECK(unfitness(f.scan(), "x.md").empty());
}

TEST_CASE("names that are no task's are passed over", "[adapters][queue]") {
  QueueFixture f;
  for (std::string const name :
       {".hidden.md", "a.md~", "a.md.tmp", "a.json", "README", "notes.md.old", "a.md.result.json"})
    f.deliver(name);
  for (std::string const name : {"notes.txt", "a.md.1", "a.md.1.2.3"}) put_file(f / ("claimed/" + name), "x");
  for (std::string const name : {"notes.txt", "a.md", "junk"}) put_file(f / ("done/" + name), "x");
  put_file(f / "signals/junk", "");
  auto const listing = f.scan(3s);
  CHECK(listing.tasks.empty());
  CHECK(listing.signals.empty());
  CHECK(listing.settling == 0);
}

TEST_CASE("names are bytes, and titles are fit to be shown", "[adapters][queue]") {
  QueueFixture f;
  std::map<std::string, std::string> const titles_by_name{
      {"-rf.md", "-rf.md"},
      {"a\nb.md", "a_b.md"},
      {"\xFF\xFE.md", "__.md"},
      {"..md.md", ""},
      {"$(touch x);#(x).md", "$(touch x);#(x).md"},
      {std::string(252, 'n') + ".md", std::string(97, 'n') + ".md"}};
  for (auto const& [name, title] : titles_by_name) f.deliver(name);
  auto const listing = f.scan();
  CHECK(listing.tasks.size() == titles_by_name.size() - 1);  // one is hidden
  for (auto const& task : listing.tasks) CHECK(task.title == titles_by_name.at(task.file_name));
  for (auto const& task : listing.tasks) {
    auto const path = f.queue.claim(task, core::ClaimId{"c1"});
    REQUIRE(path);
    CHECK(file_bytes(*path) == "do it\n");
  }
}

TEST_CASE("every place is listed with what its names carry", "[adapters][queue]") {
  QueueFixture f;
  put_file(f / "claimed/a.md.id-a.c1", "---\ntimeout: 1h\n---\nx");
  put_file(f / "held/b.md.id-b", "---\npriority: 4\n---\nx");
  put_file(f / "held/b.md.id-b.result.json", "{}");
  put_file(f / "held/by-hand.md", "---\nid: id-h\n---\nx");
  put_file(f / "done/c.md.id-c", "not to be read: ---\n");
  put_file(f / "failed/d.md.id-d", "x");
  put_file(f / "signals/id-a.c1.done", "");
  put_file(f / "signals/id-b.c2.failed", "");
  f.set_age(f / "held/b.md.id-b", 60s);
  f.set_age(f / "done/c.md.id-c", 24h);
  auto const listing = f.scan();
  std::vector<std::string> seen;
  for (auto const& task : listing.tasks)
    seen.push_back(std::string(to_string(task.place)) + " " + task.title + " " + task.id.str());
  CHECK(seen == std::vector<std::string>{"claimed a.md id-a", "held b.md id-b", "held by-hand.md id-h",
                                         "done c.md id-c", "failed d.md id-d"});
  CHECK(task_called(listing, "a.md").claim == core::ClaimId{"c1"});
  CHECK(task_called(listing, "a.md").request.timeout == core::Duration{1h});
  CHECK(task_called(listing, "b.md").request.priority == 4);
  CHECK(adapters::read_clock().wall - task_called(listing, "c.md").changed_at < 60s);  // when it came there
  CHECK(listing.signals == std::vector<core::TaskSignal>{{core::TaskId{"id-a"}, core::ClaimId{"c1"}, true},
                                                         {core::TaskId{"id-b"}, core::ClaimId{"c2"}, false}});
}

TEST_CASE("a finished file that a person puts back into pending runs again as the same task", "[adapters][queue]") {
  QueueFixture f;
  std::string const id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  put_file(f / ("failed/a.md." + id), "do it");
  put_file(f / "failed/b.md.own-id", "---\nid: own-id\n---\ndo it");
  for (auto const& name : f.names("failed")) fs::rename(f / ("failed/" + name), f / ("pending/" + name));
  auto const listing = f.scan(3s);
  CHECK(task_called(listing, "a.md").id == core::TaskId{id});
  CHECK(task_called(listing, "b.md").id == core::TaskId{"own-id"});
  CHECK(listing.tasks.size() == 2);
}

TEST_CASE("a scan says what is wrong with the queue's directories", "[adapters][queue]") {
  QueueFixture f;
  fs::remove(f / "signals");
  auto const missing = f.queue.scan();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == core::ErrorKind::not_found);
  fs::create_directory(f / "signals");
  fs::remove(f / "pending");
  fs::create_directory_symlink(f / "tmp", f / "pending");
  auto const link = f.queue.scan();
  REQUIRE_FALSE(link);
  CHECK(link.error().kind == core::ErrorKind::invalid);
  CHECK_THAT(link.error().detail, CF_CONTAINS("pending"));
}

TEST_CASE("too few descriptors fail a scan and condemn no file", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  int const lowest = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(lowest);
  for (int spare = 0; spare < 3; ++spare) {
    rlimit const few{static_cast<rlim_t>(lowest + spare), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    auto const listing = f.queue.scan();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    bool const condemned = listing && !listing->tasks.empty() && listing->tasks.front().unfit;
    CHECK_FALSE(condemned);
  }
  CHECK(f.scan().tasks.size() == 1);
}

TEST_CASE("more files than a scan may read are read by the next ones, the oldest first", "[adapters][queue]") {
  QueueFixture f;
  auto const count = adapters::max_files_read_a_scan + 300;
  for (std::size_t number = 0; number < count; ++number) f.deliver(std::to_string(number) + ".md");
  f.deliver("oldest.md", "do it", 3600s);
  auto const first = f.scan(3s);
  CHECK(first.tasks.size() == adapters::max_files_read_a_scan);
  CHECK(first.settling == 301);
  CHECK(titles(first).contains("oldest.md"));
  auto const second = f.scan(3s);
  CHECK(second.tasks.size() == count + 1);
  CHECK(second.settling == 0);
}

TEST_CASE("a file that is replaced under its name is read again", "[adapters][queue]") {
  QueueFixture f;
  f.deliver("a.md", "---\npriority: 3\n---\nx", 10s);
  CHECK(f.only_task().request.priority == 3);
  CHECK(f.only_task().request.priority == 3);
  f.deliver("a.md", "---\npriority: 4\n---\nx", 5s);
  CHECK(f.only_task().request.priority == 4);
}
