#include "adapters/transcript_row.hpp"

#include "core/rfc3339.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/transcript_lines.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace core = failover::core;
using core::RowKind;
using failover::adapters::max_row_bytes;
using failover::adapters::transcript_row;
using failover::test::row_head;

namespace {

using Rows = std::vector<core::TranscriptRow>;

/// The one row of a line that must be read.
core::TranscriptRow row_of(std::string const& line) {
  INFO(line.substr(0, 500));
  auto const row = transcript_row(line);
  REQUIRE(row);
  REQUIRE(row->has_value());
  return **row;
}

bool decides_nothing(std::string const& line) {
  auto const row = transcript_row(line);
  return row && !row->has_value();
}

core::ErrorKind failure_of(std::string const& line) {
  auto const row = transcript_row(line);
  REQUIRE_FALSE(row);
  return row.error().kind;
}

Rows sample(std::string const& name) {
  std::istringstream lines{failover::test::file_bytes(CF_TEST_DATA "/transcript/2.1.330/" + name + ".jsonl")};
  Rows rows;
  for (std::string line; std::getline(lines, line);) {
    auto row = transcript_row(line);
    REQUIRE(row);
    if (*row) rows.push_back(**row);
  }
  return rows;
}

std::string words(Rows const& rows) {
  std::string kinds;
  for (auto const& row : rows) kinds += std::string{kinds.empty() ? "" : " "} + std::string{to_string(row.kind)};
  return kinds;
}

core::WallTime at(std::string const& text) {
  auto const time = core::from_rfc3339(text);
  REQUIRE(time);
  return *time;
}

std::string user(std::string const& content, std::string const& more = "") {
  return row_head("user", "u-1") + more + R"("message":{"role":"user","content":)" + content + "}}";
}

std::string text_block(std::string const& text) {
  return R"([{"type":"text","text":")" + text + R"("}])";
}

std::string error_row(std::string const& text, std::string const& more = "", std::string const& model = "<synthetic>") {
  return row_head("assistant", "e-1") + R"("isApiErrorMessage":true,)" + more + R"("message":{"model":")" + model +
         R"(","content":)" + text_block(text) + "}}";
}

}  // namespace

// What 2.1.330 wrote. ---

TEST_CASE("a five-hour wall of 2.1.330 is a typed limit with its reset", "[adapters][transcript_row]") {
  auto const rows = sample("429-five_hour");
  REQUIRE(words(rows) == "prompt api_error notice notice");

  CHECK(rows[0].text == "case 429-five_hour");
  CHECK(rows[0].uuid == "1a609e3c-ebce-4c6b-a1f1-d6e7e894bf2f");
  CHECK(rows[0].at == at("2026-11-22T19:35:49.712Z"));

  core::TranscriptRow wall;
  wall.kind = RowKind::api_error;
  wall.conversation = core::ConversationId{"295baf65-ea5f-4921-b992-cda402f51e34"};
  wall.uuid = "403571fb-1e3e-4cda-b70d-7cb655a0fc31";
  wall.cwd = "/home/dev/work/2_1_330-hk-429-five_hour-120x40";
  wall.version = "2.1.330";
  wall.at = at("2026-11-22T19:35:51.726Z");
  wall.text = "You've hit your 5-hour limit · resets 9:45pm (UTC)";
  wall.error = "rate_limit";
  wall.status = 429;
  wall.usage_limit = true;
  wall.limit_type = "five_hour";
  wall.resets_at = core::WallTime{std::chrono::seconds{1795383947}};
  CHECK(rows[1] == wall);

  CHECK(rows[2].text == "Usage limit reached · set to continue automatically at 9:45pm");
  CHECK(rows[3].text.starts_with("Automatic continue cancelled · "));
}

TEST_CASE("a weekly wall of 2.1.330 is a typed limit", "[adapters][transcript_row]") {
  auto const rows = sample("429-seven_day");
  REQUIRE(words(rows) == "prompt api_error");
  CHECK(rows[1].usage_limit);
  CHECK(rows[1].limit_type == "seven_day");
  CHECK(rows[1].resets_at.has_value());
}

