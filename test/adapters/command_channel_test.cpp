#include "adapters/command_channel.hpp"

#include "test/support/catch.hpp"
#include "test/support/run_to_end.hpp"
#include "test/support/scratch_directory.hpp"

#include <chrono>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace failover;
using core::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

core::Message message(std::string subject = "Switched", std::string body = "a -> b") {
  return {"m-7", core::Channel::command, std::move(subject), std::move(body)};
}

std::optional<core::SendFailure> run(std::vector<std::string> argv, core::Message sent = message(),
                                     milliseconds timeout = seconds{20}) {
  boost::asio::io_context loop{1};
  core::CommandChannelConfig config;
  config.argv = std::move(argv);
  return test::run_to_end(
      loop, adapters::run_command_channel(loop.get_executor(), std::move(config), std::move(sent), timeout));
}

std::optional<core::SendFailure> shell(std::string script, core::Message sent = message(),
                                       milliseconds timeout = seconds{20}) {
  return run({"/bin/sh", "-c", std::move(script)}, std::move(sent), timeout);
}

}  // namespace

TEST_CASE("a command gets the message as one line of JSON on its stdin", "[adapters][command_channel]") {
  test::ScratchDirectory const directory;
  auto const path = directory / "got";
  CHECK_FALSE(shell("cat > '" + path + "'", message("Switched\r\nto b", "first\nsecond \"quoted\" \xFF")));
  auto const got = test::file_bytes(path);
  CHECK(std::count(got.begin(), got.end(), '\n') == 1);
  CHECK(boost::json::parse(got) ==
        boost::json::parse(
            R"({"id":"m-7","channel":"command","subject":"Switched to b","body":"first\nsecond \"quoted\" \ufffd"})"));
}

TEST_CASE("the arguments of a command reach it as they are", "[adapters][command_channel]") {
  test::ScratchDirectory const directory;
  auto const path = directory / "got";
  CHECK_FALSE(run({"/bin/sh", "-c", "printf '%s|' \"$@\" > \"$0\"", path, "a b", "$HOME", ""}));
  CHECK(test::file_bytes(path) == "a b|$HOME||");
}

TEST_CASE("a command that does not read its stdin is no failure", "[adapters][command_channel]") {
  CHECK_FALSE(shell("exit 0", message("a", std::string(200'000, 'x'))));
}

TEST_CASE("a command that ends badly is a failure that quotes its complaint and may pass",
          "[adapters][command_channel]") {
  auto const failure = shell("echo 'no  network' >&2; echo 'second line' >&2; exit 3");
  REQUIRE(failure);
  CHECK(*failure ==
        core::SendFailure{{ErrorKind::refused, "/bin/sh: exit code 3: no network second line"}, std::nullopt, false});
  CHECK(shell("exit 1")->error.detail == "/bin/sh: exit code 1");
  CHECK(shell("kill -TERM $$")->error.detail == "/bin/sh: exit code 143");
}

TEST_CASE("a command's long complaint is cut", "[adapters][command_channel]") {
  auto const failure = shell("i=0; while [ $i -lt 500 ]; do echo 'complaint complaint' >&2; i=$((i+1)); done; exit 1");
  REQUIRE(failure);
  CHECK(failure->error.detail.size() < 300);
}

TEST_CASE("a command that hangs is killed at the deadline", "[adapters][command_channel]") {
  auto const begin = std::chrono::steady_clock::now();
  auto const failure = shell("exec sleep 60", message(), milliseconds{300});
  REQUIRE(failure);
  CHECK(failure->error == core::Error{ErrorKind::timed_out, "/bin/sh: killed after 300 ms"});
  CHECK_FALSE(failure->permanent);
  CHECK(std::chrono::steady_clock::now() - begin < seconds{20});
}

TEST_CASE("a command that does not exist is told by name", "[adapters][command_channel]") {
  auto const failure = run({"/no/such/program"});
  REQUIRE(failure);
  CHECK(failure->error.kind == ErrorKind::not_found);
  CHECK_THAT(failure->error.detail, CF_CONTAINS("/no/such/program"));
  CHECK_FALSE(failure->permanent);
}

TEST_CASE("a command channel without a program is a permanent failure", "[adapters][command_channel]") {
  auto const failure = run({});
  REQUIRE(failure);
  CHECK(failure->permanent);
}
