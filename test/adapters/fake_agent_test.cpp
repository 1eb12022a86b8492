// What the fake agent does, seen from outside: files, hooks, exit codes, its own log.
#include "fake_agent_bench.hpp"
#include "test/support/catch.hpp"

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include <sys/stat.h>

using failover::test::FakeAgentBench;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

using Rows = FakeAgentBench::Rows;
using Objects = FakeAgentBench::Objects;

Objects errors_in(Objects rows) {
  std::erase_if(rows, [](json::object const& row) { return !row.contains("isApiErrorMessage"); });
  return rows;
}

std::string task_for(std::string const& done_file) {
  return fmt::format("please do it and then create the file {}.", done_file);
}

/// settings.json with one command for one event, which keeps what it is told in `file`.
std::string hook_settings(std::string const& event, std::string const& matcher, std::string const& file) {
  return fmt::format(R"({{"hooks":{{"{}":[{{"matcher":"{}","hooks":[{{"type":"command","command":"cat > {}"}}]}}]}}}})",
                     event, matcher, file);
}

double epoch_now() {
  return std::chrono::duration<double>{std::chrono::system_clock::now().time_since_epoch()}.count();
}

}  // namespace

TEST_CASE("a prompt is answered once, its rows are chained, and the file it asks for is created", "[fake_agent]") {
  FakeAgentBench const bench;
  auto const done = bench.inside("task.done");
  bench.start_to_box();
  bench.prompt(task_for(done));
  REQUIRE(bench.comes_event("done"));
  CHECK(bench.event_texts("prompt") == Rows{task_for(done)});
  struct stat file {};
  REQUIRE(::stat(done.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777U) == 0600U);
  CHECK(file.st_size == 0);

  REQUIRE(bench.comes("· done "));
  std::string parent;
  Rows types;
  for (auto const& row : bench.transcript("a")) {
    if (!row.contains("uuid")) continue;
    types.emplace_back(row.at("type").as_string());
    CHECK(row.at("parentUuid") == (parent.empty() ? json::value(nullptr) : json::value(parent)));
    CHECK_FALSE(row.at("isSidechain").as_bool());
    CHECK(row.at("sessionId").as_string() == bench.session_id());
    CHECK(row.at("cwd").as_string() == bench.work().string());
    CHECK(row.at("version").as_string() == "2.1.330");
    parent = row.at("uuid").as_string();
  }
  CHECK(types == Rows{"user", "assistant", "system"});
}

TEST_CASE("a file that the prompt names is read, as an agent would", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.write("task.md", fmt::format("Do something. At the end create `{}`.\n", bench.inside("signal.done")));
  bench.start_to_box(fmt::format("'Read {} and carry it out'", bench.inside("task.md")));
  REQUIRE(bench.comes_event("done"));
  CHECK(fs::exists(bench.inside("signal.done")));
}

TEST_CASE("a turn that goes well runs the Stop hook with the answer", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.write("a/settings.json", hook_settings("Stop", "", bench.inside("stop.json")));
  bench.start_to_box("one");
  REQUIRE(bench.comes("· done "));
  auto const hook = bench.object("stop.json");
  CHECK(hook.at("hook_event_name").as_string() == "Stop");
  CHECK(hook.at("session_id").as_string() == bench.session_id());
  CHECK(hook.at("last_assistant_message").as_string() == "Done: one");
}