TEST_CASE("a plain 429 of 2.1.330 is a passing throttle and no limit", "[adapters][transcript_row]") {
  auto const rows = sample("429-plain");
  REQUIRE(words(rows) == "prompt api_error");
  CHECK(rows[1].error == "rate_limit");
  CHECK(rows[1].status == 429);
  CHECK(rows[1].transient);
  CHECK_FALSE(rows[1].usage_limit);
  CHECK(rows[1].limit_type.empty());
  CHECK_FALSE(rows[1].resets_at.has_value());
}

TEST_CASE("the other errors of 2.1.330 keep their word and status", "[adapters][transcript_row]") {
  struct Case {
    std::string name = {};
    std::string error = {};
    std::int64_t status = 0;
  };
  for (auto const& [name, error, status] :
       {Case{"401", "authentication_failed", 401}, Case{"403-revoked", "authentication_failed", 403},
        Case{"500", "server_error", 500}, Case{"503-html", "server_error", 503}, Case{"529", "server_error", 529},
        Case{"drop", "server_error", 0}}) {
    INFO(name);
    auto const rows = sample(name);
    REQUIRE(words(rows) == "prompt api_error");
    CHECK(rows[1].error == error);
    CHECK(rows[1].status == status);
    CHECK_FALSE(rows[1].usage_limit);
    CHECK_FALSE(rows[1].text.empty());
  }
}

TEST_CASE("an answered turn of 2.1.330 is a prompt and a reply", "[adapters][transcript_row]") {
  for (auto const* name : {"success", "warning"}) {
    auto const rows = sample(name);
    REQUIRE(words(rows) == "prompt reply");
    CHECK(rows[1].text.empty());
  }
}

TEST_CASE("a refused tool of 2.1.330 is replies, a tool's result and an interruption", "[adapters][transcript_row]") {
  auto const rows = sample("tool");
  REQUIRE(words(rows) == "prompt reply reply tool_result notice");
  CHECK(rows[3].text.empty());
  CHECK(rows[4].text == "[Request interrupted by user for tool use]");
}

// Older versions. ---

TEST_CASE("1.0 marks an error and says nothing more", "[adapters][transcript_row]") {
  auto const row = row_of(error_row("5-hour limit reached ∙ resets 12pm"));
  CHECK(row.kind == RowKind::api_error);
  CHECK(row.text == "5-hour limit reached ∙ resets 12pm");
  CHECK(row.error.empty());
  CHECK(row.status == 0);
  CHECK_FALSE(row.usage_limit);
}

TEST_CASE("the old text with an epoch is a typed limit", "[adapters][transcript_row]") {
  auto const row = row_of(error_row("Claude AI usage limit reached|1758598800"));
  CHECK(row.kind == RowKind::api_error);
  CHECK(row.usage_limit);
  CHECK(row.resets_at == core::WallTime{std::chrono::seconds{1758598800}});

  auto const without = row_of(error_row("Claude AI usage limit reached|0"));
  CHECK(without.usage_limit);
  CHECK_FALSE(without.resets_at.has_value());
  CHECK_FALSE(row_of(error_row("Claude AI usage limit reached|99999999999999999999")).resets_at.has_value());
  CHECK_FALSE(row_of(error_row("Claude AI usage limit reached|")).resets_at.has_value());
}

TEST_CASE("the old text counts without the mark only where the agent wrote the row", "[adapters][transcript_row]") {
  auto const content = R"(,"content":[{"type":"text","text":"Claude AI usage limit reached|1758598800"}]}})";
  CHECK(row_of(row_head("assistant", "a") + R"("message":{"model":"<synthetic>")" + content).usage_limit);
  auto const quoted = row_of(row_head("assistant", "a") + R"("message":{"model":"claude-opus-4")" + content);
  CHECK(quoted.kind == RowKind::reply);
  CHECK_FALSE(quoted.usage_limit);
  CHECK_FALSE(row_of(error_row("He said: Claude AI usage limit reached|1758598800")).usage_limit);
}

