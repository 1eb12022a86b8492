#include "adapters/replay.hpp"

#include "adapters/acting_effects.hpp"
#include "adapters/journaled.hpp"
#include "adapters/listing_changes.hpp"
#include "core/conversations.hpp"
#include "test/sim/simulation.hpp"
#include "test/support/any_event.hpp"
#include "test/support/any_state.hpp"
#include "test/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace sim = failover::sim;
using namespace std::chrono_literals;

namespace {

core::Now const now{core::WallTime{1'795'377'019'123ms}, core::MonoTime{5'000'000ms}};

/// A life of the simulator, written down.
struct Recorded {
  std::vector<std::string> lines = {};
  core::State last = {};
  std::size_t deeds = 0;
  std::size_t bytes = 0;
};

Recorded record(std::uint64_t seed, std::size_t steps_a_segment) {
  Recorded recorded;
  auto const heard = std::make_shared<adapters::Heard>();
  adapters::JournalEncoder encoder;
  core::Config config;
  std::uint64_t steps = 0;
  auto const begin = [&](std::string because, core::State const& state, core::Now at) {
    recorded.lines.push_back(encoder.segment({"test", std::move(because), 0, false, at, config, state}));
  };
  sim::Witness witness;
  witness.listening = [&](core::AgentReader reader) { return adapters::overheard(std::move(reader), heard); };
  witness.begun = [&](core::Config const& running, core::State const& state, core::Now at) {
    config = running;
    begin("start", state, at);
  };
  witness.stepped = [&](core::State const& after, core::Event const& news, core::Effects const& effects, core::Now at) {
    auto const deeds = adapters::acting_effects(effects);
    recorded.deeds += deeds.size();
    recorded.lines.push_back(encoder.step(++steps, news, at, std::exchange(*heard, {}), deeds));
    recorded.last = after;
    if (steps % steps_a_segment == 0) begin("new file", after, at);
  };
  auto const outcome = sim::simulate(seed, 0, witness);
  REQUIRE(outcome.problem.empty());
  for (auto const& line : recorded.lines) recorded.bytes += line.size();
  return recorded;
}

core::State journaled_state(core::State state) {
  return adapters::journaled(std::move(state));
}

std::string joined(std::vector<std::string> const& lines) {
  std::string text;
  for (auto const& line : lines) text += line + "\n";
  return text;
}

constexpr int lives =
#ifdef __SANITIZE_ADDRESS__
    2;
#else
    20;
#endif

}  // namespace

TEST_CASE("a life that was written down is lived again with the same deeds, and ends in the same state",
          "[adapters][replay]") {
  std::size_t deeds = 0;
  std::size_t bytes = 0;
  std::size_t steps = 0;
  for (std::uint64_t seed = 1; seed <= lives; ++seed) {
    auto const recorded = record(seed, 5'000);
    adapters::Replay replay;
    for (auto const& line : recorded.lines) {
      auto const taken = replay.take(line);
      INFO("seed " << seed << ": " << line.substr(0, 2000));
      if (!taken) FAIL(taken.error().detail);
      if (!*taken) continue;
      auto const& step = **taken;
      ++steps;
      if (step.differs())
        FAIL("step " << step.number << " expected\n"
                     << joined(step.expected) << "got\n"
                     << joined(step.got) << step.unknown_texts << " unknown texts");
    }
    CHECK(replay.state() == journaled_state(recorded.last));
    deeds += recorded.deeds;
    bytes += recorded.bytes;
  }
  std::printf("replayed %zu steps of %d lives: %zu deeds, %zu bytes a step\n", steps, lives, deeds, bytes / steps);
  CHECK(deeds > 100U);
}

TEST_CASE("a pane that is gone is forgotten, what shows in another is not told again", "[adapters][replay]") {
  auto const heard = std::make_shared<adapters::Heard>();
  core::AgentReader reader;
  reader.screen = [](std::string_view, core::WallTime) { return core::Reading{}; };
  auto const listening = adapters::overheard(reader, heard);
  std::vector<core::PaneRef> const panes = {
      {1, 1, core::PaneId{"%1"}}, {1, 1, core::PaneId{"%2"}}, {1, 1, core::PaneId{"%3"}}};
  adapters::JournalEncoder encoder;
  std::uint64_t steps = 0;
  auto const captured = [&] {
    std::vector<core::Screen> screens;
    for (auto const& pane : panes) screens.push_back({pane, pane.id.str(), {}});
    for (auto const& screen : screens) (void)listening.screen(screen.text, now.wall);
    return encoder.step(++steps, core::event::ScreensCaptured{screens}, now, std::exchange(*heard, {}), {});
  };
  CHECK_THAT(captured(), CF_CONTAINS("%1") && CF_CONTAINS("%2") && CF_CONTAINS("%3"));
  CHECK_THAT(captured(), !CF_CONTAINS("readings"));
  core::PaneInfo left;
  left.pane = panes[1];
  (void)encoder.step(++steps, core::event::PanesListed{std::vector{left}, {}}, now, {}, {});
  auto const again = captured();
  CHECK_THAT(again, CF_CONTAINS("%1") && CF_CONTAINS("%3"));
  CHECK_THAT(again, !CF_CONTAINS("%2"));
}

TEST_CASE("a segment stands for itself: a replay may begin at any", "[adapters][replay]") {
  auto const recorded = record(3, 500);
  adapters::Replay replay;
  std::size_t segments = 0;
  std::size_t steps = 0;
  for (auto const& line : recorded.lines) {
    bool const begins = line.find("\"segment\"") != std::string::npos && line.find("\"event\"") == std::string::npos;
    segments += begins ? 1U : 0U;
    if (segments < 3) continue;
    auto const taken = replay.take(line);
    REQUIRE(taken);
    if (!*taken) continue;
    ++steps;
    CHECK_FALSE((*taken)->differs());
  }
  CHECK(steps > 500U);
}

TEST_CASE("with another configuration the engine decides otherwise, and that is seen", "[adapters][replay]") {
  std::size_t differ = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    auto const recorded = record(seed, 1'000'000);
    adapters::Replay replay;
    for (auto line : recorded.lines) {
      for (auto at = line.find("\"disabled\":false"); at != std::string::npos; at = line.find("\"disabled\":false"))
        line.replace(at, 16, "\"disabled\":true");
      auto const taken = replay.take(line);
      REQUIRE(taken);
      if (*taken && (*taken)->differs()) ++differ;
    }
  }
  CHECK(differ > 0U);
}

