#include "adapters/prompt_delivery.hpp"

#include "adapters/agent_restart.hpp"
#include "test/support/catch.hpp"
#include "test/support/tmux_server.hpp"

#include <fstream>
#include <optional>
#include <sstream>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

using namespace failover;
using adapters::DeliveryTimes;
using adapters::Tmux;
using core::Delivery;
using core::ErrorKind;
using core::PaneRef;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Reads the echo box's screen; what the real reader does with a real agent's.
core::Reading read_echo_box(std::string const& screen) {
  core::Reading reading;
  reading.seen.state = core::ScreenState::unknown;
  std::istringstream rows(screen);
  std::string row;
  int rules = 0;
  while (std::getline(rows, row)) {
    if (row.starts_with("─")) {
      ++rules;
    } else if (row.starts_with("> ")) {
      ++reading.prompts_seen;
    } else if (row == "Do you want to proceed?") {
      reading.seen.state = core::ScreenState::permission_prompt;
    } else if (row == "What do you want to do?") {
      reading.seen.state = core::ScreenState::quota_exhausted;
      reading.limit_menu = true;
    } else if (row.starts_with("* working")) {
      reading.seen.state = core::ScreenState::working;
    } else if (rules == 1) {
      std::string const marker = "❯\u00a0";
      if (row.starts_with(marker)) row.erase(0, marker.size());
      if (!reading.input_text.empty()) reading.input_text += '\n';
      reading.input_text += row;
    }
  }
  reading.has_input_box = rules == 2;
  if (reading.has_input_box && reading.seen.state == core::ScreenState::unknown) {
    reading.seen.state = core::ScreenState::idle;
  }
  return reading;
}

/// A private server with an echo box in it.
struct World {
  test::TmuxServer server = {};
  boost::asio::io_context loop{1};
  Tmux tmux;
  PaneRef pane = {};
  DeliveryTimes times = {};

  explicit World(std::vector<std::string> const& faults = {}, core::Duration timeout = seconds{20})
      : tmux(loop.get_executor(), config(timeout)) {
    std::vector<std::string> argv = {CF_BIN_DIR "/echo-box", log_path()};
    argv.insert(argv.end(), faults.begin(), faults.end());
    (void)server.session("a", argv);
    if (!server.shows("=a:", "echo box")) throw std::runtime_error("the echo box did not start");
    pane = {std::stoll(server.format("=a:", "#{pid}")), std::stoll(server.format("=a:", "#{start_time}")),
            core::PaneId{server.format("=a:", "#{pane_id}")}};
    times.calm = milliseconds{60};
    times.poll = milliseconds{20};
    times.shown_within = seconds{3};
    times.enter_again = milliseconds{400};
  }

  core::TmuxConfig config(core::Duration timeout) const {
    core::TmuxConfig result;
    result.socket = server.socket();
    result.command_timeout = timeout;
    return result;
  }

  std::string log_path() const { return (server.dir() / "log").string(); }
  std::string log() const {
    std::ifstream file(log_path());
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  adapters::Async<Delivery> delivery(std::string text) {
    core::effect::DeliverPrompt request;
    request.session = core::SessionName{"a"};
    request.pane = pane;
    request.text = std::move(text);
    return adapters::deliver_prompt(tmux, loop.get_executor(), std::move(request), read_echo_box, times);
  }
  core::Result<Delivery> deliver(std::string text) {
    return test::run_to_end(loop, delivery(std::move(text)), seconds{60});
  }
};

std::string const long_text = [] {
  std::string text;
  for (int i = 0; i < 12; ++i) text += "row " + std::to_string(i) + " of a long prompt\n";
  return text + "the end";
}();

}  // namespace

TEST_CASE("a prompt is typed, submitted once and seen to be taken", "[adapters][prompt_delivery]") {
  World world;
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "submitted: continue\n");
  CHECK(world.server.command({"list-buffers"}).empty());
}

TEST_CASE("a prompt of several rows arrives as one prompt", "[adapters][prompt_delivery]") {
  World world;
  CHECK(world.deliver("one\ntwo; $(three)\n\tfour é ❯") == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "submitted: one\ntwo; $(three)\n\tfour é ❯\n");
}

TEST_CASE("a prompt that is shown as a collapsed paste is submitted", "[adapters][prompt_delivery]") {
  World world({"collapse"});
  CHECK(world.deliver(long_text) == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "submitted: " + long_text + "\n");
}

TEST_CASE("an Enter that got lost is pressed again", "[adapters][prompt_delivery]") {
  World world({"drop-enters", "2"});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "enter dropped\nenter dropped\nsubmitted: continue\n");
}

TEST_CASE("a box that takes no Enter leaves the outcome unknown after three", "[adapters][prompt_delivery]") {
  World world({"drop-enters", "99"});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::unknown));
  CHECK(world.log() == "enter dropped\nenter dropped\nenter dropped\n");
}

