#include "adapters/yaml_tree.hpp"

#include "test/support/catch.hpp"

#include <chrono>
#include <functional>

using namespace failover::adapters;

namespace {

std::string repeated(std::size_t times, std::string const& text) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string many_keys(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "key" + std::to_string(i) + ": 1\n";
  return text;
}

std::string alias_bomb() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    auto const alias = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias + repeated(8, ", " + alias) + "]\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a tree knows where each key and value stood", "[adapters][yaml_tree]") {
  auto const tree = parse_yaml("a: 1\r\nb:\r\n  - \"x\"\r\n  - ~\r\nc: {d: }\r\n");
  REQUIRE(tree.complete);
  CHECK(tree.problems.empty());
  REQUIRE(tree.root.items.size() == 3);
  auto const& a = tree.root.items[0];
  CHECK(a.key == "a");
  CHECK(a.text == "1");
  CHECK_FALSE(a.quoted);
  CHECK(a.key_at == TextPosition{1, 1});
  CHECK(a.at == TextPosition{1, 4});
  auto const& b = tree.root.items[1];
  REQUIRE(b.kind == YamlNode::Kind::list);
  CHECK(b.items[0].quoted);
  CHECK(b.items[0].at == TextPosition{3, 5});
  CHECK(b.items[1].kind == YamlNode::Kind::nothing);
  CHECK(b.items[1].text == "~");
  auto const& c = tree.root.items[2];
  REQUIRE(c.kind == YamlNode::Kind::map);
  CHECK(c.items[0].kind == YamlNode::Kind::nothing);
  CHECK(c.items[0].text.empty());
}

TEST_CASE("an empty text is a complete tree of nothing", "[adapters][yaml_tree]") {
  for (std::string const text : {"", "# only a comment\n", "---\n", "...\n", "\n\n", "\xEF\xBB\xBF"}) {
    INFO(text);
    auto const tree = parse_yaml(text);
    CHECK(tree.complete);
    CHECK(tree.problems.empty());
    CHECK(tree.root.kind == YamlNode::Kind::nothing);
  }
}

TEST_CASE("a byte order mark is no part of the first key", "[adapters][yaml_tree]") {
  auto const tree = parse_yaml("\xEF\xBB\xBFkey: 'x'\n");
  REQUIRE(tree.complete);
  CHECK(tree.root.items.at(0).key == "key");
}

TEST_CASE("what yaml-cpp passes over in silence is a problem", "[adapters][yaml_tree]") {
  struct Case {
    std::string text;
    TextPosition at;
    std::string says;
  };
  std::vector<Case> const cases{
      {"a: 1\nb: 2\na: 3\n", {3, 1}, "'a' is written twice: it stands in line 1 already"},
      {"a: 1\n---\nb: 2\n", {2, 1}, "a second document begins here"},
      {"a: \"x\nb: 1\n", {1, 4}, "never closed"},
      {"a: \"x\\\"\nb: 1\n", {1, 4}, "never closed"},
      {"a: &x 1\n", {1, 4}, "anchors"},
      {"a: &x [1]\n", {1, 4}, "anchors"},
      {"a: !!str 1\n", {1, 4}, "tags"},
      {"a: !x [1]\n", {1, 4}, "tags"},
      {"? [a]\n: b\n", {1, 3}, "a key must be one word"},
      {"~: b\n", {1, 1}, "a key must be one word"},
      {std::string("a: 1\nb: \0\n", 10), {2, 4}, "control character"},
      {"a: \x1b[31m\n", {1, 4}, "control character"},
      {"a: 1\nb: x\xff\n", {2, 5}, "not UTF-8"},
      {"a: \xed\xa0\x80\n", {1, 4}, "not UTF-8"},
  };
  for (auto const& one : cases) {
    INFO(one.text);
    auto const tree = parse_yaml(one.text);
    REQUIRE(tree.problems.size() == 1);
    CHECK(tree.problems[0].at == one.at);
    CHECK_THAT(tree.problems[0].message, CF_CONTAINS(one.says));
  }
}

