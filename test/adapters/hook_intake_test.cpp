#include "adapters/hook_intake.hpp"

#include "adapters/hook_envelope.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>

#include <boost/json.hpp>

using namespace failover;
using namespace failover::adapters;
using namespace failover::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

core::WallTime const noon{core::Duration{1795392000123}};

HookSurroundings in_tmux() {
  return {noon, "/tmp/tmux-1000/default,4242,0", "%7", "/home/dev/cfg/main"};
}

std::string wrapped(std::string const& input) {
  return make_envelope(input, in_tmux()).value();
}

/// A whole envelope around an input, with nothing left out and nothing repaired.
std::string envelope(std::string const& input) {
  return R"({"v":1,"at":1795392000123,"tmux":"/tmp/a,b/default,77,3","pane":"%12","config_dir":"","input":)" + input +
         "}";
}

std::string hook(std::string const& members) {
  return envelope(R"({"hook_event_name":"Stop","session_id":"one")" + members + "}");
}

std::string line(std::string const& limits) {
  return envelope(R"({"session_id":"one","rate_limits":)" + limits + "}");
}

json::array calls_in(std::string const& file, char const* part) {
  auto value = json::parse(file_bytes(std::string{CF_TEST_DATA} + "/" + file));
  return value.is_array() ? value.get_array() : value.at(part).as_array();
}

std::string input_of(json::array const& calls, std::string const& tag) {
  for (auto const& call : calls)
    if (call.at("tag").as_string().c_str() == tag) return json::serialize(call.at("in"));
  throw std::runtime_error("no " + tag);
}

template <class T>
std::string refusal(core::Result<T> const& result) {
  return result ? "" : result.error().detail;
}

}  // namespace

TEST_CASE("a limit that a real agent reported comes out whole", "[adapters][hook_intake]") {
  auto const call = read_hook_call(wrapped(input_of(calls_in("hooks/429-five_hour.json", ""), "StopFailure"))).value();
  core::HookCall expected;
  expected.name = "StopFailure";
  expected.conversation = core::ConversationId{"295baf65-ea5f-4921-b992-cda402f51e34"};
  expected.transcript_path =
      "/home/dev/cfg/2_1_330-hk-429-five_hour-120x40/projects/-home-dev-work-2-1-330-hk-429-five-hour-120x40/"
      "295baf65-ea5f-4921-b992-cda402f51e34.jsonl";
  expected.cwd = "/home/dev/work/2_1_330-hk-429-five_hour-120x40";
  expected.caller = {4242, core::PaneId{"%7"}, "/home/dev/cfg/main"};
  expected.at = noon;
  expected.error = "rate_limit";
  expected.message = call.message;
  expected.prompt_id = "17dbaf66-c315-4155-a8df-9d1c59de1c8b";
  CHECK(call == expected);
  CHECK_THAT(call.message, CF_CONTAINS("You've hit your"));
}

TEST_CASE("each hook tells its own detail", "[adapters][hook_intake]") {
  auto const read = [](char const* file, char const* name) {
    return read_hook_call(wrapped(input_of(calls_in(file, ""), name))).value();
  };
  CHECK(read("hooks/success.json", "SessionStart").detail == "startup");
  CHECK(read("hooks/success.json", "SessionEnd").detail == "prompt_input_exit");
  auto const notification = read("hooks/tool.json", "Notification");
  CHECK(notification.detail == "permission_prompt");
  CHECK_THAT(notification.message, CF_CONTAINS("permission"));
  CHECK(read("hooks/tool.json", "PermissionRequest").detail == "Bash");
  CHECK(read("hooks/success.json", "UserPromptSubmit").detail.empty());
  CHECK_FALSE(read("hooks/success.json", "Stop").message.empty());
  CHECK(read("hooks/401.json", "StopFailure").error == "authentication_failed");
  CHECK(read("hooks/500.json", "StopFailure").error == "server_error");
}

TEST_CASE("every sample of hooks and status lines is read, and known for what it is", "[adapters][hook_intake]") {
  std::size_t hooks = 0;
  std::size_t lines = 0;
  for (auto const& file : names_in(std::string{CF_TEST_DATA} + "/hooks")) {
    for (auto const& call : calls_in("hooks/" + file, "")) {
      auto const event = read_envelope(wrapped(json::serialize(call.at("in")))).value();
      REQUIRE(std::holds_alternative<core::event::HookCalled>(event));
      CHECK(std::get<core::event::HookCalled>(event).call.name == call.at("tag").as_string().c_str());
      ++hooks;
    }
  }
  for (auto const& file : names_in(std::string{CF_TEST_DATA} + "/statusline"))
    for (auto const* part : {"first", "last"})
      for (auto const& call : calls_in("statusline/" + file, part)) {
        auto const event = read_envelope(wrapped(json::serialize(call.at("in")))).value();
        REQUIRE(std::holds_alternative<core::event::UsageTold>(event));
        CHECK(std::get<core::event::UsageTold>(event).report.version == "2.1.330");
        ++lines;
      }
  CHECK(hooks > 40);
  CHECK(lines > 20);
}