TEST_CASE("no Enter is pressed before the text is seen in the box", "[adapters][prompt_delivery]") {
  World world({"show-after-ms", "700"});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "submitted: continue\n");
}

TEST_CASE("text that never shows leaves the outcome unknown, without an Enter", "[adapters][prompt_delivery]") {
  World world({"swallow"});
  world.times.shown_within = milliseconds{300};
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::unknown));
  CHECK(world.log().empty());
}

TEST_CASE("nothing is typed at a permission prompt, a limit's menu, or without a box", "[adapters][prompt_delivery]") {
  std::vector<std::vector<std::string>> const screens = {{"menu"}, {"menu", "limit-menu"}, {"no-box"}};
  for (auto const& faults : screens) {
    World world(faults);
    CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::not_ready));
    CHECK(world.log().empty());
    CHECK(world.server.command({"list-buffers"}).empty());
  }
}

TEST_CASE("no Enter is pressed at a menu that opened after the paste", "[adapters][prompt_delivery]") {
  World world({"menu-after-paste"});
  world.times.shown_within = milliseconds{500};
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::unknown));
  CHECK(world.log().empty());
}

TEST_CASE("a question that follows the prompt at once gets no Enter, and the prompt counts",
          "[adapters][prompt_delivery]") {
  World world({"ask-after-submit"});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "submitted: continue\n");
}

TEST_CASE("a person's draft is left alone", "[adapters][prompt_delivery]") {
  World world({"draft", "my own words"});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::draft_present));
  CHECK(world.log().empty());
  CHECK_THAT(world.server.screen("=a:"), CF_CONTAINS("my own words\n"));
}

TEST_CASE("somebody who begins to type while we look is left alone", "[adapters][prompt_delivery]") {
  World world;
  world.times.calm = milliseconds{700};
  std::optional<core::Result<Delivery>> outcome;
  bool ended = false;
  boost::asio::co_spawn(world.loop, test::keep(world.delivery("continue"), outcome),
                        [&](std::exception_ptr) { ended = true; });
  world.loop.restart();
  world.loop.run_for(milliseconds{300});
  REQUIRE_FALSE(ended);
  (void)world.server.command({"send-keys", "-t", "=a:", "-l", "w"});
  while (!ended) world.loop.run_one();
  CHECK(outcome == core::Result<Delivery>(Delivery::draft_present));
  CHECK(world.log().empty());
}

TEST_CASE("a grey suggestion is typed over", "[adapters][prompt_delivery]") {
  World world({"suggest", "Try \"refactor <filepath>\""});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "submitted: continue\n");
}

TEST_CASE("a prompt that stands in the box already is submitted, not typed twice", "[adapters][prompt_delivery]") {
  World world({"draft", "continue"});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "submitted: continue\n");
}

TEST_CASE("a pane in copy mode gets nothing", "[adapters][prompt_delivery]") {
  World world;
  (void)world.server.command({"copy-mode", "-t", "=a:"});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::not_ready));
  (void)world.server.command({"send-keys", "-t", "=a:", "-X", "cancel"});
  CHECK(world.deliver("continue") == core::Result<Delivery>(Delivery::submitted));
  CHECK(world.log() == "submitted: continue\n");
}

namespace {

/// The echo box ends, and a shell goes on below what it has drawn; to the reader its prompt is a box.
core::Reading read_any_prompt(std::string const& screen) {
  core::Reading reading;
  reading.seen.state = core::ScreenState::idle;
  reading.has_input_box = true;
  auto const prompt = screen.rfind("❯ ");
  if (prompt != std::string::npos) reading.input_text = screen.substr(prompt + std::string_view("❯ ").size());
  while (reading.input_text.ends_with('\n')) reading.input_text.pop_back();
  return reading;
}

core::Result<Delivery> deliver_to_any_prompt(World& world, std::string text) {
  core::effect::DeliverPrompt request;
  request.session = core::SessionName{"a"};
  request.pane = world.pane;
  request.text = std::move(text);
  return test::run_to_end(
      world.loop,
      adapters::deliver_prompt(world.tmux, world.loop.get_executor(), std::move(request), read_any_prompt, world.times),
      seconds{60});
}

}  // namespace

TEST_CASE("nothing is typed into a bare shell, nor what stands at its prompt submitted",
          "[adapters][prompt_delivery]") {
  World world;
  auto const id = world.pane.id.str();
  (void)world.server.command(
      {"respawn-pane", "-k", "-t", "=a:", "--", "env", "PS1=❯ ", "HISTFILE=", "bash", "--norc", "--noprofile", "-i"});
  REQUIRE(world.server.shows("=a:", "❯"));
  auto const typed = GENERATE(std::string{}, std::string{"continue"}, std::string{"my own words"});
  (void)world.server.command({"send-keys", "-t", "=a:", "-l", typed});
  REQUIRE(world.server.shows("=a:", typed.empty() ? "❯" : "❯ " + typed));
  auto const refused = deliver_to_any_prompt(world, "continue");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::refused);
  CHECK(refused.error().detail == "a bare shell has the terminal of " + id + "; start the agent there");
  CHECK(read_any_prompt(world.server.screen("=a:")).input_text == typed);
  CHECK(world.server.command({"list-buffers"}).empty());
}

