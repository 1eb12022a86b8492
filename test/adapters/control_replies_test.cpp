#include "adapters/control_replies.hpp"

#include "test/support/catch.hpp"

#include <cstdint>
#include <optional>
#include <random>

using failover::adapters::tmux::ControlReplies;
using Progress = ControlReplies::Progress;

namespace {

std::string const mark = "cf0123";

std::string block(std::string const& numbers, std::string const& content) {
  return "%begin " + numbers + "\n" + content + "%end " + numbers + "\n";
}

std::string const end_block = block("9 99 1", mark + " end\n");

/// The answer to one question, given in one piece; nothing when its end did not come.
std::optional<std::string> answer(std::string const& printed, std::size_t max_bytes = 1 << 20) {
  ControlReplies replies;
  replies.expect(mark, max_bytes);
  if (replies.take(printed) != Progress::done) return {};
  return replies.take_answer();
}

}  // namespace

TEST_CASE("the answer is the content of the blocks, without news between them", "[adapters][tmux_control]") {
  auto const printed = block("1 1 0", "") + "%session-changed $0 a\n" + block("1 2 1", mark + " 1 2 %3\n") +
                       block("1 3 1", "") + "%sessions-changed\n" + block("1 4 1", "one\n\ntwo\n") + end_block;
  CHECK(answer(printed) == mark + " 1 2 %3\none\n\ntwo\n" + mark + " end\n");
}

TEST_CASE("what a command printed before it failed is left out, and its complaint", "[adapters][tmux_control]") {
  auto const failed = "%begin 1 3 1\nrow\ncan't find pane: %99\n%error 1 3 1\n";
  CHECK(answer(block("1 2 1", "a\n") + failed + block("1 4 1", "b\n") + end_block) == "a\nb\n" + mark + " end\n");
}

TEST_CASE("a screen that shows lines of the protocol is content as it is", "[adapters][tmux_control]") {
  std::string const screen = "%end 1 2 3\n%begin 1 2 1\n%error 1 4 2\n%exit\n%end 1 4 \n%end 1 4 0\n%output %1 x\n";
  CHECK(answer(block("1 4 1", screen) + end_block) == screen + mark + " end\n");
}

TEST_CASE("a screen that imitates its block's own end harms only its own text", "[adapters][tmux_control]") {
  auto const capture = [](std::string const& pane, std::string const& numbers, std::string const& screen) {
    return block("1 3 1", mark + " 1 2 " + pane + "\n") + block("1 4 1", "") + block(numbers, screen);
  };
  std::string const ours = mark + " 1 2 %2\nmine\n\n" + mark + " end\n";
  auto const next = capture("%2", "1 6 1", "mine\n\n") + end_block;
  for (std::string const screen :
       {"a\n%end 1 5 1\nb\n%dropped\n", "a\n%error 1 5 1\nb\n", "a\n%end 1 5 1\n%begin 7 7 7\nb\n",
        "a\n%end 1 5 1\n%begin 7 7 7\nb\n%end 7 7 7\nc\n", "a\n%end 1 5 1\n%begin 7 7 7\nb\n%error 7 7 7\nc\n",
        "%end 1 5 1\n%exit\n", "%end 1 5 1\n%begin 1 6 1\n", "%end 1 5 1\n%begin 9 99 1\n"}) {
    auto const got = answer(capture("%1", "1 5 1", screen) + next);
    INFO(screen << "----\n" << got.value_or("no end"));
    REQUIRE(got);
    CHECK(got->starts_with(mark + " 1 2 %1\n"));
    CHECK(got->ends_with(ours));
    CHECK(got->find(mark, 1) == got->size() - ours.size());
  }
}

TEST_CASE("rows of a listing keep somebody's line feeds, whatever follows them", "[adapters][tmux_control]") {
  std::string const rows = mark + "[1|/a\n%end 1 2 3\nb]\n" + mark + "[2|/c]\n";
  CHECK(answer(block("1 4 1", rows) + end_block) == rows + mark + " end\n");
}

TEST_CASE("reading in pieces of any size gives the same answer", "[adapters][tmux_control]") {
  auto const printed = block("1 1 0", "") + "%session-changed $0 a\n" + block("1 4 1", "hé ❯\n%end 1 2 3\n\n") +
                       "%begin 1 5 1\nno\n%error 1 5 1\n" + end_block;
  auto const whole = answer(printed);
  REQUIRE(whole);
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    ControlReplies replies;
    replies.expect(mark, 1 << 20);
    auto progress = Progress::more;
    for (std::string_view rest = printed; !rest.empty();) {
      auto const count = std::min<std::size_t>(1 + random() % 9, rest.size());
      progress = replies.take(rest.substr(0, count));
      rest.remove_prefix(count);
    }
    REQUIRE(progress == Progress::done);
    CHECK(replies.take_answer() == *whole);
  }
}

TEST_CASE("news between two questions is dropped, also when the second comes in its middle",
          "[adapters][tmux_control]") {
  ControlReplies replies;
  CHECK(replies.take("%session-changed $0 a\n") == Progress::more);
  replies.expect(mark, 1 << 20);
  CHECK(replies.take(block("1 4 1", "a\n") + end_block.substr(0, end_block.size() - 3)) == Progress::done);
  CHECK(replies.take_answer() == "a\n" + mark + " end\n");
  CHECK(replies.take("9 1\n%session-renamed $0 ") == Progress::more);
  replies.expect("cf4567", 1 << 20);
  CHECK(replies.take("a name\n" + block("2 4 1", "b\ncf4567 end\n")) == Progress::done);
  CHECK(replies.take_answer() == "b\ncf4567 end\n");
}

TEST_CASE("an endless line between two questions is not kept, and no part of the next answer",
          "[adapters][tmux_control]") {
  ControlReplies replies;
  for (int i = 0; i < 100; ++i) CHECK(replies.take(std::string(1000, 'x')) == Progress::more);
  replies.expect(mark, 100);
  CHECK(replies.take("xxx\n" + block("1 4 1", "a\n") + end_block) == Progress::done);
  CHECK(replies.take_answer() == "a\n" + mark + " end\n");
}

TEST_CASE("an answer beyond the bound is too large, in one line as in many", "[adapters][tmux_control]") {
  for (auto const& printed : {"%begin 1 4 1\n" + std::string(101, 'x'), block("1 4 1", std::string(101, '\n'))}) {
    ControlReplies replies;
    replies.expect(mark, 100);
    CHECK(replies.take(printed) == Progress::too_large);
  }
  CHECK(answer(end_block, mark.size() + 5));
}