TEST_CASE("a spent account ends the turn in a typed row and a StopFailure hook", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.account("a", R"({"name":"a","limit":1,"used":0,"window":"five_hour","resets_in":3600})");
  bench.write("a/settings.json", hook_settings("StopFailure", "rate_limit|overloaded", bench.inside("failure.json")));
  bench.start_to_box("one");
  REQUIRE(bench.comes("· done "));
  CHECK_FALSE(fs::exists(bench.inside("failure.json")));
  bench.prompt("two");
  REQUIRE(bench.comes("Esc to cancel"));

  auto const errors = errors_in(bench.transcript("a"));
  REQUIRE(errors.size() == 1);
  auto const& row = errors.front();
  CHECK(row.at("apiError").as_string() == "usage_limit_reached");
  CHECK(row.at("apiErrorStatus").to_number<int>() == 429);
  CHECK(row.at("error").as_string() == "rate_limit");
  auto const& quota = row.at("quotaLimits").as_object();
  CHECK(quota.at("status").as_string() == "rejected");
  CHECK(quota.at("rateLimitType").as_string() == "five_hour");
  auto const account = bench.object("a/fake-account.json");
  CHECK(account.at("used").to_number<int>() == 1);
  CHECK(std::abs(quota.at("resetsAt").to_number<double>() - account.at("resets_at").to_number<double>()) < 1);
  auto const hook = bench.object("failure.json");
  CHECK(hook.at("error").as_string() == "rate_limit");
  CHECK_THAT(std::string{hook.at("last_assistant_message").as_string()}, CF_CONTAINS("You've hit your 5-hour limit"));
  CHECK(std::string{hook.at("transcript_path").as_string()}.starts_with(bench.inside("link/projects/")));
}

TEST_CASE("after a flip of the link the running agent goes on under the other account", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.account("a", R"({"name":"a","limit":0,"resets_in":3600})");
  bench.account("b", R"({"name":"b","limit":5,"resets_in":3600})");
  auto const done = bench.inside("task.done");
  auto const flip_and_continue = [&] {
    bench.start_to_box();
    bench.prompt(task_for(done));
    REQUIRE(bench.comes("Esc to cancel"));
    CHECK_FALSE(fs::exists(done));
    bench.flip("b");
    bench.prompt("continue");
    REQUIRE(bench.comes_event("done"));
    CHECK(fs::exists(done));
    CHECK(bench.object("b/fake-account.json").at("used").to_number<int>() == 1);
    CHECK(bench.events("done").front().at("account").as_string() == "b");
  };
  SECTION("in the same file where the history is shared") {
    bench.share_projects();
    flip_and_continue();
    CHECK(errors_in(bench.transcript("b")).size() == 1);
  }
  SECTION("in a second file where it is not") {
    flip_and_continue();
    CHECK(errors_in(bench.transcript("a")).size() == 1);
    auto const rows = bench.transcript("b");
    REQUIRE_FALSE(rows.empty());
    CHECK(errors_in(rows).empty());
    CHECK(rows.front().at("sessionId").as_string() == bench.session_id());
  }
}

TEST_CASE("a conversation resumed with a prompt carries out what the wall interrupted", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.share_projects();
  bench.account("a", R"({"name":"a","limit":0,"resets_in":3600})");
  auto const done = bench.inside("task.done");
  bench.start_to_box();
  bench.prompt(task_for(done));
  REQUIRE(bench.comes("Esc to cancel"));
  auto const session = bench.session_id();
  bench.prompt("/exit");
  REQUIRE(bench.comes_event("exit"));
  bench.flip("b");
  bench.start(fmt::format("--resume {} continue", session));
  REQUIRE(bench.comes_event("done"));
  CHECK(bench.session_id() == session);
  CHECK(fs::exists(done));
}

TEST_CASE("resuming what is not there is refused with exit code 1", "[fake_agent]") {
  FakeAgentBench const bench;
  auto const unknown = bench.run("--resume 11111111-2222-4333-8444-555555555555");
  CHECK(unknown.status == 1);
  CHECK(unknown.output == "No conversation found with session ID: 11111111-2222-4333-8444-555555555555\n");
  auto const nothing = bench.run("--continue");
  CHECK(nothing.status == 1);
  CHECK(nothing.output == "No conversation found to continue\n");
}

TEST_CASE("the version is that of the imitated agent, and the script may not ask for another", "[fake_agent]") {
  FakeAgentBench const bench;
  auto const version = bench.run("--version");
  CHECK(version.status == 0);
  CHECK(version.output == "2.1.330 (Claude Code)\n");
  bench.script(R"({"version":"0.1"})");
  CHECK(bench.run("hello").status == 1);
}