TEST_CASE("a status line gives both windows once the agent knows them", "[adapters][hook_intake]") {
  auto const before =
      read_usage_report(wrapped(input_of(calls_in("statusline/429-five_hour.json", "first"), "statusLine"))).value();
  CHECK_FALSE(before.five_hour);
  CHECK_FALSE(before.weekly);
  auto const after =
      read_usage_report(wrapped(input_of(calls_in("statusline/429-five_hour.json", "last"), "statusLine"))).value();
  CHECK(after.conversation.str() == "295baf65-ea5f-4921-b992-cda402f51e34");
  CHECK(after.five_hour == core::WindowUse{100, core::WallTime{1795383947s}});
  CHECK(after.weekly == core::WindowUse{40, core::WallTime{1795635347s}});
  CHECK(after.caller == core::Caller{4242, core::PaneId{"%7"}, "/home/dev/cfg/main"});
  CHECK(after.at == noon);
}

TEST_CASE("figures come as whole numbers or not, times in seconds or milliseconds, windows alone or not at all",
          "[adapters][hook_intake]") {
  auto const read = [](std::string const& limits) { return read_usage_report(line(limits)).value(); };
  CHECK(read(R"({"five_hour":{"used_percentage":71.25,"resets_at":1790000000}})").five_hour ==
        core::WindowUse{71.25, core::WallTime{1790000000s}});
  CHECK(read(R"({"five_hour":{"used_percentage":7,"resets_at":1790000000500}})").five_hour ==
        core::WindowUse{7, core::WallTime{1790000000500ms}});
  CHECK(read(R"({"five_hour":{"used_percentage":7,"resets_at":1790000000.5}})").five_hour ==
        core::WindowUse{7, core::WallTime{1790000000500ms}});
  CHECK(read(R"({"seven_day":{"used_percentage":7}})").weekly == core::WindowUse{7, {}});
  CHECK_FALSE(read(R"({"seven_day":{"used_percentage":7}})").five_hour);
  CHECK_FALSE(read(R"({"five_hour":{"used_percentage":null,"resets_at":null}})").five_hour);
  CHECK_FALSE(read(R"({"five_hour":null})").five_hour);
  CHECK_FALSE(read("null").weekly);
  CHECK_FALSE(read("{}").weekly);
}

TEST_CASE("figures that cannot be are refused by name", "[adapters][hook_intake]") {
  auto const refused = [](std::string const& limits) { return refusal(read_usage_report(line(limits))); };
  CHECK(refused("[]") == "input.rate_limits: an object is expected");
  CHECK(refused(R"({"five_hour":7})") == "input.rate_limits.five_hour: an object is expected");
  CHECK(refused(R"({"five_hour":{"used_percentage":"7"}})") ==
        "input.rate_limits.five_hour.used_percentage: a number is expected");
  CHECK(refused(R"({"seven_day":{"used_percentage":-1}})") ==
        "input.rate_limits.seven_day.used_percentage: out of range");
  CHECK(refused(R"({"seven_day":{"used_percentage":1e300}})") ==
        "input.rate_limits.seven_day.used_percentage: out of range");
  CHECK(refused(R"({"seven_day":{"used_percentage":1,"resets_at":1e18}})") ==
        "input.rate_limits.seven_day.resets_at: out of range");
  CHECK(refused(R"({"seven_day":{"used_percentage":1,"resets_at":18446744073709551615}})") ==
        "input.rate_limits.seven_day.resets_at: out of range");
  CHECK(refused(R"({"seven_day":{"used_percentage":1,"resets_at":"2026-11-22T10:00:00Z"}})") ==
        "input.rate_limits.seven_day.resets_at: a number is expected");
}

TEST_CASE("a hook that nobody knows yet is kept, and members that nobody knows are passed over",
          "[adapters][hook_intake]") {
  auto const call =
      read_hook_call(envelope(R"({"hook_event_name":"MoonRose","session_id":"one","phase":{"of":["moon"]}})")).value();
  CHECK(call.name == "MoonRose");
  CHECK(call.caller.server_pid == 77);
  CHECK(call.caller.pane.str() == "%12");
}

