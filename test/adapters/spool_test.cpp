#include "adapters/spool.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

using namespace failover;
using namespace failover::adapters;
using namespace failover::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

core::WallTime const now{core::Duration{1795392000000}};

std::string call(std::string const& name, std::size_t padding = 0) {
  return R"({"v":1,"at":5,"input":{"hook_event_name":")" + name + R"(","session_id":"one","x":")" +
         std::string(padding, 'x') + "\"}}";
}

std::string figures(std::string const& conversation, int percent) {
  return R"({"v":1,"at":5,"input":{"session_id":")" + conversation +
         R"(","rate_limits":{"five_hour":{"used_percentage":)" + std::to_string(percent) + "}}}}";
}

void put(std::string const& directory, core::Duration after, std::string const& envelope,
         SpoolLimits const& limits = {}, std::string const& series = {}) {
  auto const written = write_spool(directory, {now + after, envelope, series}, limits);
  INFO((written ? "" : written.error().detail));
  REQUIRE(written);
}

std::vector<std::string> names_told(SpoolReading const& reading) {
  std::vector<std::string> names;
  for (auto const& news : reading.news) {
    auto const* const hook = std::get_if<core::event::HookCalled>(&news.event);
    names.push_back(hook ? hook->call.name : "figures");
  }
  return names;
}

mode_t mode_of(std::string const& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

std::string file_of(std::string const& milliseconds) {
  return "/" + milliseconds + "-0123456789abcdef.json";
}

}  // namespace

TEST_CASE("what was spooled is told oldest first, once", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const spool = scratch / "state/spool";
  put(spool, 20ms, call("Stop"));
  put(spool, 3ms, call("SessionStart"));
  put(spool, 100ms, figures("one", 50), {}, "one");
  auto const reading = read_spool(spool, now).value();
  CHECK(names_told(reading) == std::vector<std::string>{"SessionStart", "Stop", "figures"});
  CHECK(reading.news[1].envelope == call("Stop"));
  CHECK(reading.bad == 0);
  CHECK(reading.remarks.empty());
  CHECK(names_in(spool).empty());
  CHECK(read_spool(spool, now).value().news.empty());
}

TEST_CASE("the spool is ours alone, whatever the umask", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const spool = scratch / "spool";
  auto const before = ::umask(0);
  put(spool, 0ms, call("Stop"));
  ::umask(before);
  CHECK(mode_of(spool) == 0700);
  auto const names = names_in(spool);
  REQUIRE(names.size() == 1);
  CHECK(mode_of(spool + "/" + *names.begin()) == 0600);
  CHECK(names.begin()->starts_with("1795392000000-"));
  CHECK(names.begin()->size() == 13 + 1 + 16 + 5);
}

TEST_CASE("no spool is an empty one", "[adapters][spool]") {
  ScratchDirectory const scratch;
  CHECK(read_spool(scratch / "none", now).value().news.empty());
}

TEST_CASE("a spool that others may write, or that is a link, is not used", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const refused = [&](std::string const& spool) {
    auto const entry = call("Stop");
    CHECK(write_spool(spool, {now, entry, {}}).error().kind == core::ErrorKind::permission);
    CHECK(read_spool(spool, now).error().kind == core::ErrorKind::permission);
  };
  fs::create_directory(scratch / "open");
  fs::permissions(scratch / "open", fs::perms::all);
  refused(scratch / "open");
  fs::create_directory(scratch / "real");
  fs::create_directory_symlink(scratch / "real", scratch / "link");
  refused(scratch / "link");
  put_file(scratch / "file", "");
  refused(scratch / "file");
  CHECK(names_in(scratch / "real").empty());
}

TEST_CASE("a full spool drops its oldest", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const spool = scratch / "spool";
  SpoolLimits limits;
  limits.files = 3;
  for (int i = 0; i < 6; ++i) put(spool, core::Duration{i}, call("Call" + std::to_string(i)), limits);
  CHECK(names_told(read_spool(spool, now).value()) == std::vector<std::string>{"Call3", "Call4", "Call5"});

  limits.bytes = 3000;
  for (int i = 0; i < 6; ++i) put(spool, core::Duration{i}, call("Call" + std::to_string(i), 1200), limits);
  CHECK(names_told(read_spool(spool, now).value()) == std::vector<std::string>{"Call4", "Call5"});

  auto const huge = call("Huge", 4000);
  CHECK(write_spool(spool, {now, huge, {}}, limits).error().kind == core::ErrorKind::too_large);
}

