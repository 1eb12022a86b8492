#include "adapters/foreground.hpp"

#include "test/support/catch.hpp"
#include "test/support/idle_program.hpp"
#include "test/support/tmux_server.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

using namespace failover;
using adapters::foreground_of;
using adapters::foregrounds_of;
using core::Foreground;

namespace {

/// A pane that a person types into.
struct Pane {
  test::TmuxServer server = {};

  explicit Pane(std::vector<std::string> const& argv) { (void)server.session("a", argv); }

  [[nodiscard]] pid_t process() { return static_cast<pid_t>(std::stol(server.format("=a:", "#{pane_pid}"))); }
  void type(std::string const& text) {
    (void)server.command({"send-keys", "-t", "=a:", "-l", text});
    press("Enter");
  }
  void press(std::string const& key) { (void)server.command({"send-keys", "-t", "=a:", key}); }
  [[nodiscard]] bool shows(std::string const& text) { return server.shows("=a:", text); }
  /// Programs take a moment to begin and to end.
  [[nodiscard]] bool becomes(Foreground expected) {
    return test::eventually([&] { return foreground_of(process()) == expected; });
  }

  /// A file below the server's directory that can be run.
  std::string script(std::string const& name, std::string const& text) const {
    auto const path = (server.dir() / name).string();
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
};

/// Without a history: bash writes one into the home when its terminal goes.
std::vector<std::string> interactive(std::string const& shell) {
  if (shell == "bash") return {"PS1=❯ ", "HISTFILE=", "bash", "--norc", "--noprofile", "-i"};
  return {"PS1=❯ ", shell, "-i"};
}

}  // namespace

TEST_CASE("a shell at its prompt is a shell, whatever it ran before", "[adapters][foreground]") {
  auto const shell = GENERATE(std::string{"bash"}, std::string{"dash"}, std::string{"sh"});
  Pane pane(interactive(shell));
  REQUIRE(pane.shows("❯"));
  CHECK(pane.becomes(Foreground::shell));
  pane.type("cat; echo an e''nd");
  CHECK(pane.becomes(Foreground::program));
  pane.press("C-d");
  REQUIRE(pane.shows("an end"));
  CHECK(pane.becomes(Foreground::shell));
}

TEST_CASE("what stands in the background, running or stopped, leaves the terminal to the shell",
          "[adapters][foreground]") {
  auto const shell = GENERATE(std::string{"bash"}, std::string{"dash"});
  Pane pane(interactive(shell));
  REQUIRE(pane.shows("❯"));
  pane.type("sleep 1000 & echo beg''un");
  REQUIRE(pane.shows("begun\n"));
  CHECK(pane.becomes(Foreground::shell));
  pane.type("cat");
  REQUIRE(pane.becomes(Foreground::program));
  pane.press("C-z");
  CHECK(pane.becomes(Foreground::shell));
  pane.type("fg");
  CHECK(pane.becomes(Foreground::program));
  pane.press("C-d");
  pane.type("kill $!; wait; echo al''one");  // not every shell takes its jobs along when its terminal goes
  CHECK(pane.shows("alone\n"));
}

TEST_CASE("without job control what a shell runs is in its own group, and counts", "[adapters][foreground]") {
  auto const shell = GENERATE(std::string{"bash"}, std::string{"dash"});
  Pane pane(interactive(shell));
  REQUIRE(pane.shows("❯"));
  pane.type("set +m; echo o''ff");
  REQUIRE(pane.shows("off\n"));
  CHECK(pane.becomes(Foreground::shell));
  pane.type("cat");
  CHECK(pane.becomes(Foreground::program));
  pane.press("C-d");
  CHECK(pane.becomes(Foreground::shell));
}

TEST_CASE("a program that took its shell's place has the terminal", "[adapters][foreground]") {
  Pane pane(interactive("bash"));
  REQUIRE(pane.shows("❯"));
  pane.type("exec cat");
  CHECK(pane.becomes(Foreground::program));
}

TEST_CASE("an agent behind a wrapper has the terminal, also when the wrapper is a shell", "[adapters][foreground]") {
  Pane pane({"cat"});
  auto const wrapper = pane.script("run-agent", "#!/bin/bash\necho wrapped\ncat\necho over\n");
  auto const forgetful = pane.script("spawn-agent", "(cat </dev/tty &)\nsleep 1000\n");
  std::map<std::string, std::vector<std::string>> const commands = {{"script", {wrapper}},
                                                                    {"bash script", {"bash", wrapper}},
                                                                    {"sh -c", {"sh", "-c", "cat; echo over"}},
                                                                    {"sh -c alone", {"sh", "-c", "cat"}},
                                                                    {"orphan", {"sh", forgetful}}};
  CHECK(pane.becomes(Foreground::program));
  for (auto const& [name, argv] : commands) {
    INFO(name);
    (void)pane.server.session("b", argv);
    auto const process = static_cast<pid_t>(std::stol(pane.server.format("=b:", "#{pane_pid}")));
    CHECK(test::eventually([&] { return foreground_of(process) == Foreground::program; }));
    (void)pane.server.command({"kill-session", "-t", "=b"});
  }
}

TEST_CASE("a shell within a shell is one, and a pipeline whose first program has ended is a program",
          "[adapters][foreground]") {
  Pane pane(interactive("bash"));
  REQUIRE(pane.shows("❯"));
  pane.type("PS1='in''ner' bash --norc --noprofile -i");
  REQUIRE(pane.shows("\ninner"));
  CHECK(pane.becomes(Foreground::shell));
  pane.type("true | cat - /dev/tty");
  CHECK(pane.becomes(Foreground::program));
  CHECK(foreground_of(pane.process()) == Foreground::program);
}

TEST_CASE("where nothing can be told, the answer is unknown", "[adapters][foreground]") {
  test::IdleProgram const without_terminal("sh", {});
  CHECK(foreground_of(without_terminal.pid()) == Foreground::unknown);
  CHECK(foreground_of(0) == Foreground::unknown);
  CHECK(foreground_of(-1) == Foreground::unknown);
  CHECK(foreground_of(1 << 30) == Foreground::unknown);
  Pane pane(interactive("bash"));
  auto const process = pane.process();
  REQUIRE(pane.becomes(Foreground::shell));
  (void)pane.server.command({"kill-server"});
  CHECK(test::eventually([&] { return foreground_of(process) == Foreground::unknown; }));
}

TEST_CASE("a child of the pane's process, in its group, does not stand for the pane", "[adapters][foreground]") {
  Pane pane({"sh", "-c", "cat; echo over"});
  REQUIRE(pane.becomes(Foreground::program));
  std::ifstream file("/proc/" + std::to_string(pane.process()) + "/task/" + std::to_string(pane.process()) +
                     "/children");
  pid_t child = 0;
  REQUIRE(file >> child);
  CHECK(foreground_of(child) == Foreground::unknown);
}

TEST_CASE("many panes are told in their order", "[adapters][foreground]") {
  Pane pane(interactive("bash"));
  REQUIRE(pane.becomes(Foreground::shell));
  (void)pane.server.session("b", {"sh", "-c", "cat; echo over"});
  (void)pane.server.session("c", {"cat"});
  auto const process = [&](std::string const& target) {
    return static_cast<pid_t>(std::stol(pane.server.format(target, "#{pane_pid}")));
  };
  std::vector<pid_t> const panes = {process("=c:"), process("=a:"), 0, process("=b:"), process("=a:")};
  std::vector<Foreground> const expected = {Foreground::program, Foreground::shell, Foreground::unknown,
                                            Foreground::program, Foreground::shell};
  CHECK(test::eventually([&] { return foregrounds_of(panes) == expected; }));
  CHECK(foregrounds_of({}).empty());
}

TEST_CASE("shells are known by name, and scripts and agents are none", "[adapters][foreground]") {
  for (char const* name : {"sh", "bash", "zsh", "fish", "dash", "ksh", "tcsh", "nu", "elvish"})
    CHECK(adapters::is_shell(name));
  for (char const* name : {"", "claude", "node", "bash-agent", "run-agent", "shell", "s", "ssh", "sudo"})
    CHECK_FALSE(adapters::is_shell(name));
}
