#include "adapters/task_file.hpp"

#include "test/support/catch.hpp"

#include <chrono>
#include <string>

namespace adapters = failover::adapters;
namespace core = failover::core;
using adapters::Extent;
using adapters::TaskFormat;
using namespace std::chrono_literals;

namespace {

core::Result<adapters::TaskHead> text(std::string const& bytes, Extent extent = Extent::whole) {
  return adapters::parse_task(TaskFormat::text, bytes, extent);
}
core::Result<adapters::TaskHead> yaml(std::string const& bytes) {
  return adapters::parse_task(TaskFormat::yaml, bytes, Extent::whole);
}

/// The refusal of front matter that consists of one line.
std::string refusal(std::string const& line) {
  auto const outcome = text("---\n" + line + "\n---\ndo it\n");
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == core::ErrorKind::invalid);
  return outcome.error().detail;
}

}  // namespace

TEST_CASE("task files are told by the end of their name", "[adapters][task_file]") {
  CHECK(adapters::task_format("a.md") == TaskFormat::text);
  CHECK(adapters::task_format("a.txt") == TaskFormat::text);
  CHECK(adapters::task_format("a.yaml") == TaskFormat::yaml);
  for (std::string const name : {"a", "a.md~", "a.MD", "a.json", "md", ""}) CHECK_FALSE(adapters::task_format(name));
}

TEST_CASE("text without front matter asks for nothing special", "[adapters][task_file]") {
  adapters::TaskHead const nothing;
  CHECK(text("do it") == core::Result<adapters::TaskHead>{nothing});
  CHECK(text("# Title\n\n---\nsession: not front matter\n---\n") == core::Result<adapters::TaskHead>{nothing});
  CHECK(text("---\n---\ndo it") == core::Result<adapters::TaskHead>{nothing});
  CHECK(text(" ---\nid: no\n---\n") == core::Result<adapters::TaskHead>{nothing});
}

TEST_CASE("front matter says what the author asks for", "[adapters][task_file]") {
  auto const head = text(
      "---\nsession: main\npriority: -5\ntimeout: 1h30m\nretries: 0\nnot_before: 2026-11-22T20:50:19+01:00\n"
      "id: deploy_7-a\n---\ndo it\n");
  REQUIRE(head);
  CHECK(head->id == core::TaskId{"deploy_7-a"});
  CHECK(head->request.session == core::SessionName{"main"});
  CHECK(head->request.priority == -5);
  CHECK(head->request.timeout == core::Duration{90min});
  CHECK(head->request.retries == 0);
  CHECK(head->request.not_before == core::WallTime{1'795'377'019'000ms});
}

TEST_CASE("front matter may come from other editors and systems", "[adapters][task_file]") {
  auto const head = text("\xEF\xBB\xBF---  \r\npriority: 3\r\n---\r\ndo it\r\n");
  REQUIRE(head);
  CHECK(head->request.priority == 3);
}

TEST_CASE("a YAML task holds its text under prompt", "[adapters][task_file]") {
  auto const head = yaml("priority: 2\nprompt: |\n  do it\n  ---\n  and more\n");
  REQUIRE(head);
  CHECK(head->request.priority == 2);
  for (std::string const bytes :
       {"", "priority: 2\n", "prompt:\n", "prompt: ''\n", "prompt: [a]\n", "- prompt\n", "do it"})
    CHECK_FALSE(yaml(bytes));
  CHECK_THAT(yaml("priority: 2\n").error().detail, CF_CONTAINS("'prompt'"));
}

TEST_CASE("a refusal names line, column and key", "[adapters][task_file]") {
  CHECK_THAT(refusal("session: main\nprioritty: 1"), CF_CONTAINS("3:1: ") && CF_CONTAINS("'priority'"));
  CHECK_THAT(refusal("priority: high"), CF_CONTAINS("2:11: ") && CF_CONTAINS("'high'"));
  CHECK_THAT(refusal("timeout: 30"), CF_CONTAINS("2:10: timeout"));
  CHECK_THAT(refusal("prompt: x"), CF_CONTAINS("unknown key"));
  CHECK_THAT(refusal("priority: 1\npriority: 2"), CF_CONTAINS("3:1: ") && CF_CONTAINS("line 2 already"));
  CHECK_THAT(refusal("priority: [1"), CF_CONTAINS("3:1: "));
}

TEST_CASE("values out of range are refused", "[adapters][task_file]") {
  for (std::string const line : {"priority: 1000001",
                                 "priority: 1.5",
                                 "priority: 99999999999999999999",
                                 "retries: -1",
                                 "retries: 101",
                                 "timeout: 0s",
                                 "timeout: -5m",
                                 "timeout: soon",
                                 "not_before: tomorrow",
                                 "not_before: 2026-02-30T00:00:00Z",
                                 "id: ''",
                                 "id: -rf",
                                 "id: a/b",
                                 "id: ../x",
                                 "id: a.b",
                                 "session: ''",
                                 "session: [a, b]",
                                 "session: {a: b}",
                                 "session:",
                                 "priority: ~",
                                 "id: \"a\\nb\"",
                                 "session: \"a\\x1bb\""})
    CHECK_THAT(refusal(line), CF_CONTAINS("2:"));
  CHECK_THAT(refusal("id: " + std::string(65, 'a')), CF_CONTAINS("64"));
}

