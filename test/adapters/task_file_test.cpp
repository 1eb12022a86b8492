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
std::string refusal(std::string const& line, core::ErrorKind kind = core::ErrorKind::invalid) {
  auto const outcome = text("---\n" + line + "\n---\ndo it\n");
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == kind);
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

TEST_CASE("keys that come with a later version are refused, not ignored", "[adapters][task_file]") {
  for (std::string const key : {"kind", "workdir", "agent", "account", "after"})
    CHECK_THAT(refusal(key + ": x", core::ErrorKind::unsupported), CF_CONTAINS("'" + key + "' is not supported yet"));
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
