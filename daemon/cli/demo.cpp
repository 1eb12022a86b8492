#include "daemon/cli/demo.hpp"

#include "daemon/startup.hpp"
#include "daemon/toy_fleet.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace failover::daemon {
namespace {

using std::chrono::seconds;

volatile std::sig_atomic_t interrupted = 0;  // NOLINT: the one thing that a signal handler may write

/// What the toy agents themselves noted: the witness that does not depend on the daemon's own word.
struct Witness {
  std::map<std::string, std::string> conversation_at_wall = {};  ///< by conversation: the account of its wall
  std::set<std::string> continued = {};                          ///< conversations that finished a turn on another one
};

Witness hear(ToyFleet const& fleet) {
  Witness witness;
  for (auto const& event : fleet.agent_events()) {
    if (event.event == "wall") witness.conversation_at_wall.emplace(event.conversation, event.account);
    auto const wall = witness.conversation_at_wall.find(event.conversation);
    if (event.event == "done" && wall != witness.conversation_at_wall.end() && wall->second != event.account)
      witness.continued.insert(event.conversation);
  }
  return witness;
}

class Show {
 public:
  Show(ToyFleet& fleet, DemoOptions const& options) : fleet_(fleet), options_(options) {}

  bool play() {
    say("", "A private tmux server, two toy accounts (main has two turns left), two sessions, an empty queue.");
    say("", "Folder: " + fleet_.folder());
    if (auto const started = fleet_.start_daemon(); !started) return fail(started.error().detail);
    if (!until("both sessions are idle", [this] { return sessions_in("idle") == 2; })) return false;
    say("ok", "pool-1 and pool-2 wait for work on account " + fleet_.link_target());

    give("warm-up-1.md", "Say hello.");
    give("warm-up-2.md", "Say hello.");
    if (!until("the first two tasks are done", [this] { return done() == 2; })) return false;
    say("ok", "two tasks done; main is spent now, though nobody knows yet");

    give("report-1.md", "Write the first report.");
    give("report-2.md", "Write the second report.");
    if (!until("the limit is noticed", [this] { return account_standing("main") == "exhausted"; })) return false;
    say("!!", "both sessions meet the 5-hour limit of main");
    show_wall();
    if (!until("the switch", [this] { return fleet_.link_target() == "spare"; })) return false;
    say("ok", "switched: the link leads to spare");
    if (!until("both sessions go on", [this] { return hear(fleet_).continued.size() == 2; })) return false;
    say("ok", "both conversations went on and finished their turn on spare");
    for (auto const& conversation : hear(fleet_).continued)
      say("", "conversation " + conversation + ": main, then spare");
    if (!until("their tasks are done", [this] { return done() == 4; })) return false;
    say("ok", "the two interrupted tasks are done");

    give("after.md", "One more thing.");
    if (!until("one more task is done", [this] { return done() == 5; })) return false;
    say("ok", "a task queued after the switch was dispatched and done on spare");
    return swaps_are_right();
  }

 private:
  void say(std::string_view mark, std::string const& text) const {
    auto const ms = std::chrono::duration_cast<core::Duration>(std::chrono::steady_clock::now() - began_).count();
    char const* colour = !options_.colour ? "" : mark == "ok" ? "\x1b[32m" : mark == "!!" ? "\x1b[33m" : "";
    char const* plain = *colour != '\0' ? "\x1b[0m" : "";
    std::printf("%5.1f s  %s%-2.*s%s  %s\n", static_cast<double>(ms) / 1000, colour, static_cast<int>(mark.size()),
                mark.data(), plain, text.c_str());
    std::fflush(stdout);
  }

  bool fail(std::string const& why) const {
    say("NO", why);
    std::printf("\nThe daemon's log:\n%s\n", fleet_.daemon_log().c_str());
    for (char const* session : {"pool-1", "pool-2"})
      std::printf("\nScreen of %s:\n%s\n", session, fleet_.screen(session).c_str());
    return false;
  }

  bool until(std::string const& what, std::function<bool()> const& condition) const {
    bool const came = ToyFleet::wait_until([&] { return interrupted != 0 || condition(); }, seconds{30});
    if (interrupted != 0) return fail("interrupted");
    return came || fail("waited 30 s in vain until " + what);
  }

  void give(std::string const& name, std::string const& text) const {
    auto const given = fleet_.add_task(name, text + "\n");
    say(given ? "" : "NO", given ? "queue: " + name : given.error().detail);
  }

  [[nodiscard]] std::size_t sessions_in(std::string const& phase) const {
    auto const status = fleet_.status();
    return status ? status->sessions_in(phase) : 0;
  }

  [[nodiscard]] std::string account_standing(std::string const& name) const {
    auto const status = fleet_.status();
    return status && status->standings.contains(name) ? status->standings.at(name) : std::string();
  }

  [[nodiscard]] std::size_t done() const { return fleet_.queue_files("done").size(); }

  void show_wall() const {
    auto const screen = fleet_.screen("pool-1");
    auto const at = screen.find("You've hit");
    if (at != std::string::npos) say("", "pool-1 shows: " + screen.substr(at, screen.find('\n', at) - at));
  }

  [[nodiscard]] bool swaps_are_right() const {
    auto const status = fleet_.status();
    if (!status) return fail("the daemon does not answer any more");
    if (status->swaps.size() != 1) return fail("expected one swap, saw " + std::to_string(status->swaps.size()));
    auto const& swap = status->swaps.front();
    say("ok", "one swap in all: " + swap.from + " to " + swap.to + ", by rule " + swap.rule);
    return true;
  }

  ToyFleet& fleet_;
  DemoOptions options_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace

ExitCode run_demo(DemoOptions const& options) {
  if (!program_found("tmux")) {
    std::fprintf(stderr, "claude-failover: tmux is not installed, or not in PATH; on Debian: apt-get install tmux\n");
    return ExitCode::no_tmux;
  }
  auto const note = [](int) { interrupted = 1; };
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
  std::signal(SIGPIPE, SIG_IGN);
  ToyFleetOptions fleet_options;
  // Both sessions are to be seen at the limit: with one the other's task might be given out after the switch already.
  fleet_options.settings["quota.min_blocked_sessions"] = "2";
  auto fleet = ToyFleet::make(std::move(fleet_options));
  if (!fleet) {
    std::fprintf(stderr, "claude-failover: %s\n", fleet.error().detail.c_str());
    return exit_code_of(fleet.error().kind);
  }
  bool const seen = Show(*fleet, options).play();
  if (options.keep) fleet->keep_folder();
  std::printf("\n%s\n", seen ? "The fail-over happened." : "The fail-over did not happen.");
  return seen ? ExitCode::ok : ExitCode::failed;
}

}  // namespace failover::daemon
