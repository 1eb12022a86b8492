#include "adapters/child_process.hpp"

#include "test/support/catch.hpp"
#include "test/support/run_to_end.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace failover;
using adapters::ChildLimits;
using adapters::ChildResult;
using core::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

using Clock = std::chrono::steady_clock;

core::Result<ChildResult> run(std::vector<std::string> argv, std::string input = {},
                              ChildLimits limits = {seconds{20}, 1 << 20}) {
  boost::asio::io_context loop{1};
  return test::run_to_end(loop, adapters::run_child(loop.get_executor(), std::move(argv), std::move(input), limits));
}

core::Result<ChildResult> shell(std::string script, std::string input = {},
                                ChildLimits limits = {seconds{20}, 1 << 20}) {
  return run({"sh", "-c", std::move(script)}, std::move(input), limits);
}

std::size_t open_descriptors() {
  auto const all = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// True when the process is gone, or only waits for its parent to look.
bool gone(pid_t pid) {
  auto const last = Clock::now() + seconds{10};
  while (Clock::now() < last) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    if (!(file >> number >> name >> state) || state == "Z") return true;
    std::this_thread::yield();
  }
  return false;
}

pid_t first_number(std::string const& text) {
  return static_cast<pid_t>(std::atoi(text.c_str()));
}

}  // namespace

TEST_CASE("a child gives its output, its complaints and its exit code", "[adapters][child_process]") {
  auto const result = shell("echo out; echo err >&2; exit 3");
  REQUIRE(result);
  CHECK(*result == ChildResult{.status = 3, .timed_out = false, .truncated = false, .out = "out\n", .err = "err\n"});
}

TEST_CASE("a child ended by a signal has 128 and the signal's number as status", "[adapters][child_process]") {
  auto const result = shell("kill -TERM $$");
  REQUIRE(result);
  CHECK(result->status == 128 + SIGTERM);
  CHECK_FALSE(result->timed_out);
}

TEST_CASE("a missing program is not_found and named", "[adapters][child_process]") {
  auto const result = run({"no-such-program-anywhere", "x"});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::not_found);
  CHECK_THAT(result.error().detail, CF_CONTAINS("no-such-program-anywhere"));
}

TEST_CASE("a file that may not be run is a permission error", "[adapters][child_process]") {
  auto const result = run({"/etc/passwd"});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::permission);
}

TEST_CASE("arguments reach the child as they are, whatever they contain", "[adapters][child_process]") {
  auto const result = run({"printf", "%s|", "a b", "$(id)", ";", "*", ""});
  REQUIRE(result);
  CHECK(result->out == "a b|$(id)|;|*||");
}

TEST_CASE("without input stdin is empty, not ours", "[adapters][child_process]") {
  auto const result = run({"cat"});
  REQUIRE(result);
  CHECK(result->status == 0);
  CHECK(result->out.empty());
}

TEST_CASE("a child that hangs is killed with its group at the deadline", "[adapters][child_process]") {
  auto const begin = Clock::now();
  auto const result = shell("sleep 1000 & echo $!; wait", {}, {milliseconds{1500}, 1024});
  REQUIRE(result);
  CHECK(result->timed_out);
  CHECK(result->status == 128 + SIGKILL);
  CHECK(Clock::now() - begin < seconds{10});
  REQUIRE(first_number(result->out) > 0);
  CHECK(gone(first_number(result->out)));
}

TEST_CASE("a child that ignores SIGTERM is killed at the deadline all the same", "[adapters][child_process]") {
  auto const result = shell("trap '' TERM INT HUP; while :; do sleep 1; done", {}, {milliseconds{300}, 1024});
  REQUIRE(result);
  CHECK(result->timed_out);
}

TEST_CASE("a flood is read to its end and only its beginning kept", "[adapters][child_process]") {
  auto const result = shell("head -c 5000000 /dev/zero | tr '\\0' x; echo end >&2", {}, {seconds{20}, 1000});
  REQUIRE(result);
  CHECK(result->status == 0);
  CHECK(result->truncated);
  CHECK(result->out == std::string(1000, 'x'));
  CHECK(result->err == "end\n");
}

