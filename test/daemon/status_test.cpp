#include "daemon/cli/status.hpp"

#include "adapters/state_file.hpp"
#include "adapters/status_endpoint.hpp"
#include "adapters/status_views.hpp"
#include "daemon/cli/status_text.hpp"
#include "daemon/cli/text_table.hpp"
#include "test/support/catch.hpp"
#include "test/support/running_server.hpp"
#include "test/support/sample_status.hpp"
#include "test/support/scratch_directory.hpp"

#include <cstdlib>
#include <ctime>

#include <boost/json.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace failover;
using namespace failover::daemon;
using namespace failover::test;
using namespace std::chrono_literals;

namespace {

/// Times of day are local; the machine's zone must not decide what a test sees.
struct InUtc {
  InUtc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};

adapters::HttpHandler sample_handler() {
  return adapters::status_handler({
      [] { return sample_state().version; },
      [] { return sample_report(); },
      [] { return core::Health{}; },
  });
}

/// A daemon's socket with the sample behind it.
struct SampleDaemon {
  ScratchDirectory scratch;
  RunningServer server{sample_handler()};
  StatusOptions options = {};

  SampleDaemon() {
    options.socket_path = scratch / "control.sock";
    server.listen_unix(options.socket_path);
  }
};

struct Shown {
  int exit_code = 0;
  std::string out = {};
  std::string err = {};
};

/// Runs the command with its two outputs in files.
Shown show(StatusOptions const& options) {
  ScratchDirectory const scratch;
  auto const redirected = [&](int fd, std::string const& name) {
    int const kept = ::dup(fd);
    int const file = ::open((scratch / name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ::dup2(file, fd);
    ::close(file);
    return kept;
  };
  std::fflush(stdout);
  int const out = redirected(1, "out");
  int const err = redirected(2, "err");
  Shown shown;
  shown.exit_code = run_status(options);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::close(out);
  ::close(err);
  shown.out = file_bytes(scratch / "out");
  shown.err = file_bytes(scratch / "err");
  return shown;
}

std::string sample_text(StatusStyle const& style = {}) {
  InUtc const zone;
  return status_text(adapters::to_json(sample_report()), style).value();
}

}  // namespace

TEST_CASE("a table's columns are as wide as what stands in them", "[daemon][text_table]") {
  CHECK(text_table({{{"A"}, {"LONG"}, {"B"}}, {{"wide"}, {"x"}, {""}}, {{""}, {""}, {"\xc3\xa4"}}}, false) ==
        "A     LONG  B\nwide  x\n            \xc3\xa4\n");
}

TEST_CASE("what a terminal would obey does not reach it", "[daemon][text_table]") {
  CHECK(text_table({{{"a\x1b[2Jb\n"}, {"\xff"}}}, false) == "a\xef\xbf\xbd[2Jb\xef\xbf\xbd  \xef\xbf\xbd\n");
}

TEST_CASE("colour surrounds the text and not the gaps", "[daemon][text_table]") {
  CHECK(text_table({{{"a", Paint::good}, {"b"}}}, true) == "\x1b[32ma\x1b[0m  b\n");
  CHECK(text_table({{{"a", Paint::good}, {"b"}}}, false) == "a  b\n");
}

TEST_CASE("the status shows each drift before all else", "[daemon][status]") {
  auto report = sample_report();
  report.drift = {{core::DriftKind::not_logged_in, {core::AccountName{"spare"}}, "account spare\x1b: log in"}};
  auto const text = status_text(adapters::to_json(report), {}).value();
  CHECK_THAT(text, CF_CONTAINS("up 4 h 30 min\nnot_logged_in: account spare\xef\xbf\xbd: log in\n\n   ACCOUNT"));
}

TEST_CASE("the status shows accounts, sessions, queue and the last swap with its reason", "[daemon][status]") {
  CHECK(sample_text() ==
        R"(claude-failover 0.3.0  up 4 h 30 min

   ACCOUNT  STANDING   WINDOW     RESETS                SINCE  USED                NOTE
   main     exhausted  five_hour  14:00 (in 2 h 0 min)  90 s
*  spare    available                                          5h 71 %, week 40 %
   work     disabled                                                               its directory is missing

SESSION  KIND       PHASE                SINCE   ACCOUNT  TASK   NOTE
pool-1   pool       recovering: nudging  8 s     spare    T1.md
review   dedicated  held                 10 min                  restart_limit

QUEUE  2 pending, 1 claimed, 1 done, 1 failed, 1 held; the oldest has waited 2 min
TASK   ID  SESSION  PHASE    SINCE
T1.md  T1  pool-1   running  5 min

LAST SWAP  main -> spare, recovering, 88 s ago: exhausted, session pool-1 showed limit-reached, resets 14:00 (in 2 h 0 min)
NOT SWAPPED  the newest wish was refused: cooldown
)");
}

TEST_CASE("an unknown part or a foreign document is not shown", "[daemon][status]") {
  CHECK_FALSE(status_text("{}", {}));
  CHECK_FALSE(status_text("[1]", {}));
  CHECK_FALSE(status_text("{\"schema\":2}", {}));
  CHECK_FALSE(status_text("not JSON", {}));
  CHECK(status_text("{\"schema\":1,\"accounts\":[1,{\"name\":7}],\"queue\":[],\"last_swap\":\"x\"}", {}));
  CHECK_FALSE(status_part("{\"schema\":1}", "accounts"));
}

TEST_CASE("what needs the person is said first", "[daemon][status]") {
  InUtc const zone;
  auto report = sample_report();
  report.tmux_up = false;
  report.tmux_problem = "timed_out";
  report.state_writable = false;
  report.build.reload_ok = false;
  report.holding = true;
  report.queue.readable = false;
  auto const text = status_text(adapters::to_json(report), {}).value();
  CHECK_THAT(text, CF_CONTAINS("tmux does not answer: timed_out\n"));
  CHECK_THAT(text, CF_CONTAINS("The state cannot be saved.\n"));
  CHECK_THAT(text, CF_CONTAINS("The newest configuration was refused"));
  CHECK_THAT(text, CF_CONTAINS("No account is left: the queue waits until 14:00 (in 2 h 0 min).\n"));
  CHECK_THAT(text, CF_CONTAINS("The queue cannot be read.\n"));
}

TEST_CASE("a reset more than a day ahead names the day", "[daemon][status]") {
  InUtc const zone;
  auto state = sample_state();
  state.accounts[core::AccountName{"main"}].until = sample_now().wall + 48h;
  auto const report = core::report(sample_config(), state, sample_now(), sample_build());
  CHECK_THAT(status_text(adapters::to_json(report), {"accounts", false}).value(),
             CF_CONTAINS("Tue 12:00 (in 48 h 0 min)"));
}

TEST_CASE("a part is shown alone, as text and as JSON", "[daemon][status]") {
  SampleDaemon daemon;
  daemon.options.part = "sessions";
  auto const text = show(daemon.options);
  CHECK(text.exit_code == 0);
  CHECK(text.err.empty());
  CHECK(text.out == sample_text({"sessions", false}));
  daemon.options.json = true;
  auto const json = boost::json::parse(show(daemon.options).out).as_object();
  CHECK(json.at("schema") == 1);
  CHECK(json.at("sessions").as_array().size() == 2);
  CHECK(json.size() == 2);
}

TEST_CASE("the JSON of the command is that of the page", "[daemon][status]") {
  SampleDaemon daemon;
  daemon.options.json = true;
  CHECK(show(daemon.options).out == adapters::to_json(sample_report()) + "\n");
}

TEST_CASE("with the daemon down the saved state is shown, and that is said", "[daemon][status]") {
  ScratchDirectory const scratch;
  auto state = sample_state();
  REQUIRE(adapters::save_state(scratch.str(), adapters::encode_state(state, adapters::read_clock())));
  StatusOptions options;
  options.socket_path = scratch / "control.sock";
  options.state_file = scratch / "state.json";
  for (char const* name : {"main", "spare", "third"})
    options.accounts.push_back({failover::core::AccountName(name), std::string("/accounts/") + name, false});
  auto const shown = show(options);
  CHECK(shown.exit_code == 0);
  CHECK_THAT(shown.err, CF_CONTAINS("no daemon answers on " + options.socket_path));
  CHECK_THAT(shown.err, CF_CONTAINS("saved last in " + options.state_file));
  CHECK_THAT(shown.out, CF_CONTAINS("*  spare"));
  CHECK_THAT(shown.out, CF_CONTAINS("third"));
  CHECK_THAT(shown.out, CF_CONTAINS("QUEUE  not known"));
  CHECK(shown.out.find("  up ") == std::string::npos);
}

TEST_CASE("with neither a daemon nor a state there is nothing to show: try again", "[daemon][status]") {
  ScratchDirectory const scratch;
  StatusOptions options;
  options.socket_path = scratch / "control.sock";
  options.state_file = scratch / "state.json";
  auto const shown = show(options);
  CHECK(shown.exit_code == 75);
  CHECK(shown.out.empty());
  CHECK_THAT(shown.err, CF_CONTAINS("start it with `claude-failover run`"));
}

TEST_CASE("an answer of another kind of server is not shown", "[daemon][status]") {
  ScratchDirectory const scratch;
  RunningServer server{[](adapters::HttpRequest const&) { return adapters::error_response(500, "internal", "no"); }};
  StatusOptions options;
  options.socket_path = scratch / "control.sock";
  server.listen_unix(options.socket_path);
  auto const shown = show(options);
  CHECK(shown.exit_code != 0);
  CHECK(shown.out.empty());
  CHECK_THAT(shown.err, CF_CONTAINS("answered 500"));
}

TEST_CASE("watching draws again until it is interrupted", "[daemon][status]") {
  SampleDaemon daemon;
  daemon.options.watch = true;
  auto const file = daemon.scratch / "screen";
  put_file(file, "");
  auto const child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGINT, SIG_DFL);
    int const out = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    ::dup2(out, 1);
    ::_exit(run_status(daemon.options));
  }
  auto const draws = [&] {
    auto const screen = file_bytes(file);
    int count = 0;
    for (auto at = screen.find("\x1b[H"); at != std::string::npos; at = screen.find("\x1b[H", at + 1)) ++count;
    return count;
  };
  auto const last = std::chrono::steady_clock::now() + 20s;
  while (draws() < 2 && std::chrono::steady_clock::now() < last) std::this_thread::sleep_for(50ms);
  CHECK(draws() >= 2);
  ::kill(child, SIGINT);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK_THAT(file_bytes(file), CF_CONTAINS("\x1b[K\n"));
  CHECK_THAT(file_bytes(file), CF_CONTAINS("pool-1"));
}
