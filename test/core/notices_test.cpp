#include "core/notices.hpp"

#include "test/support/catch.hpp"
#include "test/support/engine_world.hpp"

using namespace failover::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

struct Outbox {
  Config config = [] {
    Config c;
    c.notifications.telegram = TelegramConfig{};
    c.notifications.command = CommandChannelConfig{{"true"}};
    return c;
  }();
  AgentReader read = {read_word, read_words};
  State state = {};
  Effects out = {};
  Now now = {WallTime{std::chrono::hours{1}}, MonoTime{std::chrono::hours{1}}};

  failover::core::Step step() { return {config, read, false, now, state, out}; }
  void wait(Duration time) { now = {now.wall + time, now.mono + time}; }
  std::vector<Message> due() {
    out.clear();
    auto s = step();
    send_due(s);
    std::vector<Message> messages;
    for (auto const& effect : out)
      if (auto const* send = std::get_if<effect::SendMessage>(&effect)) messages.push_back(send->message);
    return messages;
  }
  void answer(std::string const& id, std::optional<SendFailure> failure) {
    auto s = step();
    on_message_sent(s, {id, std::move(failure)});
  }
  void say(std::string const& subject) {
    auto s = step();
    failover::core::tell(s, subject, "text");
  }
};

SendFailure busy(std::optional<Duration> after = {}) {
  return {{ErrorKind::unavailable, "try later"}, after, false};
}

}  // namespace

TEST_CASE("a message goes to every configured channel once", "[core][notices]") {
  Outbox box;
  box.say("hello");
  auto const messages = box.due();
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].channel != messages[1].channel);
  for (auto const& message : messages) box.answer(message.id, std::nullopt);
  CHECK(box.state.outbox.empty());
  CHECK(box.due().empty());
}

TEST_CASE("messages of a channel keep their order while one waits", "[core][notices]") {
  Outbox box;
  box.config.notifications.telegram.reset();
  box.say("first");
  box.say("second");
  auto first = box.due();
  REQUIRE(first.size() == 1);
  CHECK(first[0].subject == "first");
  box.answer(first[0].id, busy());
  CHECK(box.due().empty());
  box.wait(seconds{6});
  first = box.due();
  REQUIRE(first.size() == 1);
  CHECK(first[0].subject == "first");
}

TEST_CASE("retry_after is honoured", "[core][notices]") {
  Outbox box;
  box.config.notifications.telegram.reset();
  box.say("first");
  box.answer(box.due().at(0).id, busy(minutes{3}));
  box.wait(minutes{2});
  CHECK(box.due().empty());
  box.wait(minutes{1});
  CHECK(box.due().size() == 1);
}

TEST_CASE("a channel that refuses for good is given up, and the other one tells", "[core][notices]") {
  Outbox box;
  box.say("first");
  for (auto const& message : box.due()) {
    if (message.channel == Channel::telegram)
      box.answer(message.id, SendFailure{{ErrorKind::refused, "401: no such bot"}, {}, true});
    else
      box.answer(message.id, std::nullopt);
  }
  auto const told = box.due();
  REQUIRE(told.size() == 1);
  CHECK(told[0].channel == Channel::command);
  CHECK(told[0].subject == "Channel telegram is dead");
  CHECK_THAT(told[0].body, CF_CONTAINS("401") && CF_CONTAINS("first"));
}

TEST_CASE("the outbox is bounded", "[core][notices]") {
  Outbox box;
  for (std::size_t i = 0; i < 2 * max_outbox; ++i) box.say(std::to_string(i));
  CHECK(box.state.outbox.size() == max_outbox);
  CHECK(box.state.outbox.back().message.subject == std::to_string(2 * max_outbox - 1));
}

TEST_CASE("words about a limit on the screen that no rule knows are told once, the session stays free",
          "[core][notices]") {
  auto const strange = [](std::string_view screen, WallTime now) {
    auto reading = read_word(screen, now);
    if (screen.starts_with("idle")) reading.unrecognised = "Ration exhausted until 3pm";
    return reading;
  };
  EngineWorld world{EngineWorld::fleet(), {}, {strange, read_words}};
  world.pass(seconds{40});
  world.show("s1", "idle 2");
  world.pass(minutes{2});
  CHECK(std::count_if(world.log.begin(), world.log.end(),
                      [](auto const& line) { return line.message == "unrecognised wording"; }) == 1);
  CHECK(world.phase("s1") == Phase::idle);
  CHECK(world.state.active == AccountName("a"));
}