TEST_CASE("output of exactly the bound is not called truncated", "[adapters][child_process]") {
  auto const result = shell("printf 12345", {}, {seconds{20}, 5});
  REQUIRE(result);
  CHECK(result->out == "12345");
  CHECK_FALSE(result->truncated);
}

TEST_CASE("an endless flood ends at the deadline", "[adapters][child_process]") {
  auto const result = run({"cat", "/dev/zero"}, {}, {milliseconds{1500}, 1000});
  REQUIRE(result);
  CHECK(result->timed_out);
  CHECK(result->out.size() == 1000);
}

TEST_CASE("a grandchild that keeps the pipe is waited for", "[adapters][child_process]") {
  auto const result = shell("(sleep 0.3; echo late) & echo early");
  REQUIRE(result);
  CHECK(result->status == 0);
  CHECK(result->out == "early\nlate\n");
  CHECK_FALSE(result->timed_out);
}

TEST_CASE("a grandchild that keeps the pipe too long is killed with the group", "[adapters][child_process]") {
  auto const result = shell("sleep 1000 & echo $!", {}, {milliseconds{1500}, 1000});
  REQUIRE(result);
  CHECK(result->timed_out);
  CHECK(result->status == 0);
  REQUIRE(first_number(result->out) > 0);
  CHECK(gone(first_number(result->out)));
}

TEST_CASE("a grandchild outside the group cannot hold the caller beyond the deadline", "[adapters][child_process]") {
  auto const begin = Clock::now();
  auto const result = shell("setsid sh -c 'echo $$; exec sleep 1000' & ", {}, {seconds{2}, 1000});
  REQUIRE(result);
  CHECK(result->timed_out);
  CHECK(Clock::now() - begin < seconds{10});
  auto const escaped = first_number(result->out);
  REQUIRE(escaped > 0);
  ::kill(escaped, SIGKILL);
}

TEST_CASE("a child that closes its outputs first is still waited for", "[adapters][child_process]") {
  auto const result = shell("exec >&- 2>&-; sleep 0.3; exit 7");
  REQUIRE(result);
  CHECK(result->status == 7);
  CHECK_FALSE(result->timed_out);
}

TEST_CASE("a large input goes through whole while the output comes back", "[adapters][child_process]") {
  std::string input(3'000'000, 'a');
  for (std::size_t i = 0; i < input.size(); i += 97) input[i] = '\n';
  auto const result = run({"cat"}, input, {seconds{20}, 4'000'000});
  REQUIRE(result);
  CHECK(result->status == 0);
  CHECK(result->out == input);
}

TEST_CASE("a child that does not read its input is no error", "[adapters][child_process]") {
  auto const result = shell("exec <&-; exit 4", std::string(1'000'000, 'x'));
  REQUIRE(result);
  CHECK(result->status == 4);
}

TEST_CASE("a child has an empty signal mask and default handlers", "[adapters][child_process]") {
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
  auto const result = run({"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"});
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  REQUIRE(result);
  CHECK_THAT(result->out, CF_CONTAINS("SigBlk:\t0000000000000000\n"));
  auto const ignored = std::stoull(result->out.substr(result->out.find("SigIgn:") + 7), nullptr, 16);
  CHECK((ignored & 0x7fffffff) == 0);  // signals 32 and 33 belong to the C library, nobody can set them
}

TEST_CASE("a child inherits no descriptor of ours", "[adapters][child_process]") {
  auto const leaky = ::open("/dev/null", O_RDONLY);  // NOLINT: without O_CLOEXEC, as a careless library would
  auto const result = run({"ls", "/proc/self/fd"}, "some input");
  ::close(leaky);
  REQUIRE(result);
  CHECK(result->out == "0\n1\n2\n3\n");  // 3 is ls's own look at the directory
}