TEST_CASE("a segment comes back as it was, the state with all that is known only from looking", "[adapters][replay]") {
  failover::test::AnyEvent any(7);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    adapters::JournalSegment segment;
    segment.program = "1.2.3";
    segment.because = "start";
    segment.lost = seed;
    segment.dry_run = seed % 2 == 0;
    segment.now = now;
    segment.config.accounts = {{core::AccountName{"a"}, "/home/u/a", true}, {core::AccountName{"b"}, "/b", false}};
    segment.config.sessions.dedicated = {{core::SessionName{"web"}, "/w", {"claude", "--x"}}};
    segment.config.quota.settle = 7s;
    segment.config.profile.start = {"--new"};
    segment.config.profile.limit_menu = core::DialogAnswer::none;
    segment.config.watcher.on_timeout = core::OnTimeout::fail;
    segment.config.notifications.command.emplace();
    segment.state = failover::test::AnyState(seed, now).state();
    for (auto& [name, session] : segment.state.sessions) {
      session.reading = any.reading();
      session.read_at = {now.wall - 5s, now.mono - 7s};
      session.changed_at = {now.wall - 50s, now.mono - 70s};
      session.suspicion = core::Suspicion{seed, now, 3, true};
      session.process_cwd = "/p";
      session.bare_shell = seed % 3 == 0;
      session.project = "-p";
      session.busy_with_effect = true;
    }
    auto& live = segment.state.live;
    live.accounts_known = live.capturing = live.queue_dirty = live.stopping = true;
    live.accounts.link_target = std::string("/link");
    live.tmux_up = false;
    live.listed_at = now;
    live.conversations[core::ConversationId{"c"}] = {any.row(), core::Classification{}, "prompt", now.wall};
    live.refused_tasks = {core::TaskId{"t1"}, core::TaskId{"t2"}};
    live.entropy = ~std::uint64_t{0} - seed;
    live.last_refusal = "cooldown";
    auto expected = segment;
    expected.state = journaled_state(segment.state);
    auto const line = adapters::JournalEncoder().segment(segment);
    auto const taken = adapters::JournalDecoder().take(line);
    if (!taken) FAIL(taken.error().detail << "\n" << line);
    CHECK(std::get<adapters::JournalSegment>(*taken) == expected);
  }
}

