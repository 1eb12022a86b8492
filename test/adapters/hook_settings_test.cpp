#include "adapters/hook_settings.hpp"

#include "adapters/json_text.hpp"
#include "test/support/any_settings.hpp"
#include "test/support/catch.hpp"

#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

using namespace failover::adapters;
using failover::core::ErrorKind;
using failover::test::AnySettings;
namespace json = boost::json;

namespace {

HookCommands const commands{"/usr/bin/claude-failover", "/run/user/1000/cf/control.sock", "/home/u's/spool"};
HookCommands const moved{"/opt/new/claude-failover", "/run/other/control.sock", "/home/u/other/spool"};

std::string add(std::string const& text, TheirStatusLine theirs = TheirStatusLine::keep,
                HookCommands const& paths = commands) {
  auto const result = add_hooks(text, paths, theirs);
  INFO(text);
  if (!result) FAIL(result.error().detail);
  return *result;
}

std::string remove(std::string const& text) {
  auto const result = remove_hooks(text);
  INFO(text);
  if (!result) FAIL(result.error().detail);
  return *result;
}

InstalledHooks installed(std::string const& text) {
  auto const result = installed_hooks(text);
  REQUIRE(result);
  return *result;
}

json::value parsed(std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return json::parse(text);
}

std::string replaced(std::string text, std::string_view word, std::string_view with) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + with.size()))
    text.replace(at, word.size(), with);
  return text;
}

std::string complaint(std::string const& text) {
  auto const result = add_hooks(text, commands);
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::invalid);
  CHECK(remove_hooks(text).has_value() == false);
  return result.error().detail;
}

constexpr unsigned rounds = 1000;

}  // namespace

TEST_CASE("settings of one's own get a hook for each event and the status line", "[adapters][hook_settings]") {
  auto const text = add("{\n  \"model\": \"opus\"\n}\n");
  CHECK(text.starts_with("{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"SessionStart\": [\n      {\n"));
  CHECK(text.ends_with("\n  }\n}\n"));
  auto const value = parsed(text);
  REQUIRE(value.at("hooks").as_object().size() == hook_events.size());
  for (auto const event : hook_events) {
    auto const& groups = value.at("hooks").at(std::string(event)).as_array();
    REQUIRE(groups.size() == 1);
    CHECK(groups[0] ==
          json::value{{"matcher", ""},
                      {"hooks", {{{"type", "command"}, {"command", hook_command(commands)}, {"timeout", 10}}}}});
  }
  CHECK(value.at("statusLine") == json::value{{"type", "command"}, {"command", status_line_command(commands)}});
  CHECK(installed(text) == InstalledHooks{6, StatusLineOwner::ours, true});
}

TEST_CASE("a hook of one's own stays beside ours", "[adapters][hook_settings]") {
  std::string const text =
      R"({"hooks": {"Stop": [{"matcher": "", "hooks": [{"type": "command", "command": "beep"}]}]}})";
  auto const value = parsed(add(text));
  auto const& stop = value.at("hooks").at("Stop").as_array();
  REQUIRE(stop.size() == 2);
  CHECK(stop[0] == parsed(text).at("hooks").at("Stop").as_array()[0]);
  CHECK(stop[1].at("hooks").as_array()[0].at("command").as_string() == hook_command(commands));
}

TEST_CASE("removing gives any settings back byte for byte, and nothing else had changed", "[adapters][hook_settings]") {
  for (unsigned seed = 0; seed < rounds; ++seed) {
    auto const text = AnySettings{seed}.text();
    INFO("seed " << seed << "\n" << text);
    auto const with = add(text);
    REQUIRE(remove(with) == text);
    REQUIRE(installed(with).events == 6);
    REQUIRE(installed(text) == InstalledHooks{0, installed(text).status_line, false});
    auto before = parsed(text);
    auto after = parsed(with);
    before.as_object().erase("hooks");
    after.as_object().erase("hooks");
    if (installed(with).status_line == StatusLineOwner::ours) after.as_object().erase("statusLine");
    REQUIRE(before == after);
  }
}

TEST_CASE("a chained status line comes back byte for byte", "[adapters][hook_settings]") {
  int chained = 0;
  for (unsigned seed = 0; seed < rounds; ++seed) {
    auto const text = AnySettings{seed}.text();
    INFO("seed " << seed << "\n" << text);
    auto const with = add_hooks(text, commands, TheirStatusLine::chain);
    if (!with) {  // null or {}: no command to chain
      REQUIRE_THAT(with.error().detail, CF_CONTAINS("cannot be chained"));
      continue;
    }
    if (installed(*with).status_line == StatusLineOwner::chained) ++chained;
    REQUIRE(remove(*with) == text);
    REQUIRE(add(*with, TheirStatusLine::chain) == *with);
    REQUIRE(add(*with) == *with);
    REQUIRE(remove(add(*with, TheirStatusLine::keep, moved)) == text);
  }
  CHECK(chained > 300);
}

