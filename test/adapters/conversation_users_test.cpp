#include "adapters/conversation_users.hpp"

#include "adapters/carry_conversation.hpp"
#include "test/support/catch.hpp"
#include "test/support/idle_program.hpp"
#include "test/support/scratch_directory.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

namespace adapters = failover::adapters;
namespace core = failover::core;
using failover::test::IdleProgram;

namespace {

// The tests run side by side, and each would see the others' processes.
core::ConversationId const conversation{"7d1c1c0e-52e5-4a8f-8d0f-" + std::to_string(100'000'000'000 + ::getpid())};

std::vector<pid_t> users(pid_t ending = 0) {
  auto const found = adapters::processes_in(conversation, ending);
  REQUIRE(found);
  std::vector<pid_t> pids;
  for (auto const& user : *found) pids.push_back(user.pid);
  return pids;
}

using Pids = std::vector<pid_t>;

}  // namespace

TEST_CASE("an agent that was started with or resumed in the conversation keeps it", "[adapters][carry]") {
  auto const id = conversation.str();
  auto const words =
      GENERATE_COPY(std::vector<std::string>{"--resume", id, "continue"}, std::vector<std::string>{"--session-id", id},
                    std::vector<std::string>{"-r", id}, std::vector<std::string>{"--resume=" + id});
  IdleProgram const agent{"/opt/claude", words};
  auto const found = adapters::processes_in(conversation, 0);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().pid == agent.pid());
  CHECK(adapters::to_text(*found) == "claude (pid " + std::to_string(agent.pid()) + ")");
}

TEST_CASE("a command line that only mentions the conversation does not keep it", "[adapters][carry]") {
  IdleProgram const reader{"less", {"/home/me/" + conversation.str() + ".jsonl"}};
  IdleProgram const search{"grep", {conversation.str()}};
  IdleProgram const other{"claude", {"--resume", "another", conversation.str()}};
  CHECK(users().empty());
}

TEST_CASE("a tmux server bears the command of its first session and keeps no conversation", "[adapters][carry]") {
  IdleProgram const server{"/usr/bin/tmux", {"new-session", "-d", "--", "claude", "--resume", conversation.str()}};
  CHECK(users().empty());
}

TEST_CASE("what is about to end, and what is below it, does not count", "[adapters][carry]") {
  IdleProgram const agent{"claude", {"--resume", conversation.str()}};
  CHECK(users() == Pids{agent.pid()});
  CHECK(users(agent.pid()).empty());
  CHECK(users(::getpid()).empty());
  IdleProgram const elsewhere{"claude", {}};
  CHECK(users(elsewhere.pid()) == Pids{agent.pid()});
}

TEST_CASE("a conversation that another agent keeps is not carried over", "[adapters][carry]") {
  failover::test::ScratchDirectory const scratch;
  auto const name = "/projects/-w/" + conversation.str() + ".jsonl";
  std::filesystem::create_directories(scratch / "a/projects/-w");
  failover::test::put_file(scratch / "a" + name, "row\n");
  IdleProgram const agent{"claude", {"--resume", conversation.str()}};
  auto const carry = [&](pid_t ending) {
    return adapters::carry_conversation(conversation, {scratch / "a"}, scratch / "b", ending);
  };
  std::filesystem::create_directory(scratch / "b");
  auto const refused = carry(0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == core::ErrorKind::refused);
  CHECK_THAT(refused.error().detail, CF_CONTAINS("claude (pid " + std::to_string(agent.pid()) + ")"));
  CHECK_FALSE(std::filesystem::exists(scratch / "b/projects"));
  REQUIRE(carry(agent.pid()));
  CHECK(failover::test::file_bytes(scratch / "b" + name) == "row\n");
  CHECK(carry(0));  // nothing is left to copy
}