TEST_CASE("what a member means elsewhere does not spoil a call", "[adapters][hook_intake]") {
  CHECK(read_hook_call(hook(R"(,"error":{"kind":1},"message":[],"source":7,"reason":{})")));
  CHECK(read_hook_call(wrapped(R"({"hook_event_name":"PostToolUseFailure","session_id":"one","tool_name":"Bash",)"
                               R"("error":"exit code 1: not found","tool_input":{}})"))
            .value()
            .error.empty());
  CHECK(read_hook_call(hook(R"(,"cwd":"here","transcript_path":"~/x.jsonl")")).value().transcript_path.empty());
}

TEST_CASE("a Stop tells how much the turn left running", "[adapters][hook_intake]") {
  CHECK(read_hook_call(hook(R"(,"background_tasks":[])"))->background == 0);
  CHECK(read_hook_call(hook(R"(,"background_tasks":[{"id":"a"},{"id":"b"}],"session_crons":[])"))->background == 2);
  for (std::string const none : {"", R"(,"background_tasks":null)", R"(,"background_tasks":7)"})
    CHECK(read_hook_call(hook(none))->background == 0);
  auto const calls = calls_in("hooks/success.json", "");
  CHECK(read_hook_call(wrapped(input_of(calls, "Stop")))->background == 0);
}

TEST_CASE("a subagent's call is marked", "[adapters][hook_intake]") {
  CHECK_FALSE(read_hook_call(hook("")).value().of_subagent);
  CHECK_FALSE(read_hook_call(hook(R"(,"agent_id":null)")).value().of_subagent);
  CHECK(read_hook_call(hook(R"(,"agent_id":"a1b2","agent_type":"Explore")")).value().of_subagent);
  auto const stop =
      read_hook_call(envelope(R"({"hook_event_name":"SubagentStop","session_id":"one","agent_type":"Explore"})"))
          .value();
  CHECK(stop.of_subagent);
  CHECK(stop.detail == "Explore");
}

TEST_CASE("$TMUX and $TMUX_PANE that make no sense count as outside tmux", "[adapters][hook_intake]") {
  auto const caller = [](std::string const& tmux, std::string const& pane) {
    auto around = in_tmux();
    around.tmux = tmux;
    around.pane = pane;
    auto const bytes = make_envelope(R"({"hook_event_name":"Stop","session_id":"one"})", around).value();
    return read_hook_call(bytes).value().caller;
  };
  CHECK(caller("", "").server_pid == 0);
  CHECK(caller("/tmp/with,comma/x,99,1", "%3").server_pid == 99);
  for (auto const* tmux : {"x", ",", ",,", "a,b", "/s,-4,0", "/s,12x,0", "/s,99999999999999,0", "\xff\xfe,1"})
    CHECK(caller(tmux, "%3").server_pid == 0);
  for (auto const* pane : {"", "%", "3", "%3x", "%99999999999999999", "%-1", "\xff"})
    CHECK(caller("/s,1,0", pane).pane.empty());
}

TEST_CASE("what an envelope must have is missed by name", "[adapters][hook_intake]") {
  CHECK(refusal(read_hook_call("{}")) == "v: missing");
  CHECK(refusal(read_hook_call(R"({"v":"1"})")) == "v: a number is expected");
  CHECK(refusal(read_hook_call(R"({"v":1,"input":{}})")) == "at: missing");
  CHECK(refusal(read_hook_call(R"({"v":1,"at":-5,"input":{}})")) == "at: out of range");
  CHECK(refusal(read_hook_call(R"({"v":1,"at":1e200,"input":{}})")) == "at: out of range");
  CHECK(refusal(read_hook_call(R"({"v":1,"at":5})")) == "input: an object is expected");
  CHECK(refusal(read_hook_call(R"({"v":1,"at":5,"tmux":[],"input":{}})")) == "tmux: a string is expected");
  CHECK(refusal(read_hook_call(envelope("{}"))) == "input.hook_event_name: missing");
  CHECK(refusal(read_hook_call(envelope(R"({"hook_event_name":"Stop"})"))) == "input.session_id: missing");
  CHECK(refusal(read_usage_report(envelope("{}"))) == "input.session_id: missing");
  CHECK(read_hook_call(R"({"v":2,"at":5,"input":{}})").error().kind == core::ErrorKind::unsupported);
}