TEST_CASE("adding a second time changes nothing", "[adapters][hook_settings]") {
  for (unsigned seed = 0; seed < rounds; ++seed) {
    auto const with = add(AnySettings{seed}.text());
    INFO("seed " << seed);
    REQUIRE(add(with) == with);
  }
}

TEST_CASE("a moved program or socket replaces the paths in place", "[adapters][hook_settings]") {
  for (unsigned seed = 0; seed < rounds; ++seed) {
    auto const text = AnySettings{seed}.text();
    INFO("seed " << seed << "\n" << text);
    REQUIRE(add(add(text), TheirStatusLine::keep, moved) == add(text, TheirStatusLine::keep, moved));
  }
}

TEST_CASE("what a person changed in between is kept byte for byte", "[adapters][hook_settings]") {
  int edited = 0;
  for (unsigned seed = 0; seed < rounds; ++seed) {
    auto const text = AnySettings{seed}.text();
    INFO("seed " << seed << "\n" << text);
    auto const change = [](std::string const& of) {
      return replaced(of, AnySettings::edited_word, "changed\", \t \"and one more");
    };
    if (change(text) == text) continue;
    ++edited;
    REQUIRE(remove(change(add(text))) == change(text));
  }
  CHECK(edited > 100);
}

TEST_CASE("after the agent wrote the settings anew, removing gives the same values back", "[adapters][hook_settings]") {
  for (unsigned seed = 0; seed < rounds; ++seed) {
    auto const text = AnySettings{seed}.text();
    INFO("seed " << seed << "\n" << text);
    auto const anew = json::serialize(parsed(add(text)));
    REQUIRE(parsed(remove(anew)) == parsed(json::serialize(parsed(text))));  // its numbers are rounded
    REQUIRE(add(anew) == anew);
  }
}

TEST_CASE("a member, a hook and a group that a person added beside ours stay", "[adapters][hook_settings]") {
  auto const with = add("{}\n");
  auto const closing = with.rfind("\n}");
  auto own_member = with;
  own_member.insert(closing, ",\n  \"model\": \"opus\"");
  CHECK(remove(own_member) == "{\n  \"model\": \"opus\"\n}\n");

  auto own_event = with;
  own_event.insert(own_event.find("\"SessionStart\""), "\"PreToolUse\": [],\n    ");
  CHECK(remove(own_event) == "{\n  \"hooks\": {\n    \"PreToolUse\": []\n  }\n}\n");

  auto own_group = with;
  own_group.insert(own_group.find("[", own_group.find("\"Stop\"")) + 1, " {\"hooks\": []},");
  CHECK(remove(own_group) == "{\n  \"hooks\": {\n    \"Stop\": [ {\"hooks\": []}\n    ]\n  }\n}\n");

  auto own_hook = with;
  auto const place = own_hook.find("{\n            \"type\"", own_hook.find("\"Stop\""));
  REQUIRE(place != std::string::npos);
  own_hook.insert(place, "{\"type\": \"command\", \"command\": \"beep\"}, ");
  CHECK(parsed(remove(own_hook)) ==
        parsed(R"({"hooks":{"Stop":[{"matcher":"","hooks":[{"type":"command","command":"beep"}]}]}})"));
}

TEST_CASE("a deleted entry of ours is put back, the others are left as they are", "[adapters][hook_settings]") {
  auto const with = add("{\"a\":1}");
  auto value = parsed(with);
  value.at("hooks").as_object().erase("StopFailure");
  auto const less = json::serialize(value);
  CHECK(installed(less).events == 5);
  auto const again = add(less);
  CHECK(installed(again).events == 6);
  CHECK(parsed(remove(again)) == parsed("{\"a\":1}"));
}

TEST_CASE("an entry for an event that this version does not know is removed too", "[adapters][hook_settings]") {
  auto const old = replaced(add("{\"a\":1}"), "\"SessionEnd\"", "\"SubagentStop\"");
  CHECK(installed(old) == InstalledHooks{5, StatusLineOwner::ours, true});
  CHECK(remove(old) == "{\"a\":1}");
}

TEST_CASE("a status line of one's own stays, with chaining it runs inside ours", "[adapters][hook_settings]") {
  std::string const text = R"({"statusLine":{"type":"command","padding":0,"command":"~/line.sh 'x'"}})";
  CHECK(installed(add(text)).status_line == StatusLineOwner::theirs);
  CHECK(add(text).starts_with(text.substr(0, text.size() - 1)));
  auto const chained = add(text, TheirStatusLine::chain);
  CHECK(installed(chained).status_line == StatusLineOwner::chained);
  CHECK(parsed(chained).at("statusLine").at("padding") == 0);
  CHECK(parsed(chained).at("statusLine").at("command").as_string() ==
        status_line_command(commands) + R"( --chain '~/line.sh '\''x'\''')");
}