TEST_CASE("a task may ask for a kind of session, a directory, an agent and an account", "[adapters][task_file]") {
  auto const head =
      text("---\nkind: dedicated\nworkdir: /home/me//site/\nagent: claude-code\naccount: main\n---\ndo it\n");
  REQUIRE(head);
  CHECK(head->request.kind == core::SessionKind::dedicated);
  CHECK(head->request.workdir == "/home/me/site");
  CHECK(head->request.agent == "claude-code");
  CHECK(head->request.account == core::AccountName{"main"});
  CHECK_THAT(refusal("kind: dedicatd"), CF_CONTAINS("2:7: kind") && CF_CONTAINS("did you mean 'dedicated'?"));
  CHECK_THAT(refusal("workdir: site"), CF_CONTAINS("2:10: workdir must be an absolute path"));
  CHECK_THAT(refusal("workdir: [/a]"), CF_CONTAINS("2:1: workdir must be one value"));
  CHECK_THAT(refusal("agent: ''"), CF_CONTAINS("2:8: "));
  CHECK_THAT(refusal("account: {a: b}"), CF_CONTAINS("2:1: "));
}

TEST_CASE("a task may come after one other or several", "[adapters][task_file]") {
  CHECK(text("---\nafter: build-1\n---\ndo it\n")->request.after == std::vector{core::TaskId{"build-1"}});
  auto const two = std::vector{core::TaskId{"a"}, core::TaskId{"7"}};
  CHECK(text("---\nafter: [a, 7]\n---\ndo it\n")->request.after == two);
  CHECK(yaml("after:\n  - a\n  - 7\nprompt: do it\n")->request.after == two);
}

TEST_CASE("a refused list of tasks names the item's place", "[adapters][task_file]") {
  CHECK_THAT(refusal("after:\n  - a\n  - b c"), CF_CONTAINS("4:5: an id is"));
  CHECK_THAT(refusal("after: [a, a]"), CF_CONTAINS("2:12: after names 'a' twice"));
  CHECK_THAT(refusal("after: [[a]]"), CF_CONTAINS("2:9: "));
  CHECK_THAT(refusal("after: []"), CF_CONTAINS("2:8: after must name 1 to 64 tasks"));
  CHECK_THAT(refusal("after: {a: b}"), CF_CONTAINS("2:1: after must be an id or a list of ids"));
  CHECK_THAT(refusal("id: a\nafter: a"), CF_CONTAINS("3:8: a task cannot come after itself"));
  std::string many;
  for (int number = 0; number < 65; ++number) many += "\n- t" + std::to_string(number);
  CHECK_THAT(refusal("after:" + many), CF_CONTAINS("1 to 64 tasks"));
}

TEST_CASE("a number in quotes is a text", "[adapters][task_file]") {
  CHECK_THAT(refusal("priority: \"5\""), CF_CONTAINS("2:11: ") && CF_CONTAINS("not the text '5'"));
}

TEST_CASE("a task can be checked before it is written", "[adapters][task_file]") {
  CHECK(adapters::check_task("a.md", "---\npriority: 2\n---\ndo it\n", 100)->request.priority == 2);
  CHECK_THAT(adapters::check_task("a.md", "---\nprio: 2\n---\ndo it\n", 100).error().detail, CF_CONTAINS("2:1: "));
  CHECK_THAT(adapters::check_task("a.sh", "do it", 100).error().detail, CF_CONTAINS(".md, .txt or .yaml"));
  CHECK(adapters::check_task("a.md", std::string(101, 'x'), 100).error().kind == core::ErrorKind::too_large);
}

TEST_CASE("YAML that hides something is refused", "[adapters][task_file]") {
  for (std::string const lines : {"priority: 1\npriority: 2", "priority: &a 1\nretries: *a", "priority: \"1",
                                  "a: &a [*a]", "priority: 1\n...\nretries: 1", "priority: !!int 1", "? [a]\n: b",
                                  "\tpriority: 1", "priority: 1: 2", "- a", "just text", "id: \xFF"})
    CHECK_FALSE(refusal(lines).empty());
}

TEST_CASE("front matter that is not closed is refused", "[adapters][task_file]") {
  CHECK_THAT(text("---\npriority: 1\ndo it\n").error().detail, CF_CONTAINS("not closed"));
  CHECK_THAT(text("---").error().detail, CF_CONTAINS("not closed"));
  auto const far = "---\n" + std::string(adapters::max_front_matter + 10, '#') + "\n---\ndo it\n";
  CHECK_THAT(text(far).error().detail, CF_CONTAINS("not closed"));
}

TEST_CASE("an empty task is refused, but a beginning may be without text", "[adapters][task_file]") {
  for (std::string const bytes : {"", " \n\t\r\n", "---\npriority: 1\n---\n", "---\npriority: 1\n---\n \n"})
    CHECK_THAT(text(bytes).error().detail, CF_CONTAINS("empty"));
  CHECK(text("---\npriority: 1\n---\n", Extent::beginning));
}

TEST_CASE("hostile YAML is refused in no time", "[adapters][task_file]") {
  std::string many_keys;
  for (int number = 0; number < 100'000; ++number) many_keys += "k" + std::to_string(number) + ": 1\n";
  for (auto const& bytes : {std::string(200'000, '['), many_keys, "prompt: " + std::string(200'000, '{'),
                            std::string(1 << 20, '\xFF'), std::string(1 << 20, '\0')})
    CHECK_FALSE(yaml(bytes));
}

TEST_CASE("a long prompt is as good as a short one", "[adapters][task_file]") {
  CHECK(yaml("prompt: " + std::string(1'000'000, 'x') + "\n"));
}
