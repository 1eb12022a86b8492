#include "adapters/briefing_file.hpp"

#include "adapters/atomic_file.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/transcript_lines.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

using namespace failover::adapters;
using namespace failover::test;
using failover::core::Briefing;
using failover::core::ConversationId;

namespace {

void write(std::string const& path, std::string const& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream{path} << text;
}

std::string answer(std::string const& text) {
  return row_head("assistant", "r") +
         R"("message":{"model":"claude-opus-5-5","role":"assistant","content":[{"type":"thinking","thinking":"secret"},)" +
         R"({"type":"text","text":")" + text + R"("},{"type":"tool_use","id":"t","name":"Bash","input":{}}]}})" + "\n";
}

std::string tool_output(std::string const& text) {
  return row_head("user", "t") +
         R"("message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":")" + text +
         "\"}]}}\n";
}

struct Accounts {
  ScratchDirectory scratch;
  std::string a = scratch.str() + "/a";
  std::string b = scratch.str() + "/b";
  std::string file = scratch.str() + "/state/briefings/new.md";

  [[nodiscard]] std::string transcript(std::string const& account) const {
    return account + "/projects/-work/c-1.jsonl";
  }
  [[nodiscard]] Briefing briefing() const { return {file, ConversationId("c-1"), {}, "known of old", "continue"}; }
};

}  // namespace

TEST_CASE("the last request and its answers are found under any account, without what tools put out",
          "[adapters][briefing]") {
  Accounts world;
  write(world.transcript(world.b), prompt_line("1", "an older request") + answer("an older answer") +
                                       prompt_line("2", "Build the tower.") + answer("The first floor stands.") +
                                       tool_output("a password") + answer("The second stands.") +
                                       prompt_line("3", "continue"));
  auto const last = last_words(ConversationId("c-1"), {world.a, world.b}, "continue");
  CHECK(last.request == "Build the tower.");
  CHECK(last.replies == std::vector<std::string>{"The first floor stands.", "The second stands."});
}

TEST_CASE("a conversation without a transcript has no last words", "[adapters][briefing]") {
  Accounts world;
  CHECK(last_words(ConversationId("c-1"), {world.a, world.b}, "continue") == failover::core::LastWords{});
}

TEST_CASE("long words and broken rows do not make a briefing long or fail", "[adapters][briefing]") {
  Accounts world;
  std::string text = "no JSON\n" + prompt_line("1", std::string(100'000, 'x'));
  for (int i = 0; i < 20; ++i) text += answer(std::string(50'000, 'y'));
  write(world.transcript(world.a), text + "{\"half");
  auto const last = last_words(ConversationId("c-1"), {world.a}, "continue");
  CHECK(last.request.size() < failover::core::max_briefing_text + 10);
  CHECK(last.replies.size() == failover::core::max_briefing_replies);
  for (auto const& reply : last.replies) CHECK(reply.size() < failover::core::max_briefing_text + 10);
}

TEST_CASE("a briefing is written for this user only, with what was known where no transcript is left",
          "[adapters][briefing]") {
  Accounts world;
  REQUIRE(write_briefing(world.briefing(), {world.a, world.b}).has_value());
  auto const text = read_file(world.file, 1 << 16);
  REQUIRE(text.has_value());
  CHECK_THAT(*text, CF_CONTAINS("known of old"));
  struct stat info {};
  REQUIRE(::stat(world.file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600U);
  REQUIRE(::stat((world.scratch.str() + "/state/briefings").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0700U);
}

TEST_CASE("a briefing that cannot be written says so", "[adapters][briefing]") {
  Accounts world;
  write(world.scratch.str() + "/state", "a file");
  auto const written = write_briefing(world.briefing(), {});
  REQUIRE_FALSE(written.has_value());
  CHECK_FALSE(written.error().detail.empty());
}

TEST_CASE("old briefings are removed, and the new one is kept", "[adapters][briefing]") {
  Accounts world;
  for (std::size_t i = 0; i < most_briefings + 5; ++i)
    write(world.scratch.str() + "/state/briefings/old-" + std::to_string(i) + ".md", "x");
  REQUIRE(write_briefing(world.briefing(), {}).has_value());
  std::filesystem::directory_iterator const entries{world.scratch.str() + "/state/briefings"};
  CHECK(std::distance(begin(entries), end(entries)) == static_cast<std::ptrdiff_t>(most_briefings));
  CHECK(std::filesystem::exists(world.file));
}