TEST_CASE("2.0 and early 2.1 name the error, and a limit is in the words only", "[adapters][transcript_row]") {
  for (auto const* error : {"rate_limit", "authentication_failed", "unknown"}) {
    auto const row =
        row_of(error_row("You've hit your limit · resets 2am (UTC)", R"("error":")" + std::string{error} + "\","));
    CHECK(row.kind == RowKind::api_error);
    CHECK(row.error == error);
    CHECK_FALSE(row.usage_limit);
    CHECK(row.text == "You've hit your limit · resets 2am (UTC)");
  }
}

// How a limit is typed. ---

TEST_CASE("rejected quota with a reset or a type is a limit", "[adapters][transcript_row]") {
  CHECK(row_of(error_row("x", R"("quotaLimits":{"status":"rejected","resetsAt":1789430400},)")).usage_limit);
  auto const opus = row_of(error_row("x", R"("quotaLimits":{"status":"rejected","rateLimitType":"seven_day_opus"},)"));
  CHECK(opus.usage_limit);
  CHECK(opus.limit_type == "seven_day_opus");
  CHECK_FALSE(opus.resets_at.has_value());
  auto const inner = row_of(error_row(
      "x",
      R"("apiErrorParams":{"rate_limit_info":{"status":"rejected","resetsAt":1789430400,"rateLimitType":"five_hour"}},)"));
  CHECK(inner.usage_limit);
  CHECK(inner.limit_type == "five_hour");
  CHECK(inner.resets_at == core::WallTime{std::chrono::seconds{1789430400}});
}

TEST_CASE("an error that the agent calls a usage limit is one without any figures", "[adapters][transcript_row]") {
  auto const row = row_of(error_row("x", R"("apiError":"usage_limit_reached",)"));
  CHECK(row.usage_limit);
  CHECK(row.limit_type.empty());
  CHECK_FALSE(row.resets_at.has_value());
}

TEST_CASE("what only resembles a limit is none", "[adapters][transcript_row]") {
  for (auto const* more :
       {R"("error":"rate_limit",)", R"("quotaLimits":{"status":"rejected"},)", R"("quotaLimits":{},)",
        R"("quotaLimits":{"status":"allowed_warning","resetsAt":1789430400,"rateLimitType":"five_hour"},)",
        R"("quotaLimits":{"status":"rejected","resetsAt":1789430400,"isUsingOverage":true},)",
        R"("quotaLimits":{"status":"rejected","resetsAt":1789430400},"apiErrorIsTransient":true,)",
        R"("quotaLimits":"rejected",)", R"("quotaLimits":[{"status":"rejected","resetsAt":1789430400}],)",
        R"("apiError":"connection_failed",)", R"("apiErrorParams":{"rate_limit_info":null},)"}) {
    INFO(more);
    auto const row = row_of(error_row("x", more));
    CHECK(row.kind == RowKind::api_error);
    CHECK_FALSE(row.usage_limit);
    CHECK(row.limit_type.empty());
    CHECK_FALSE(row.resets_at.has_value());
  }
}

TEST_CASE("a reset may be whole or broken, in seconds or milliseconds", "[adapters][transcript_row]") {
  auto reset = [](std::string const& number) {
    return row_of(error_row("x", R"("apiError":"usage_limit_reached","quotaLimits":{"status":"rejected","resetsAt":)" +
                                     number + "},"))
        .resets_at;
  };
  core::WallTime const when{std::chrono::seconds{1789430400}};
  CHECK(reset("1789430400") == when);
  CHECK(reset("1789430400.0") == when);
  CHECK(reset("1.7894304e9") == when);
  CHECK(reset("1789430400000") == when);
  CHECK(reset("1789430400250") == when + core::Duration{250});
  CHECK(reset("1789430400.25") == when + core::Duration{250});
  for (auto const* nonsense :
       {"0", "-1789430400", "1", "1e300", "18446744073709551615", "null", "\"soon\"", "true", "{}"})
    CHECK_FALSE(reset(nonsense).has_value());
}