TEST_CASE("a journal holds no text of a screen, of a prompt or of what stands in an input box", "[adapters][replay]") {
  core::Reading reading;
  reading.input_text = "draft-secret";
  auto const heard = std::make_shared<adapters::Heard>();
  auto const reader = adapters::overheard({[&](std::string_view, core::WallTime) { return reading; },
                                           [](std::string_view, core::WallTime) { return core::Classification{}; }},
                                          heard);
  core::Screen const screen{{1, 2, core::PaneId{"%1"}}, "pane-secret"};
  (void)reader.screen(screen.text, now.wall);
  core::TranscriptRow row;
  row.kind = core::RowKind::prompt;
  row.text = std::string(300, 'a') + "prompt-secret";
  adapters::JournalEncoder encoder;
  std::string text = encoder.step(1, core::event::ScreensCaptured{std::vector{screen}}, now, *heard, {});
  text += encoder.step(2, core::event::TranscriptGrew{{row}}, now, {}, {});
  core::effect::DeliverPrompt const prompt{core::SessionName{"s"}, screen.pane, "task-secret"};
  core::effect::StartSession const start{core::SessionName{"s"}, "/w", {"a", "argv-secret"}, {{"K", "env-secret"}}};
  text += encoder.step(3, core::event::Tick{}, now, {}, adapters::acting_effects({prompt, start}));
  core::Config config;
  config.notifications.telegram = core::TelegramConfig{"chat-secret", "/token-secret", "https://api-secret"};
  text += encoder.segment({"1", "start", 0, false, now, config, {}});
  CHECK_THAT(text, CF_CONTAINS("notifications.telegram"));
  CHECK(text.find("secret") == std::string::npos);
}

TEST_CASE("of a prompt the claims that it names are kept, and it compares as before", "[adapters][replay]") {
  std::string const claim = "01KCR3AC63GMS7WKXC4VMNZB0H";
  std::string const kept = "01kcr3ac63gms7wkxc4vmnzb0h";
  CHECK(adapters::journaled_prompt("Do it, claim=" + claim) == core::comparable_prompt("Do it, claim=" + claim));
  for (auto const* letter : {"a", "ß", "道", "\U0001F680"}) {
    std::string words;
    while (words.size() < 300) words += letter;
    for (auto const* before : {"", "x", "xy", "xyz"}) {
      auto const prompt = before + words + " secret `" + claim + "`, " + claim;
      auto const journaled = adapters::journaled_prompt(prompt);
      CHECK(journaled.ends_with(kept));
      CHECK(journaled.find(kept) == journaled.rfind(kept));
      CHECK(core::comparable_prompt(journaled) == core::comparable_prompt(prompt));
      CHECK(adapters::journaled_prompt(journaled) == journaled);
    }
  }
  auto const cut = adapters::journaled_prompt(std::string(190, 'b') + " " + claim);
  CHECK(cut.ends_with(kept));
  CHECK(adapters::journaled_prompt(cut) == cut);
  CHECK(adapters::journaled_prompt("x" + std::string(2000, ' ') + claim) == "x");
}

TEST_CASE("what repeats is written once: a screen that shows the same, a list of the same panes",
          "[adapters][replay]") {
  auto const heard = std::make_shared<adapters::Heard>();
  auto const reader =
      adapters::overheard({[](std::string_view, core::WallTime) { return core::Reading{}; }, {}}, heard);
  core::Screen const screen{{1, 2, core::PaneId{"%1"}}, "text"};
  core::Event const captured = core::event::ScreensCaptured{std::vector{screen}};
  adapters::JournalEncoder encoder;
  (void)reader.screen(screen.text, now.wall);
  auto const first = encoder.step(1, captured, now, *heard, {});
  auto const second = encoder.step(2, captured, now, *heard, {});
  CHECK_THAT(first, CF_CONTAINS("readings"));
  CHECK(second == "{\"v\":1,\"n\":2,\"now\":[1795377019123,5000000],\"event\":\"screens_captured\",\"same\":true}\n");
  (void)encoder.segment({});
  CHECK_THAT(encoder.step(3, captured, now, *heard, {}), CF_CONTAINS("readings"));
}

TEST_CASE("of a screen's last rows it is written whether they show work, not what they say", "[adapters][replay]") {
  auto const heard = std::make_shared<adapters::Heard>();
  auto const read = [](std::string_view text, core::WallTime) {
    core::Reading reading;
    reading.seen.state = core::ScreenState::working;
    reading.seen.evidence = {34, std::string(text)};
    reading.turn_hash = text.size();
    return reading;
  };
  auto const reader = adapters::overheard({read, {}}, heard);
  adapters::JournalEncoder encoder;
  std::uint64_t steps = 0;
  auto const captured = [&](std::string const& text, std::int64_t first_row) {
    core::Screen const screen{{1, 2, core::PaneId{"%1"}}, text, {}, false, first_row};
    (void)reader.screen(screen.text, now.wall);
    return encoder.step(++steps, core::event::ScreensCaptured{std::vector{screen}}, now, std::exchange(*heard, {}), {});
  };
  CHECK_THAT(captured("Thinking 1s", 1), CF_CONTAINS("Thinking 1s"));
  auto const tail = captured("Thinking 2s", 20);
  CHECK_THAT(tail, CF_CONTAINS("readings") && !CF_CONTAINS("Thinking"));
  CHECK_THAT(captured("Thinking, it has said more, 3s", 20), !CF_CONTAINS("readings"));
  CHECK_THAT(captured("Thinking 4s", 1), CF_CONTAINS("Thinking 4s"));
}