TEST_CASE("a pane that is gone is not_found, an empty prompt invalid", "[adapters][prompt_delivery]") {
  World world;
  auto const nothing = world.deliver(" \x1b\n");
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().kind == ErrorKind::invalid);
  world.pane.id = core::PaneId{"%99"};
  auto const gone = world.deliver("continue");
  REQUIRE_FALSE(gone);
  CHECK(gone.error().kind == ErrorKind::not_found);
  CHECK(world.log().empty());
}

TEST_CASE("nothing is typed into the pane that a new server gave the old number", "[adapters][prompt_delivery]") {
  World world;
  auto const old = world.pane;
  (void)world.server.command({"kill-server"});
  REQUIRE(test::eventually([&] {
    (void)world.server.command({"new-session", "-d", "-s", "b", "--", CF_BIN_DIR "/echo-box", world.log_path()});
    return world.server.last_status() == 0;
  }));
  REQUIRE(world.server.format("=b:", "#{pane_id}") == old.id.str());
  REQUIRE(world.server.shows("=b:", "echo box"));
  auto const outcome = world.deliver("continue");
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == ErrorKind::not_found);
  CHECK(world.log().empty());
}

TEST_CASE("a server that hangs in the middle leaves the outcome unknown, and nothing is repeated",
          "[adapters][prompt_delivery]") {
  World world({"drop-enters", "99"}, milliseconds{500});
  world.times.enters = 100;
  std::optional<core::Result<Delivery>> outcome;
  bool ended = false;
  boost::asio::co_spawn(world.loop, test::keep(world.delivery("continue"), outcome),
                        [&](std::exception_ptr) { ended = true; });
  world.loop.restart();
  auto const last = std::chrono::steady_clock::now() + seconds{30};
  bool hanging = false;
  while (!ended && std::chrono::steady_clock::now() < last) {
    world.loop.run_one_for(milliseconds{20});
    if (hanging || world.log().empty()) continue;
    world.server.suspend();  // after the first Enter
    hanging = true;
  }
  REQUIRE(ended);
  CHECK(outcome == core::Result<Delivery>(Delivery::unknown));
}

TEST_CASE("a delivery that is cancelled says so", "[adapters][prompt_delivery]") {
  World world({"show-after-ms", "100000"});
  boost::asio::cancellation_signal signal;
  std::optional<core::Result<Delivery>> outcome;
  std::exception_ptr thrown;
  bool ended = false;
  auto on_end = [&](std::exception_ptr const& failure) {
    thrown = failure;
    ended = true;
  };
  boost::asio::co_spawn(world.loop, test::keep(world.delivery("continue"), outcome),
                        boost::asio::bind_cancellation_slot(signal.slot(), on_end));
  world.loop.restart();
  world.loop.run_for(milliseconds{500});
  REQUIRE_FALSE(ended);
  signal.emit(boost::asio::cancellation_type::terminal);
  world.loop.run_for(seconds{10});
  REQUIRE(ended);
  CHECK((thrown != nullptr || outcome->error().kind == ErrorKind::cancelled));
}

namespace {

/// Restarts the echo box into a shell that says "new".
core::Result<void> restart(World& world, bool spares_draft, std::string const& last_word = "continue") {
  core::effect::RestartAgent request;
  request.session = core::SessionName{"a"};
  request.pane = world.pane;
  request.workdir = world.server.dir().string();
  request.argv = {"sh", "-c", "echo new; exec cat", last_word};
  request.spares_draft = spares_draft;
  return test::run_to_end(world.loop, adapters::restart_agent(world.tmux, std::move(request), read_echo_box),
                          seconds{60});
}

}  // namespace

TEST_CASE("an agent is not restarted over a person's draft", "[adapters][agent_restart]") {
  World world({"draft", "my own words"});
  auto const outcome = restart(world, true);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == ErrorKind::refused);
  CHECK(outcome.error().detail == "a draft stands in its input box");
  CHECK_THAT(world.server.screen("=a:"), CF_CONTAINS("my own words\n"));
}

TEST_CASE("a suggestion, its own prompt and an empty box keep no agent from its restart", "[adapters][agent_restart]") {
  auto const box = GENERATE(std::vector<std::string>{}, std::vector<std::string>{"suggest", "Try \"refactor\""},
                            std::vector<std::string>{"draft", "continue"});
  World world(box);
  CHECK(restart(world, true));
  CHECK(world.server.shows("=a:", "new"));
}

TEST_CASE("a restart that need not spare a draft does not look for one", "[adapters][agent_restart]") {
  World world({"draft", "my own words"});
  CHECK(restart(world, false));
  CHECK(world.server.shows("=a:", "new"));
}