TEST_CASE("a resumed conversation waits and sends nothing", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.account("a", R"({"limit":9,"resets_in":3600})");
  bench.start_to_box("hello");
  REQUIRE(bench.comes_event("done"));
  bench.start_to_box("--continue");
  CHECK(bench.shows("❯ hello"));
  CHECK(bench.events("prompt").size() == 1);
  CHECK(bench.object("a/fake-account.json").at("used").to_number<int>() == 1);
}

TEST_CASE("an armed wait continues by itself after the reset, unless someone is faster", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"turn_seconds":0.1,"auto_continue_delay":0.2})");
  auto const done = bench.inside("task.done");
  auto const hit_the_wall = [&](std::string_view account) {
    bench.account("a", account);
    bench.start_to_box();
    bench.prompt(task_for(done));
    REQUIRE(bench.comes("Continuing automatically at"));
  };
  SECTION("by itself") {
    hit_the_wall(R"({"limit":0,"resets_in":2})");
    bench.account("a", R"({"limit":9,"resets_in":2})");
    REQUIRE(bench.comes("Usage limit reset · Continuing automatically"));
    REQUIRE(bench.comes_event("done"));
    CHECK(fs::exists(done));
    CHECK(bench.events("prompt").size() == 1);
    CHECK(bench.events("auto_continue").size() == 1);
  }
  SECTION("Escape cancels it") {
    hit_the_wall(R"({"limit":0,"resets_in":3600})");
    bench.press("Escape");
    REQUIRE(FakeAgentBench::comes_true([&] { return !bench.shows("Continuing automatically"); }));
    CHECK(bench.event_texts("escape") == Rows{"armed"});
  }
  SECTION("a prompt replaces it") {
    hit_the_wall(R"({"limit":0,"resets_in":3600})");
    bench.account("a", R"({"limit":9,"resets_in":3600})");
    bench.prompt("continue");
    REQUIRE(bench.comes("· done "));
    CHECK_FALSE(bench.shows("Continuing automatically"));
    CHECK(fs::exists(done));
  }
}

TEST_CASE("quota comes back at the reset that the first wall fixed", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.account("a", R"({"limit":1,"resets_in":3})");
  auto const resets_at = [&] { return bench.object("a/fake-account.json").at("resets_at").to_number<double>(); };
  bench.start_to_box("one");
  REQUIRE(bench.comes_event("done"));
  bench.prompt("two");
  REQUIRE(bench.comes_event("wall"));
  auto const first = resets_at();
  bench.prompt("three");
  REQUIRE(bench.comes_event("wall", 2));
  CHECK(resets_at() == first);
  REQUIRE(FakeAgentBench::comes_true([&] { return epoch_now() > first; }));
  bench.prompt("four");
  CHECK(bench.comes_event("done", 2));
}

TEST_CASE("text typed into the limit menu is lost and Enter picks an option", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"turns":[{"do":"wall_weekly","seconds":1}]})");
  bench.start_to_box("work");
  REQUIRE(bench.comes("What do you want to do?"));
  bench.type("/exit");
  bench.press("Enter");
  REQUIRE(bench.comes_event("menu_pick"));
  CHECK(bench.event_texts("menu_pick") == Rows{"Stop and wait for limit to reset"});
  REQUIRE(bench.comes("❯\u00a0"));
  CHECK_FALSE(bench.shows("/exit"));
  CHECK(bench.event_texts("prompt") == Rows{"work"});
  CHECK(bench.events("exit").empty());
}

TEST_CASE("a prompt that was queued behind a wall is sent once its menu is closed", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"turns":[{"match":"work","do":"wall_weekly","seconds":3},{"seconds":0.1}]})");
  bench.start_to_box("work");
  REQUIRE(bench.comes("esc to interrupt"));
  bench.prompt("and this");
  REQUIRE(bench.comes("What do you want to do?"));
  CHECK(bench.event_texts("prompt") == Rows{"work"});
  bench.press("Escape");
  REQUIRE(bench.comes_event("done"));
  CHECK(bench.event_texts("prompt") == Rows{"work", "and this"});
}

