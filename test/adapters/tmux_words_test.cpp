#include "adapters/tmux_words.hpp"

#include "test/support/catch.hpp"
#include "test/support/tmux_server.hpp"

#include <fstream>

using namespace failover;
namespace words = failover::adapters::tmux;

TEST_CASE("an argument's last semicolon is protected, others are left alone", "[adapters][tmux]") {
  CHECK(words::argument("a;") == "a\\;");
  CHECK(words::argument(";") == "\\;");
  CHECK(words::argument("a;b") == "a;b");
  CHECK(words::argument("").empty());
}

TEST_CASE("protected arguments reach the program as they were", "[adapters][tmux]") {
  test::TmuxServer server;
  std::vector<std::string> argv = {"new-session", "-d", "-s", "a", "--", "sh", "-c", "printf '<%s>' \"$@\"; sleep 1000",
                                   "sh"};
  for (auto const* word : {"x;", ";", "y\\;", ";;", "kill-server", "#{pid}", "$(id)"})
    argv.push_back(words::argument(word));
  (void)server.command(argv);
  CHECK(server.shows("a", "<x;><;><y\\;><;;><kill-server><#{pid}><$(id)>"));
}

TEST_CASE("quoted words survive tmux's file syntax whatever they contain", "[adapters][tmux]") {
  test::TmuxServer server;
  (void)server.session("a", {"cat"});
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  std::vector<std::string> const texts = {all,    "",       "a b", "'\"\\",        "$HOME ~ %if #{pid} #(id)",
                                          "a;b;", "x\n  y", "{ }", "# no comment", "é ❯ \xff"};
  for (auto const& text : texts) {
    std::ofstream(server.dir() / "file") << "set-buffer -b b -- " << words::quoted("<" + text + ">") << "\n";
    REQUIRE(server.command({"source-file", (server.dir() / "file").string()}).empty());
    auto const saved = server.dir() / "saved";
    (void)server.command({"save-buffer", "-b", "b", saved.string()});
    std::ifstream file(saved, std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "<" + text + ">");
  }
}

TEST_CASE("a directory's name is never expanded as a format", "[adapters][tmux]") {
  test::TmuxServer server;
  (void)server.session("keep", {"cat"});
  for (auto const* name : {"#{pid}", "a#[b", "##c", "#", "x##[y", "%H#S", "#(touch canary)"}) {
    auto const dir = server.dir() / name;
    std::filesystem::create_directories(dir);
    (void)server.command(
        {"new-session", "-d", "-s", "a", "-c", words::argument(words::unexpanded(dir.string())), "--", "env", "cat"});
    CHECK(test::eventually([&] { return server.format("=a:", "#{pane_current_path}") == dir.string(); }));
    (void)server.command({"kill-session", "-t", "=a"});
  }
  CHECK_FALSE(std::filesystem::exists(server.dir() / "canary"));
}

TEST_CASE("typeable text has no controls but newline and tab, and is valid UTF-8", "[adapters][tmux]") {
  CHECK(words::typeable("a\tb\nc") == "a\tb\nc");
  CHECK(words::typeable("a\r\nb\rc") == "a\nb\nc");
  CHECK(words::typeable("\x1b[201~rm\x03\x7f") == "[201~rm");
  CHECK(words::typeable("x\xc2\x9b"
                        "31my") == "x31my");  // C1 CSI
  CHECK(words::typeable("é❯\U0001f600") == "é❯\U0001f600");
  CHECK(words::typeable("a\xff\xc3") == "a");
  CHECK(words::typeable("\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf") == "");
  CHECK(words::typeable(std::string("a\0b", 3)) == "ab");
}
