#include "adapters/task_splice.hpp"

#include "test/support/catch.hpp"

using namespace failover;
using namespace failover::adapters;

namespace {

AskedKeys const both{core::SessionName("pool-1"), 5};

std::string text(std::string const& bytes, AskedKeys const& asked = both) {
  auto const spliced = with_keys(TaskFormat::text, bytes, asked);
  return spliced ? *spliced : "refused: " + spliced.error().detail;
}

std::string yaml(std::string const& bytes, AskedKeys const& asked = both) {
  auto const spliced = with_keys(TaskFormat::yaml, bytes, asked);
  return spliced ? *spliced : "refused: " + spliced.error().detail;
}

}  // namespace

TEST_CASE("a text without front matter gets one", "[adapters][queue]") {
  CHECK(text("do it\n") == "---\nsession: 'pool-1'\npriority: 5\n---\ndo it\n");
  CHECK(text("\xEF\xBB\xBF"
             "do it",
             {{}, -3}) == "\xEF\xBB\xBF---\npriority: -3\n---\ndo it");
}

TEST_CASE("what is asked for takes the place of what the file says, every other byte stays", "[adapters][queue]") {
  CHECK(text("---\r\n# why\r\nretries: 2\r\nsession: other  # mine\r\n---\r\ndo it\r\n") ==
        "---\r\nsession: 'pool-1'\npriority: 5\n# why\r\nretries: 2\r\n---\r\ndo it\r\n");
  CHECK(text("---\npriority: 1\n---\nsession: no key\n", {{}, 7}) == "---\npriority: 7\n---\nsession: no key\n");
  CHECK(text("---\n---\ndo it\n", {{}, 7}) == "---\npriority: 7\n---\ndo it\n");
  CHECK(yaml("---\nprompt: |\n  session: of the text\npriority: 2\n") ==
        "---\nsession: 'pool-1'\npriority: 5\nprompt: |\n  session: of the text\n");
  CHECK(yaml("prompt: do it") == "session: 'pool-1'\npriority: 5\nprompt: do it");
}

TEST_CASE("without anything asked for the file stays as it is", "[adapters][queue]") {
  CHECK(text("do it\n", {}) == "do it\n");
  CHECK(text("---\n{priority: 3}\n---\ndo it\n", {}) == "---\n{priority: 3}\n---\ndo it\n");
}

TEST_CASE("keys that do not stand one a line are left to their author", "[adapters][queue]") {
  for (std::string const keys :
       {"{priority: 3, retries: 1}", "{retries: 1}", "priority:\n  3", "session: \"a\n  b\"\nretries: 1"})
    CHECK_THAT(text("---\n" + keys + "\n---\ndo it\n"), CF_CONTAINS("refused: its keys do not stand one a line"));
}

TEST_CASE("a value that no task may have is refused", "[adapters][queue]") {
  CHECK_THAT(text("do it\n", {{}, 1'000'001}), CF_CONTAINS("refused: 2:11: priority must be"));
  for (std::string const name : {"", "a\nb", "a\x1B[1m"})
    CHECK_THAT(text("do it\n", {core::SessionName(name), {}}), CF_CONTAINS("refused: "));
}

TEST_CASE("a session's name is put in as it is, whatever YAML would make of it", "[adapters][queue]") {
  for (std::string const name : {"it's", "null", "5", "a: b", "- x", "# x", "\"q\"", "*a", "{b}", "é"}) {
    auto const spliced = with_keys(TaskFormat::text, "do it\n", {core::SessionName(name), {}});
    REQUIRE(spliced);
    auto const head = parse_task(TaskFormat::text, *spliced, Extent::whole);
    REQUIRE(head);
    CHECK(head->request.session == core::SessionName(name));
  }
}