TEST_CASE("a login that the account file calls expired fails every turn", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.account("a", R"({"login_expired":true})");
  bench.start_to_box("work");
  REQUIRE(bench.comes("Login expired · Please run /login"));
  auto const errors = errors_in(bench.transcript("a"));
  REQUIRE(errors.size() == 1);
  CHECK(errors.front().at("error").as_string() == "authentication_failed");
}

TEST_CASE("without automatic continuation the 5-hour limit opens the menu, too", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.write("a/settings.json", R"({"autoContinueAtUsageLimit":false})");
  bench.script(R"({"turns":[{"do":"wall_five_hour","seconds":1}]})");
  bench.start_to_box("work");
  CHECK(bench.comes("  2. Wait here, then continue automatically at "));
}

TEST_CASE("a stray Enter approves the command that asks for permission, and is on record", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"permission_notice_after":0.1,"turns":[{"do":"permission","seconds":1,"command":"make all"}]})");
  bench.write("a/settings.json", hook_settings("Notification", "permission_prompt", bench.inside("notice.json")));
  bench.start_to_box("build");
  REQUIRE(bench.comes("Do you want to proceed?"));
  REQUIRE(FakeAgentBench::comes_true([&] { return !bench.read("notice.json").empty(); }));
  CHECK(bench.object("notice.json").at("message").as_string() == "Claude needs your permission");
  bench.press("Enter");
  REQUIRE(bench.comes_event("done"));
  CHECK(bench.event_texts("permission_enter") == Rows{"Yes"});
}

TEST_CASE("Enter at the trust dialog ends the agent, for No is chosen", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"start":"trust_dialog","turn_seconds":0.1})");
  bench.start("hello");
  REQUIRE(bench.comes("Yes, I trust this folder"));
  SECTION("Enter") {
    bench.press("Enter");
    REQUIRE(bench.comes_event("exit"));
    CHECK(bench.events("prompt").empty());
  }
  SECTION("Down, Enter") {
    bench.press("Down");
    REQUIRE(bench.comes("❯ Yes, I trust"));
    bench.press("Enter");
    REQUIRE(bench.comes_event("done"));
    CHECK(bench.event_texts("prompt") == Rows{"hello"});
  }
}

TEST_CASE("a directory that the account's .claude.json trusts is not asked about", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"start":"trust_dialog","turn_seconds":0.1})");
  bench.write("a/.claude.json",
              fmt::format(R"({{"projects":{{"{}":{{"hasTrustDialogAccepted":true}}}}}})", bench.work().string()));
  bench.start_to_box("hello");
  CHECK(bench.comes_event("done"));
}

TEST_CASE("the agent's ends have the real one's exit codes", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.write("a/settings.json", hook_settings("SessionEnd", "", bench.inside("end.json")));
  auto const ends_with = [&](std::string const& code) {
    return FakeAgentBench::comes_true([&] { return bench.read("status") == code + "\n"; });
  };
  SECTION("/exit") {
    bench.start_recording_status();
    REQUIRE(bench.comes("❯\u00a0"));
    bench.prompt("/exit");
    CHECK(ends_with("0"));
    CHECK(bench.object("end.json").at("reason").as_string() == "prompt_input_exit");
    CHECK(bench.comes("Resume this session with:"));
  }
  SECTION("SIGTERM") {
    bench.start_recording_status();
    REQUIRE(bench.comes("❯\u00a0"));
    REQUIRE(::kill(bench.pid(), SIGTERM) == 0);
    CHECK(ends_with("143"));
    CHECK(bench.comes("claude --resume " + bench.session_id()));
  }
  SECTION("a crash in the middle of a turn") {
    bench.script(R"({"turns":[{"do":"die","seconds":0.1}]})");
    bench.start_recording_status("work");
    CHECK(ends_with("1"));
    CHECK_FALSE(fs::exists(bench.inside("end.json")));
    CHECK(bench.events("done").empty());
  }
}

TEST_CASE("a prompt sent while a turn runs waits for its end", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"turns":[{"match":"first","seconds":4},{"match":"second","seconds":0.1}]})");
  bench.start_to_box("'first prompt'");
  REQUIRE(bench.comes("esc to interrupt"));
  bench.prompt("second prompt");
  REQUIRE(bench.comes("⎿  Queued · ctrl+x ctrl+s to send now"));
  CHECK(bench.shows("Press up to edit queued messages"));
  REQUIRE(bench.comes_event("done", 2));
  CHECK(bench.event_texts("prompt") == Rows{"first prompt", "second prompt"});
  CHECK_FALSE(bench.shows("Queued"));
}