TEST_CASE("broken YAML is a problem at its place", "[adapters][yaml_tree]") {
  struct Case {
    std::string text;
    int line;
    std::string says;
  };
  std::vector<Case> const cases{
      {"a: [1\nb: 2\n", 2, "not valid YAML"},     {"a: 1\n- b\n", 2, "not valid YAML"},
      {"a:\n    b: 1\n  c: 2\n", 3, "not valid"}, {"a: 'x", 1, "not valid YAML"},
      {"a: b: c\n", 1, "not valid YAML"},         {"a:\n\tb: 1\n", 2, "a tab cannot indent YAML"},
      {"a: 1\n\tb: 2\n", 2, "a tab cannot"},      {"a: 1\n]\n", 2, "not valid YAML"},
      {"a: *unknown\n", 1, "not valid YAML"},     {"a: \"\\q\"\n", 1, "not valid YAML"},
      {"%YAML 9.9\n---\na: 1\n", 1, "not valid"}, {"a: }\n", 1, "not valid YAML"},
  };
  for (auto const& one : cases) {
    INFO(one.text);
    auto const tree = parse_yaml(one.text);
    CHECK_FALSE(tree.complete);
    REQUIRE(tree.problems.size() == 1);
    CHECK(tree.problems[0].at.line == one.line);
    CHECK_THAT(tree.problems[0].message, CF_CONTAINS(one.says));
  }
}

TEST_CASE("aliases are never followed", "[adapters][yaml_tree]") {
  auto const self = parse_yaml("a: &a [*a]\n");
  CHECK(self.complete);
  REQUIRE(self.problems.size() == 2);
  CHECK(self.root.items.at(0).items.at(0).kind == YamlNode::Kind::alias);

  auto const bomb = parse_yaml(alias_bomb());
  CHECK(bomb.complete);
  CHECK(bomb.problems.size() == 9 + 8 * 9);
  CHECK(bomb.root.items.size() == 9);
}

TEST_CASE("hostile texts end within the budgets", "[adapters][yaml_tree]") {
  struct Case {
    std::string name;
    std::string text;
  };
  std::vector<Case> const cases{
      {"400,000 keys", many_keys(400'000)},
      {"400,000 keys cut to a MiB", many_keys(80'000)},
      {"keys in braces", "{" + repeated(70'000, "\"some key\": 1,")},
      {"200,000 brackets", std::string(200'000, '[')},
      {"a MiB of braces", std::string(1'000'000, '{')},
      {"nested dashes", repeated(300'000, "- ")},
      {"nested question marks", repeated(300'000, "? ")},
      {"commas", "[" + std::string(1'000'000, ',')},
      {"documents", repeated(250'000, "---\n")},
      {"colons", std::string(1'000'000, ':')},
      {"one long key", std::string(1'000'000, 'x') + ": 1\n"},
      {"a flow of quotes", "[" + repeated(300'000, "\"a\" ")},
      {"exclamation marks", std::string(1'000'000, '!')},
      {"2 MiB", "a: " + std::string(2 << 20, 'x')},
  };
  for (auto const& one : cases) {
    INFO(one.name);
    auto const begin = std::chrono::steady_clock::now();
    auto const tree = parse_yaml(one.text);
    auto const taken = std::chrono::steady_clock::now() - begin;
    CHECK_FALSE(tree.complete);
    CHECK(tree.problems.size() == 1);
    CHECK(taken < std::chrono::seconds{10});  // yaml-cpp's own nodes took 18 s for the first; a busy machine is slow
  }
}

TEST_CASE("limits hold to the node", "[adapters][yaml_tree]") {
  CHECK(parse_yaml("[1, 2, 3]", {.nodes = 4}).complete);
  CHECK_FALSE(parse_yaml("[1, 2, 3]", {.nodes = 3}).complete);
  CHECK(parse_yaml("[[1]]", {.depth = 2}).complete);
  CHECK_FALSE(parse_yaml("[[[1]]]", {.depth = 2}).complete);
  CHECK(parse_yaml("a: 1", {.bytes = 4}).complete);
  CHECK_FALSE(parse_yaml("a: 12", {.bytes = 4}).complete);
}