TEST_CASE("white space alone becomes settings and comes back", "[adapters][hook_settings]") {
  auto const blank = GENERATE(as<std::string>{}, "", "\n", " \r\n\t", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n");
  auto const with = add(blank);
  CHECK(with.starts_with(blank + "{\n  \"statusLine\""));
  CHECK(add(with) == with);
  CHECK(remove(with) == blank);
  CHECK(remove(blank) == blank);
  CHECK_FALSE(is_from_nothing(with));
}

TEST_CASE("a file made from nothing is known as such until anyone changes it", "[adapters][hook_settings]") {
  auto const made = settings_from_nothing(commands);
  CHECK(is_from_nothing(made));
  CHECK(is_from_nothing(add(made, TheirStatusLine::keep, moved)));
  CHECK_FALSE(is_from_nothing(made + "\n"));
  CHECK_FALSE(is_from_nothing("\n" + made));
  CHECK_FALSE(is_from_nothing(replaced(made, "\"timeout\": 10", "\"timeout\": 11")));
  CHECK_FALSE(is_from_nothing(add("{}\n")));
  CHECK_FALSE(is_from_nothing(""));
  CHECK_FALSE(is_from_nothing("{}\n"));
  CHECK(remove(replaced(made, "\"timeout\": 10", "\"timeout\": 11")) == "{}\n");
}

TEST_CASE("settings that cannot be edited safely are refused with the place", "[adapters][hook_settings]") {
  CHECK(complaint("[]") == "line 1, column 1 (byte 0): the settings are no JSON object: expected '{'");
  CHECK_THAT(complaint("{\n // x\n}"), CF_CONTAINS("line 2, column 2 (byte 3): a comment"));
  CHECK_THAT(complaint(R"({"hooks":{},"a":1,"\u0068ooks":{}})"),
             CF_CONTAINS("(byte 18): \"hooks\" stands here a second time"));
  CHECK_THAT(complaint(R"({"statusLine":1,"statusLine":2})"), CF_CONTAINS("\"statusLine\" stands here a second time"));
  CHECK_THAT(complaint(R"({"hooks":{"Stop":[],"Stop":[]}})"), CF_CONTAINS("\"Stop\" stands here a second time"));
  CHECK_THAT(complaint(R"({"hooks":[]})"), CF_CONTAINS("\"hooks\" is no object"));
  CHECK_THAT(complaint(R"({"hooks":{"Stop":[{"hooks":[],"hooks":[]}]}})"), CF_CONTAINS("a second time"));
  CHECK_THAT(complaint(R"({"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a","command":"b"}]}]}})"),
             CF_CONTAINS("\"command\" stands here a second time"));
  auto const no_list = add_hooks(R"({"hooks":{"Stop":{}}})", commands);
  REQUIRE_FALSE(no_list);
  CHECK_THAT(no_list.error().detail, CF_CONTAINS("\"Stop\" is no list: expected '['"));
}

TEST_CASE("doubled names elsewhere are the person's business", "[adapters][hook_settings]") {
  std::string const text = R"({"a":1,"a":2,"env":{"B":"1","B":"2"}})";
  CHECK(remove(add(text)) == text);
}

TEST_CASE("more entries of ours than anyone installs are refused", "[adapters][hook_settings]") {
  auto const hook = "{\"type\":\"command\",\"command\":\"claude-failover hook --socket /r\"}";
  std::string list = hook;
  for (int more = 0; more < 50; ++more) list += std::string(",") + hook;
  CHECK_THAT(complaint("{\"hooks\":{\"Stop\":[{\"hooks\":[" + list + "]}]}}"), CF_CONTAINS("more than 50 entries"));
}

TEST_CASE("paths that could not be found again are refused", "[adapters][hook_settings]") {
  for (auto const& bad : {HookCommands{"claude-failover", "/r", "/s"}, HookCommands{"/b/claude-failover", "r", "/s"},
                          HookCommands{"/b/claude-failover", "/r", ""}, HookCommands{"/b/cf", "/r", "/s"},
                          HookCommands{"/b/claude-failover", "/r\xff", "/s"}}) {
    auto const result = add_hooks("{}", bad);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::invalid);
  }
  CHECK(remove(add("{}", TheirStatusLine::keep, {"/b'\n\"/claude-failover-1.0", "/r\\", "/s\x01"})) == "{}");
}

TEST_CASE("the largest and the deepest settings are edited, larger ones refused", "[adapters][hook_settings]") {
  auto const large = "{\"a\":\"" + std::string(max_json_text_bytes - 20000, 'x') + "\"}";
  CHECK(remove(add(large)) == large);
  std::string const deep = "{\"a\":" + std::string(63, '[') + std::string(63, ']') + "}";
  CHECK(remove(add(deep)) == deep);
  CHECK(add_hooks(large + std::string(20000, ' '), commands).error().kind == ErrorKind::too_large);
}
