#include "adapters/log.hpp"

#include "adapters/utf8.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <array>
#include <chrono>
#include <cstdlib>

#include <boost/json/parse.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
using failover::test::file_bytes;
using failover::test::ScratchDirectory;
using namespace std::chrono_literals;

namespace {

core::WallTime const at{1'795'377'019'023ms};

core::effect::Log entry(std::string message, std::vector<std::pair<std::string, std::string>> fields = {},
                        core::LogLevel level = core::LogLevel::info) {
  return {level, std::move(message), std::move(fields)};
}

std::string logfmt(core::effect::Log const& log) {
  return adapters::log_line(core::LogFormat::logfmt, log, at);
}

std::string const start = "time=2026-11-22T19:50:19.023Z level=info ";

struct Pipe {
  adapters::UniqueFd out = {};
  adapters::UniqueFd in = {};
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    out.reset(ends[0]);
    in.reset(ends[1]);
  }
};

std::string read_some(int descriptor) {
  std::string text(1 << 20, '\0');
  auto const length = ::read(descriptor, text.data(), text.size());
  REQUIRE(length >= 0);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

TEST_CASE("a fact is one line of time, level, message and fields", "[adapters][log]") {
  CHECK(logfmt(entry("started", {{"pid", "7"}, {"link", "/home/u/.claude"}})) ==
        start + "msg=started pid=7 link=/home/u/.claude\n");
  CHECK(logfmt(entry("two words", {{"empty", ""}, {"equals", "a=b"}})) ==
        start + "msg=\"two words\" empty=\"\" equals=\"a=b\"\n");
}

TEST_CASE("nothing in a value can end the line, forge a field or steer a terminal", "[adapters][log]") {
  CHECK(logfmt(entry("a\nlevel=error", {{"k", "\x1B[2J\"\\\t\r\x7F"}, {"c1", "\xC2\x9B"}, {"bidi", "\xE2\x80\xAE"}})) ==
        start + R"(msg="a\nlevel=error" k="\u001b[2J\"\\\t\r\u007f" c1="\u009b" bidi="\u202e")" + "\n");
  CHECK(logfmt(entry("x", {{"a b\n=", "1"}, {"", "2"}})) == start + "msg=x a_b__=1 _=2\n");
  CHECK(logfmt(entry("\xFFz")) == start + "msg=\"\xEF\xBF\xBDz\"\n");
  CHECK(logfmt(entry("na\xC3\xAFve")) == start + "msg=\"na\xC3\xAFve\"\n");
}

TEST_CASE("a line in JSON is an object with the same keys", "[adapters][log]") {
  auto const line =
      adapters::log_line(core::LogFormat::json, entry("it \"works\"", {{"n", "1"}, {"raw", "\xFF\x01"}}), at);
  CHECK(line.back() == '\n');
  CHECK(boost::json::parse(line) ==
        boost::json::parse(
            R"({"time":"2026-11-22T19:50:19.023Z","level":"info","msg":"it \"works\"","n":"1","raw":"\ufffd\u0001"})"));
}

TEST_CASE("the journal gets a priority and no time", "[adapters][log]") {
  auto const line = [](core::LogLevel level) {
    return adapters::log_line(core::LogFormat::logfmt, entry("x", {}, level), std::nullopt);
  };
  CHECK(line(core::LogLevel::debug) == "<7>level=debug msg=x\n");
  CHECK(line(core::LogLevel::info) == "<6>level=info msg=x\n");
  CHECK(line(core::LogLevel::warning) == "<4>level=warning msg=x\n");
  CHECK(line(core::LogLevel::error) == "<3>level=error msg=x\n");
  CHECK(adapters::log_line(core::LogFormat::json, entry("x"), std::nullopt) ==
        "<6>{\"level\":\"info\",\"msg\":\"x\"}\n");
}

TEST_CASE("a line stays within its bound and whole, however much is to be said", "[adapters][log]") {
  for (std::string const piece : {"x", "\n", "\xE2\x82\xAC", "\xFF", "\""}) {
    std::string value;
    for (int count = 0; count < 5000; ++count) value += piece;
    auto log = entry(value);
    for (int count = 0; count < 100; ++count) log.fields.emplace_back("key" + std::to_string(count), value);
    for (auto const format : {core::LogFormat::logfmt, core::LogFormat::json}) {
      auto const line = adapters::log_line(format, log, at);
      CHECK(line.size() <= adapters::max_log_line);
      CHECK(line.find('\n') == line.size() - 1);
      CHECK(adapters::is_valid_utf8(line));
      CHECK_THAT(line, CF_CONTAINS(format == core::LogFormat::json ? "\"cut\":true}" : " cut=true"));
      if (format == core::LogFormat::json) CHECK(boost::json::parse(line).is_object());
    }
  }
}

TEST_CASE("entries below the level are not written", "[adapters][log]") {
  ScratchDirectory const scratch;
  adapters::UniqueFd const file{::open((scratch / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
  adapters::Log log{{core::LogLevel::warning, core::LogFormat::logfmt}, file.get()};
  log.write(entry("not this", {}, core::LogLevel::info), at);
  log.write(entry("this", {}, core::LogLevel::warning), at);
  log.write(entry("this too", {}, core::LogLevel::error), at);
  CHECK(file_bytes(scratch / "log") ==
        "time=2026-11-22T19:50:19.023Z level=warning msg=this\n"
        "time=2026-11-22T19:50:19.023Z level=error msg=\"this too\"\n");
}

TEST_CASE("a reader that stops makes lines drop, never wait, and is told the number", "[adapters][log]") {
  Pipe const pipe;
  adapters::Log log{{}, pipe.in.get()};
  for (int count = 0; count < 2000; ++count) log.write(entry(std::string(400, 'x')), at);
  auto const dropped = log.dropped();
  CHECK(dropped > 0);
  CHECK((::fcntl(pipe.in.get(), F_GETFL) & O_NONBLOCK) == 0);  // the shared descriptor stays as it was given
  auto const before = read_some(pipe.out.get());
  CHECK(before.back() == '\n');  // no line is torn
  log.write(entry("again"), at);
  log.write(entry("and again"), at);
  CHECK(read_some(pipe.out.get()) ==
        start + "msg=again log_lines_dropped=" + std::to_string(dropped) + "\n" + start + "msg=\"and again\"\n");
  CHECK(log.dropped() == dropped);
}

TEST_CASE("a socket that nobody reads makes lines drop, and a torn one does not spoil the next", "[adapters][log]") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  adapters::UniqueFd const reader{ends[0]};
  adapters::UniqueFd const writer{ends[1]};
  adapters::Log log{{}, writer.get()};
  for (int count = 0; count < 2000; ++count) log.write(entry(std::string(400, 'x')), at);
  CHECK(log.dropped() > 0);
  while (true) {
    std::array<char, 65536> buffer{};
    if (::recv(reader.get(), buffer.data(), buffer.size(), MSG_DONTWAIT) <= 0) break;
  }
  log.write(entry("again"), at);
  CHECK_THAT(read_some(reader.get()), CF_CONTAINS("msg=again log_lines_dropped="));
}

TEST_CASE("a reader that is gone costs lines and nothing else", "[adapters][log]") {
  auto const before = ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  adapters::Log log{{}, pipe.in.get()};
  pipe.out.reset();
  log.write(entry("lost"), at);
  CHECK(log.dropped() == 1);
  adapters::Log closed{{}, -1};
  closed.write(entry("lost"), at);
  CHECK(closed.dropped() == 1);
  ::signal(SIGPIPE, before);
}

TEST_CASE("the journal's form is used where standard error leads to the journal", "[adapters][log]") {
  Pipe const pipe;
  struct stat info {};
  REQUIRE(::fstat(pipe.in.get(), &info) == 0);
  auto const stream = std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
  ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
  adapters::Log journal{{}, pipe.in.get()};
  journal.write(entry("x"), at);
  CHECK(read_some(pipe.out.get()) == "<6>level=info msg=x\n");
  ::setenv("JOURNAL_STREAM", (stream + "1").c_str(), 1);  // inherited, but redirected since
  adapters::Log redirected{{}, pipe.in.get()};
  redirected.write(entry("x"), at);
  CHECK(read_some(pipe.out.get()) == start + "msg=x\n");
  ::unsetenv("JOURNAL_STREAM");
}