TEST_CASE("of one agent's figures only the newest waits", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const spool = scratch / "spool";
  for (int i = 0; i < 20; ++i) put(spool, core::Duration{i}, figures("one", i), {}, "one");
  put(spool, 5ms, figures("two", 7), {}, "two");
  put(spool, 1ms, call("Stop"));
  auto const reading = read_spool(spool, now).value();
  CHECK(names_told(reading) == std::vector<std::string>{"Stop", "figures", "figures"});
  CHECK(std::get<core::event::UsageTold>(reading.news[2].event).report.five_hour == core::WindowUse{19, {}});
}

TEST_CASE("bad files are removed, counted and named, and the good ones beside them are told", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const spool = scratch / "spool";
  put(spool, 50ms, call("Stop"));
  put_file(spool + file_of("1"), "");
  put_file(spool + file_of("2"), "garbage");
  put_file(spool + file_of("3"), std::string(5 << 20, 'x'));
  put_file(spool + file_of("4"), call("Unreadable"));
  fs::permissions(spool + file_of("4"), fs::perms::none);
  put_file(scratch / "outside", call("Outside"));
  fs::create_symlink(scratch / "outside", spool + file_of("5"));
  REQUIRE(::mkfifo((spool + file_of("6")).c_str(), 0600) == 0);
  auto const reading = read_spool(spool, now).value();
  bool const root = ::geteuid() == 0;  // who may read everything reads the fourth too
  CHECK(reading.bad == (root ? 5U : 6U));
  CHECK(reading.news.back().envelope == call("Stop"));
  CHECK(reading.news.size() == (root ? 2U : 1U));
  CHECK(reading.remarks.size() == 3);
  CHECK_THAT(reading.remarks[1], CF_CONTAINS("2-0123456789abcdef.json: the envelope is no JSON"));
  CHECK(names_in(spool).empty());
  CHECK(file_bytes(scratch / "outside") == call("Outside"));
}

TEST_CASE("what is not ours stays in the spool, and so does what a newer version wrote", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const spool = scratch / "spool";
  put(spool, 0ms, call("Stop"));
  std::string const newer = file_of("7");
  put_file(spool + newer, R"({"v":2,"at":5,"input":{}})");
  for (auto const* name : {"/notes.txt", "/1-xyz.json", "/-0123456789abcdef.json", "/x1-0123456789abcdef.json",
                           "/1234567890123456-0123456789abcdef.json", "/1-0123456789abcdef.jsonx"})
    put_file(spool + name, call("Foreign"));
  fs::create_directory(spool + file_of("8"));
  auto const reading = read_spool(spool, now).value();
  CHECK(names_told(reading) == std::vector<std::string>{"Stop"});
  CHECK(reading.bad == 0);
  CHECK(names_in(spool).size() == 8);
  CHECK(fs::exists(spool + newer));
}

TEST_CASE("a temporary file is left to its writer for a minute", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const spool = scratch / "spool";
  put(spool, 0ms, call("Stop"));
  put_file(spool + "/.spool-0123456789abcdef", "half");
  struct stat info {};
  REQUIRE(::stat((spool + "/.spool-0123456789abcdef").c_str(), &info) == 0);
  core::WallTime const written{std::chrono::seconds{info.st_mtim.tv_sec}};
  CHECK(read_spool(spool, written + 30s));
  CHECK(names_in(spool) == std::set<std::string>{".spool-0123456789abcdef"});
  CHECK(read_spool(spool, written + 90s));
  CHECK(names_in(spool).empty());
}

TEST_CASE("one reading takes no more than its bound and leaves the rest for the next", "[adapters][spool]") {
  ScratchDirectory const scratch;
  auto const spool = scratch / "spool";
  for (int i = 0; i < 5; ++i) put(spool, core::Duration{i}, call("Call" + std::to_string(i)));
  SpoolLimits limits;
  limits.files = 2;
  CHECK(names_told(read_spool(spool, now, limits).value()) == std::vector<std::string>{"Call0", "Call1"});
  limits.files = 1000;
  limits.bytes = 10;
  CHECK(names_told(read_spool(spool, now, limits).value()) == std::vector<std::string>{"Call2"});
  CHECK(names_told(read_spool(spool, now).value()) == std::vector<std::string>{"Call3", "Call4"});
}