TEST_CASE("members of a wrong type or size are refused by name", "[adapters][hook_intake]") {
  CHECK(refusal(read_hook_call(hook(R"(,"cwd":7)"))) == "input.cwd: a string is expected");
  CHECK(refusal(read_hook_call(hook(R"(,"transcript_path":"/a\u0000b")"))) == "input.transcript_path: holds a NUL");
  CHECK(
      refusal(read_hook_call(envelope(R"({"hook_event_name":"StopFailure","session_id":"one","error":{"kind":1}})"))) ==
      "input.error: a string is expected");
  CHECK(refusal(read_hook_call(hook(R"(,"last_assistant_message":[1])"))) ==
        "input.last_assistant_message: a string is expected");
  CHECK(refusal(read_hook_call(hook(R"(,"prompt_id":"a b")"))) ==
        "input.prompt_id: a single word in ASCII is expected");
  auto const long_path = read_hook_call(hook(R"(,"cwd":"/)" + std::string(5000, 'x') + "\""));
  CHECK(long_path.error() == core::Error{core::ErrorKind::too_large, "input.cwd: more than 4096 bytes"});
  for (auto const* id : {"../../x", "a/b", "-x", ".", "$(x)", "`x`", "a'b", "a b", ""})
    CHECK_FALSE(read_hook_call(envelope(R"({"hook_event_name":"Stop","session_id":")" + std::string{id} + "\"}")));
}

TEST_CASE("a long message is cut between characters", "[adapters][hook_intake]") {
  std::string text;
  while (text.size() < 100000) text += "ä€";
  auto const direct = read_hook_call(hook(R"(,"last_assistant_message":")" + text + "\"")).value().message;
  CHECK(direct.size() <= core::max_hook_text);
  CHECK(direct.size() > core::max_hook_text - 4);
  CHECK(text.starts_with(direct));
  auto const sent =
      wrapped(R"({"hook_event_name":"Stop","session_id":"one","last_assistant_message":")" + text + "\"}");
  CHECK(sent.size() < 3000);
  CHECK(read_hook_call(sent).value().message == direct);
}

TEST_CASE("prompts and the arguments of tools do not leave the agent", "[adapters][hook_intake]") {
  auto const sent =
      wrapped(R"({"hook_event_name":"PermissionRequest","session_id":"one","prompt":"secret","tool_name":"Bash",)"
              R"("tool_input":{"command":"secret"}})");
  CHECK_THAT(sent, !CF_CONTAINS("secret"));
  CHECK(read_hook_call(sent).value().detail == "Bash");
}

TEST_CASE("half of an emoji does not lose the call", "[adapters][hook_intake]") {
  auto const read = [](std::string const& text) {
    return read_hook_call(
               wrapped(R"({"hook_event_name":"Stop","session_id":"one","last_assistant_message":")" + text + "\"}"))
        .value()
        .message;
  };
  CHECK(read(R"(cut \ud83d)") == "cut \xEF\xBF\xBD");
  CHECK(read(R"(\uDE00 cut \ud83dx)") == "\xEF\xBF\xBD cut \xEF\xBF\xBDx");
  CHECK(read(R"(whole \ud83d\ude00 and \\ud83d)") == "whole \xF0\x9F\x98\x80 and \\ud83d");
  CHECK(read(R"(\ud83d\ud83d\ude00)") == "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

TEST_CASE("bytes that are no JSON object are an error, whatever they are", "[adapters][hook_intake]") {
  std::vector<std::string> const bombs{
      "",
      "garbage",
      "[1]",
      "7",
      "null",
      "\"x\"",
      "{",
      "{}x",
      std::string("\0{}", 3),
      "{\"a\":\"\xff\xfe\"}",
      "{\"a\":\"\xc0\xaf\"}",
      R"({"a":1e999999999})" + std::string{"x"},
      std::string(100000, '['),
      std::string(100000, '{'),
      [] {
        std::string deep;
        for (int i = 0; i < 50000; ++i) deep += R"({"a":)";
        return deep;
      }(),
      R"({"hook_event_name":"Stop","session_id":"one","x":)" + std::string(300, '[') + std::string(300, ']') + "}",
  };
  for (auto const& bytes : bombs) {
    CAPTURE(bytes.substr(0, 40));
    CHECK(make_envelope(bytes, in_tmux()).error().kind == core::ErrorKind::invalid);
    CHECK_FALSE(read_hook_call(bytes));
    CHECK_FALSE(read_usage_report(bytes));
    CHECK_FALSE(read_envelope(bytes));
    CHECK_FALSE(read_envelope(envelope(bytes)));
  }
  CHECK(make_envelope(std::string(max_agent_input + 1, ' '), in_tmux()).error().kind == core::ErrorKind::too_large);
}

TEST_CASE("an envelope cut at any byte, or with any byte changed, gives an answer", "[adapters][hook_intake]") {
  auto const whole = wrapped(input_of(calls_in("statusline/429-five_hour.json", "last"), "statusLine"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CHECK_FALSE(read_envelope(std::string_view{whole}.substr(0, at)));
    for (char const byte : {'\0', '"', '{', ']', ',', '9', '-', 'e', '\\', '\x80'}) {
      auto changed = whole;
      changed[at] = byte;
      (void)read_envelope(changed);
    }
  }
  CHECK(read_envelope(whole));
}