TEST_CASE("a child is given nothing of the service manager's", "[adapters][child_process]") {
  ::setenv("NOTIFY_SOCKET", "/nowhere", 1);
  ::setenv("CREDENTIALS_DIRECTORY", "/nowhere", 1);
  ::setenv("CF_TEST_KEPT", "yes", 1);
  auto const result = shell("echo ${NOTIFY_SOCKET-none} ${CREDENTIALS_DIRECTORY-none} ${CF_TEST_KEPT-none}");
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  ::unsetenv("CF_TEST_KEPT");
  REQUIRE(result);
  CHECK(result->out == "none none yes\n");
}

TEST_CASE("a child works when our own standard descriptors are closed", "[adapters][child_process]") {
  std::array<int, 3> kept = {};
  for (int fd = 0; fd < 3; ++fd) kept[static_cast<std::size_t>(fd)] = ::fcntl(fd, F_DUPFD_CLOEXEC, 10);
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
  auto const result = shell("cat; echo err >&2", "through");
  for (int fd = 0; fd < 3; ++fd) {
    auto const saved = kept[static_cast<std::size_t>(fd)];
    if (saved < 0) continue;
    ::dup2(saved, fd);
    ::close(saved);
  }
  REQUIRE(result);
  CHECK(result->out == "through");
  CHECK(result->err == "err\n");
}

TEST_CASE("a hundred children in a row leave no descriptor and no zombie behind", "[adapters][child_process]") {
  boost::asio::io_context loop{1};
  std::size_t after_the_first = 0;
  for (int i = 0; i < 100; ++i) {
    auto child = adapters::run_child(loop.get_executor(), {"sh", "-c", "cat"}, std::to_string(i), {seconds{20}, 100});
    auto const result = test::run_to_end(loop, std::move(child));
    REQUIRE(result);
    REQUIRE(result->out == std::to_string(i));
    if (i == 0) after_the_first = open_descriptors();
  }
  CHECK(open_descriptors() == after_the_first);
  auto const waited = ::waitpid(-1, nullptr, WNOHANG);
  auto const reason = errno;
  CHECK(waited == -1);
  CHECK(reason == ECHILD);
}

TEST_CASE("cancelling kills the child, reaps it and says cancelled", "[adapters][child_process]") {
  boost::asio::io_context loop{1};
  boost::asio::cancellation_signal signal;
  std::optional<core::Result<ChildResult>> result;
  bool ended = false;
  auto task = adapters::run_child(loop.get_executor(), {"sleep", "1000"}, {}, {seconds{1000}, 100});
  boost::asio::co_spawn(loop, test::keep(std::move(task), result),
                        boost::asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr) { ended = true; }));
  while (loop.poll_one() > 0) continue;
  REQUIRE_FALSE(ended);
  signal.emit(boost::asio::cancellation_type::terminal);
  loop.restart();
  loop.run_for(seconds{20});
  REQUIRE(ended);
  REQUIRE(result);
  REQUIRE_FALSE(*result);
  CHECK(result->error().kind == ErrorKind::cancelled);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("destroying the loop kills the child that it was waiting for", "[adapters][child_process]") {
  auto const path = std::filesystem::temp_directory_path() / ("cf-child-" + std::to_string(::getpid()));
  std::optional<core::Result<ChildResult>> result;
  pid_t pid = 0;
  {
    boost::asio::io_context loop{1};
    auto task = adapters::run_child(loop.get_executor(), {"sh", "-c", "echo $$ >\"$1\"; exec sleep 1000", "sh", path},
                                    {}, {seconds{1000}, 100});
    boost::asio::co_spawn(loop, test::keep(std::move(task), result), [](std::exception_ptr) {});
    auto const last = Clock::now() + seconds{20};
    while (pid == 0 && Clock::now() < last) {
      loop.poll();
      std::ifstream(path) >> pid;
    }
    REQUIRE(pid > 0);
  }
  std::filesystem::remove(path);
  CHECK(gone(pid));
  (void)::waitpid(pid, nullptr, 0);
}