TEST_CASE("an Enter that the script loses leaves the text in the box", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"turn_seconds":0.1,"lost_enters":1})");
  bench.start_to_box();
  bench.prompt("hello");
  REQUIRE(bench.comes_event("lost_enter"));
  CHECK(bench.events("prompt").empty());
  CHECK(bench.shows("❯\u00a0hello"));
  bench.press("Enter");
  CHECK(bench.comes_event("done"));
}

TEST_CASE("a grey suggestion is no text: Enter does not send it, typing replaces it", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.script(R"({"turns":[{"match":"fail","do":"error_500","seconds":0.1},{"seconds":0.1}]})");
  bench.start_to_box("fail");
  REQUIRE(bench.comes("❯\u00a0Resend your message to try again"));
  bench.press("Enter");
  bench.prompt("hello");
  REQUIRE(bench.comes_event("done"));
  CHECK(bench.event_texts("prompt") == Rows{"fail", "hello"});
}

TEST_CASE("C-u empties the box", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.start_to_box();
  bench.type("a draft");
  REQUIRE(bench.comes("❯\u00a0a draft"));
  bench.press("C-u");
  REQUIRE(FakeAgentBench::comes_true([&] { return !bench.shows("a draft"); }));
  bench.prompt("hello");
  REQUIRE(bench.comes_event("done"));
  CHECK(bench.event_texts("prompt") == Rows{"hello"});
}

TEST_CASE("a quota shared by many agents is counted exactly", "[fake_agent]") {
  FakeAgentBench const bench;
  constexpr std::size_t agents = 8;
  constexpr std::size_t limit = 5;
  bench.account("a", fmt::format(R"({{"name":"a","limit":{},"resets_in":3600}})", limit));
  for (std::size_t i = 0; i < agents; ++i) bench.start_beside(fmt::format("'prompt {}'", i));
  CHECK(
      FakeAgentBench::comes_true([&] { return bench.events("done").size() + bench.events("wall").size() == agents; }));
  CHECK(bench.events("done").size() == limit);
  CHECK(bench.object("a/fake-account.json").at("used").to_number<std::size_t>() == limit);
}

TEST_CASE("the box is whole at any width, also after a change of size", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.start_to_box();
  bench.type("some text in the box");
  for (int const columns : {40, 57, 120, 300}) {
    INFO(columns);
    bench.resize(columns, 20);
    std::string rule;
    for (int i = 0; i < columns; ++i) rule += "─";
    CHECK(FakeAgentBench::comes_true([&] {
      auto const rows = bench.screen();
      return rows.size() == 20 && rows[16] == rule && rows[17] == "❯\u00a0some text in the box" && rows[18] == rule;
    }));
  }
}

TEST_CASE("the status line command learns how much of the window is used", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.account("a", R"({"limit":4,"resets_in":3600})");
  bench.write("a/settings.json", fmt::format(R"({{"statusLine":{{"type":"command","command":"cat > {}; echo here"}}}})",
                                             bench.inside("status.json")));
  bench.start_to_box();
  CHECK_FALSE(bench.object("status.json").contains("rate_limits"));
  bench.prompt("one");
  REQUIRE(bench.comes("· done "));
  auto const window = bench.object("status.json").at("rate_limits").at("five_hour").as_object();
  CHECK(window.at("used_percentage").to_number<int>() == 25);
  CHECK(window.contains("resets_at"));
}

TEST_CASE("a hook that hangs is ended by its timeout", "[fake_agent]") {
  FakeAgentBench const bench;
  bench.write("a/settings.json", R"({"hooks":{"UserPromptSubmit":[{"hooks":[{"type":"command","command":"sleep 3600",
                                    "timeout":0.3}]}]}})");
  bench.start_to_box("hello");
  CHECK(bench.comes_event("done"));
}