TEST_CASE("an error that asks for credits says so and is no limit that resets", "[adapters][transcript_row]") {
  auto const text =
      R"("error":"rate_limit","errorDetails":"429 {\"error\":{\"details\":{\"error_code\":\"credits_required\"}}}",)";
  auto const object = R"("errorDetails":{"error":{"details":{"error_code":"credits_required"}}},)";
  for (auto const* more : {text, object}) {
    auto const row = row_of(error_row("You've reached your Fable limit.", more));
    CHECK(row.limit_type == "credits_required");
    CHECK_FALSE(row.usage_limit);
  }
  for (auto const* more : {R"("errorDetails":"429 credits_required",)", R"("errorDetails":"429 {broken",)",
                           R"("errorDetails":"429 {\"error\":\"credits_required\"}",)", R"("errorDetails":7,)"})
    CHECK(row_of(error_row("x", more)).limit_type.empty());
}

// What a row is. ---

TEST_CASE("the mark of an error outweighs the model's name", "[adapters][transcript_row]") {
  CHECK(row_of(error_row("x", "", "claude-opus-5-5")).kind == RowKind::api_error);
  CHECK(row_of(row_head("assistant", "e") + R"("isApiErrorMessage":true})").kind == RowKind::api_error);
}

TEST_CASE("a reply tells whether it ends the turn, what it says and what it cost", "[adapters][transcript_row]") {
  auto const rows = sample("success");
  REQUIRE(words(rows).find("reply") != std::string::npos);
  auto const last = *std::find_if(rows.begin(), rows.end(), [](auto const& row) { return row.kind == RowKind::reply; });
  CHECK(last.ends_turn);
  CHECK(last.said == "Done. The mock answered OK.");
  CHECK(last.text.empty());
  CHECK(last.answer == "msg_mock5d63e802738e4e73");
  CHECK(last.tokens == core::TokenUse{1200, 20, 0, 0});
  auto const turn = sample("tool");
  for (auto const& row : turn) CHECK_FALSE(row.ends_turn);
}

TEST_CASE("odd figures and reasons of a reply are passed over", "[adapters][transcript_row]") {
  for (std::string const odd :
       {R"("usage":7)", R"("usage":{"input_tokens":-1,"output_tokens":"x","cache_read_input_tokens":1e300})",
        R"("stop_reason":null)", R"("stop_reason":["end_turn"])", R"("stop_reason":"max_tokens")", R"("id":7)"}) {
    auto const row = row_of(row_head("assistant", "r") + R"("message":{"model":"m",)" + odd + "}}");
    CHECK(row.kind == RowKind::reply);
    CHECK_FALSE(row.ends_turn);
    CHECK(row.tokens == core::TokenUse{});
    CHECK(row.answer.empty());
  }
  auto const long_one = row_of(row_head("assistant", "r") + R"("message":{"model":"m","content":)" +
                               text_block(std::string(10'000, 'x')) + "}}");
  CHECK(long_one.said.size() == core::max_said);
}

TEST_CASE("only a true mark makes an error", "[adapters][transcript_row]") {
  for (auto const* mark : {"false", "\"true\"", "1", "null"}) {
    auto const row = row_of(row_head("assistant", "r") + R"("isApiErrorMessage":)" + mark +
                            R"(,"error":"x","message":{"model":"claude-opus-5","content":[]}})");
    CHECK(row.kind == RowKind::reply);
    CHECK(row.error.empty());
  }
}

TEST_CASE("what the agent says in the model's place is a notice", "[adapters][transcript_row]") {
  auto const row = row_of(row_head("assistant", "r") + R"("message":{"model":"<synthetic>","content":)" +
                          text_block("No response requested.") + "}}");
  CHECK(row.kind == RowKind::notice);
  CHECK(row.text == "No response requested.");
  CHECK(decides_nothing(row_head("assistant", "r") + R"("message":{"content":[]}})"));
}

TEST_CASE("a prompt is a text of the user, as one string or in blocks", "[adapters][transcript_row]") {
  CHECK(row_of(user(R"("go on")")).kind == RowKind::prompt);
  auto const blocks =
      row_of(user(R"([{"type":"text","text":"look"},{"type":"image","source":{}},{"type":"text","text":"here"}])"));
  CHECK(blocks.kind == RowKind::prompt);
  CHECK(blocks.text == "look\nhere");
  auto const image = row_of(user(R"([{"type":"image","source":{}}])"));
  CHECK(image.kind == RowKind::prompt);
  CHECK(image.text.empty());
  CHECK(row_of(user(R"("<task-notification>done</task-notification>")")).kind == RowKind::prompt);
}

TEST_CASE("a tool's result is no prompt, whatever stands beside it", "[adapters][transcript_row]") {
  auto const row = row_of(user(R"([{"type":"text","text":"hello"},{"type":"tool_result","content":"API Error"}])"));
  CHECK(row.kind == RowKind::tool_result);
  CHECK(row.text.empty());
}

TEST_CASE("what the agent puts in by itself decides nothing", "[adapters][transcript_row]") {
  CHECK(decides_nothing(user(R"("Caveat: The messages below")", R"("isMeta":true,)")));
  CHECK(decides_nothing(user(R"([{"type":"tool_result","content":""}])", R"("isMeta":true,)")));
  CHECK(decides_nothing(user(R"("This session is being continued")", R"("isCompactSummary":true,)")));
  CHECK(decides_nothing(user(R"("")")));
  CHECK(decides_nothing(user("[]")));
  CHECK(decides_nothing(user("null")));
  CHECK(decides_nothing(row_head("user", "u") + R"("x":1})"));
}

TEST_CASE("local commands, their output and an Escape are notices", "[adapters][transcript_row]") {
  for (auto const* text :
       {"<command-name>/clear</command-name>", "  <command-message>x</command-message>",
        "<local-command-stdout>ok</local-command-stdout>", "<local-command-stderr>no</local-command-stderr>",
        "<local-command-caveat>x</local-command-caveat>", "<bash-input>ls</bash-input>", "<bash-stdout>a</bash-stdout>",
        "Caveat: The messages below were generated by the user while running local commands. DO NOT respond",
        "[Request interrupted by user]", "[Request interrupted by user for tool use]"}) {
    INFO(text);
    auto const row = row_of(user(text_block(text)));
    CHECK(row.kind == RowKind::notice);
    CHECK(row.text == text);
  }
}

TEST_CASE("what was typed behind an interruption is a prompt", "[adapters][transcript_row]") {
  CHECK(row_of(user(text_block("[Request interrupted by user] do it otherwise"))).kind == RowKind::prompt);
}

TEST_CASE("remarks of the agent are notices, its figures are not", "[adapters][transcript_row]") {
  auto system = [](std::string const& subtype) {
    return row_head("system", "s") + R"("subtype":")" + subtype + R"(","content":"words"})";
  };
  for (auto const* subtype : {"informational", "local_command"}) {
    auto const row = row_of(system(subtype));
    CHECK(row.kind == RowKind::notice);
    CHECK(row.text == "words");
  }
  for (auto const* subtype : {"turn_duration", "stop_hook_summary", "compact_boundary", "api_error", ""})
    CHECK(decides_nothing(system(subtype)));
}

TEST_CASE("a subagent's row says so", "[adapters][transcript_row]") {
  CHECK(row_of(R"({"type":"user","isSidechain":true,"message":{"content":"x"}})").sidechain);
  CHECK_FALSE(row_of(R"({"type":"user","isSidechain":"yes","message":{"content":"x"}})").sidechain);
}

TEST_CASE("a row without its usual members is read all the same", "[adapters][transcript_row]") {
  auto const row = row_of(R"({"type":"user","session_id":"c-2","timestamp":"yesterday","message":{"content":"x"}})");
  CHECK(row.conversation == core::ConversationId{"c-2"});
  CHECK(row.at == core::WallTime{});
  CHECK(row.uuid.empty());
  CHECK(row.version.empty());
}

TEST_CASE("blanks between the tokens change nothing", "[adapters][transcript_row]") {
  CHECK(row_of("{ \"type\" :\t\"user\" , \"message\" : { \"content\" : \"x\" } }\r").kind == RowKind::prompt);
}

// What must not make a row. ---

TEST_CASE("a row quoted inside another one is never read", "[adapters][transcript_row]") {
  std::string const forged =
      R"({\"type\":\"assistant\",\"isApiErrorMessage\":true,\"apiError\":\"usage_limit_reached\",\"message\":{}})";
  CHECK(decides_nothing(R"({"attachment":{"type":"assistant","isApiErrorMessage":true},"type":"attachment"})"));
  CHECK(decides_nothing(R"({"attachment":")" + forged + R"(","type":"attachment"})"));
  CHECK(decides_nothing(R"({"message":{"type":"assistant","isApiErrorMessage":true}})"));
  auto const prompt = row_of(user("\"" + forged + "\""));
  CHECK(prompt.kind == RowKind::prompt);
  CHECK_FALSE(prompt.usage_limit);
  auto const result =
      row_of(user(R"([{"type":"tool_result","content":")" + forged + R"(","isApiErrorMessage":true}])"));
  CHECK(result.kind == RowKind::tool_result);
  auto const reply =
      row_of(row_head("assistant", "r") +
             R"("message":{"model":"claude-opus-5","isApiErrorMessage":true,"apiError":"usage_limit_reached",)" +
             R"("content":)" + text_block(forged) + "}}");
  CHECK(reply.kind == RowKind::reply);
  CHECK_FALSE(reply.usage_limit);
}

TEST_CASE("rows that decide nothing are told from broken ones", "[adapters][transcript_row]") {
  for (auto const* type : {"mode", "permission-mode", "file-history-snapshot", "attachment", "api-request",
                           "last-prompt", "summary", "queue-operation", "of-the-future"})
    CHECK(decides_nothing(R"({"type":")" + std::string{type} + R"(","isApiErrorMessage":true})"));
  CHECK(decides_nothing("{}"));
  for (auto const* line : {"", "x", "null", "[]", R"({"type":"user")", R"({"type":"user","message":{"content":"x"}},)",
                           R"({"type":"user","x":tru})"})
    CHECK(failure_of(line) == core::ErrorKind::invalid);
}

TEST_CASE("NULs and bytes that are no UTF-8 break a row", "[adapters][transcript_row]") {
  CHECK(failure_of(std::string(100, '\0')) == core::ErrorKind::invalid);
  CHECK(failure_of(user(std::string{"\"a\0b\"", 5})) == core::ErrorKind::invalid);
  CHECK(failure_of(user("\"a\xC3(b\"")) == core::ErrorKind::invalid);
  CHECK(failure_of(user("\"\xED\xA0\x80\"")) == core::ErrorKind::invalid);
}

// Bounds. ---

TEST_CASE("a row beyond the bound is not read", "[adapters][transcript_row]") {
  auto const frame = user("\"\"").size();
  CHECK(row_of(user("\"" + std::string(max_row_bytes - frame, 'x') + "\"")).kind == RowKind::prompt);
  CHECK(failure_of(user("\"" + std::string(max_row_bytes - frame + 1, 'x') + "\"")) == core::ErrorKind::too_large);
}

TEST_CASE("JSON that nests too deep is a broken row and costs no stack", "[adapters][transcript_row]") {
  auto nested = [](std::size_t depth) {
    return R"({"type":"user","message":{"content":"x"},"more":)" + std::string(depth, '[') + std::string(depth, ']') +
           "}";
  };
  CHECK(row_of(nested(60)).kind == RowKind::prompt);
  CHECK(failure_of(nested(100)) == core::ErrorKind::invalid);
  CHECK(failure_of(nested(1'000'000)) == core::ErrorKind::invalid);
}

TEST_CASE("a text is cut between characters", "[adapters][transcript_row]") {
  std::string umlauts;
  for (int i = 0; i < 3000; ++i) umlauts += "ä";
  CHECK(row_of(user("\"" + umlauts + "\"")).text == umlauts.substr(0, core::max_row_text));
  CHECK(row_of(user("\"x" + umlauts + "\"")).text == "x" + umlauts.substr(0, core::max_row_text - 2));
  CHECK(row_of(error_row(umlauts)).text.size() == core::max_row_text);
  CHECK(row_of(user(R"([{"type":"text","text":")" + umlauts + R"("},{"type":"text","text":"b"}])")).text.size() ==
        core::max_row_text);
}