TEST_CASE("a look at a long queue is written as what changed since the one before", "[adapters][replay]") {
  auto const task = [](int number, core::TaskPlace place) {
    core::TaskFile file;
    file.id = core::TaskId{"id-" + std::to_string(number)};
    file.file_name = file.title = "task-" + std::to_string(number) + ".md";
    file.place = place;
    return file;
  };
  core::QueueListing listing;
  for (int number = 0; number < 1'000; ++number) listing.tasks.push_back(task(number, core::TaskPlace::pending));
  adapters::JournalSegment segment;
  segment.now = now;
  segment.state.live.queue = listing;
  adapters::JournalEncoder encoder;
  adapters::JournalDecoder decoder;
  REQUIRE(decoder.take(encoder.segment(segment)));
  auto const comes_back = [&](core::Event const& event) {
    auto const line = encoder.step(1, event, now, {}, {});
    auto const taken = decoder.take(line);
    if (!taken) FAIL(taken.error().detail << "\n" << line);
    CHECK(std::get<adapters::JournalStep>(*taken).event == event);
    return line.size();
  };
  CHECK(comes_back(core::event::QueueScanned{listing}) < 200U);
  listing.tasks.erase(listing.tasks.begin() + 3, listing.tasks.begin() + 5);
  listing.tasks.insert(listing.tasks.begin(), task(3, core::TaskPlace::claimed));
  listing.tasks.push_back(task(5'000, core::TaskPlace::failed));
  listing.signals.push_back({core::TaskId{"id-3"}, core::ClaimId{"claim"}, false, "why"});
  listing.settling = 7;
  CHECK(comes_back(core::event::QueueScanned{listing}) < 2'000U);
  CHECK(comes_back(core::event::QueueScanned{core::Error{core::ErrorKind::io, "cannot"}}) < 200U);
  CHECK(comes_back(core::event::QueueScanned{listing}) < 400U);
  std::reverse(listing.tasks.begin(), listing.tasks.end());
  comes_back(core::event::QueueScanned{listing});
  comes_back(core::event::QueueScanned{core::QueueListing{}});
  listing.tasks.push_back(listing.tasks.front());
  comes_back(core::event::QueueScanned{listing});
}

TEST_CASE("changes that have one task more than once are refused", "[adapters][replay]") {
  core::QueueListing before;
  before.tasks.resize(3);
  adapters::ListingPiece const all{0, 3, {}};
  CHECK(adapters::changed_listing(before, {{all}, {}, 0})->tasks.size() == 3);
  auto const twice = adapters::changed_listing(before, {{all, all}, {}, 0});
  REQUIRE_FALSE(twice);
  CHECK(twice.error().kind == core::ErrorKind::invalid);
}

TEST_CASE("changes of another look at the queue are refused", "[adapters][replay]") {
  adapters::JournalDecoder decoder;
  REQUIRE(decoder.take(adapters::JournalEncoder().segment({})));
  auto const taken = decoder.take(R"({"v":1,"n":1,"now":[0,0],"event":"queue_scanned","changes":)"
                                  R"({"tasks":[{"from":0,"count":1,"fresh":null}],"signals":[],"settling":0}})");
  REQUIRE_FALSE(taken);
  CHECK(taken.error().kind == core::ErrorKind::invalid);
}

TEST_CASE("what is no line of a journal, or one of a newer version, is refused by name", "[adapters][replay]") {
  adapters::Replay replay;
  for (std::string const line : {"", "{", "[]", "{}", "{\"v\":\"1\"}", "{\"v\":1}", "{\"v\":1,\"segment\":{}}",
                                 "{\"v\":1,\"n\":1,\"now\":[0,0],\"event\":\"tick\",\"same\":true}"}) {
    INFO(line);
    auto const taken = replay.take(line);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().kind == core::ErrorKind::invalid);
  }
  auto const early = replay.take("{\"v\":1,\"n\":1,\"now\":[0,0],\"event\":\"tick\"}");
  REQUIRE_FALSE(early);
  CHECK_THAT(early.error().detail, CF_CONTAINS("before"));
  auto const newer = replay.take("{\"v\":2,\"anything\":1}");
  REQUIRE_FALSE(newer);
  CHECK(newer.error().kind == core::ErrorKind::unsupported);
}
