#include "adapters/own_command.hpp"

#include "adapters/chained_command.hpp"
#include "adapters/json_splice.hpp"
#include "test/support/catch.hpp"

#include <string>
#include <vector>

using namespace failover::adapters;
using Words = std::vector<std::string>;

namespace {

HookCommands const commands{"/usr/bin/claude-failover", "/run/it's/control.sock", "/var/a \"b\" $c/spool"};

}  // namespace

TEST_CASE("a shell reads a quoted word back", "[adapters][own_command]") {
  auto const text = GENERATE(as<std::string>{}, "", "a b", "it's", "'", "''", "$(x) `y` \\ \" ;", "two\nlines");
  CHECK(shell_words(shell_quoted(text)) == Words{text});
}

TEST_CASE("a simple command is split as a shell does", "[adapters][own_command]") {
  CHECK(shell_words("  a  'b c'd \"e \\\" \\x\" f\\ g\t''") == Words{"a", "b cd", "e \" \\x", "f g", ""});
  CHECK(shell_words("") == Words{});
}

TEST_CASE("a command with more in it than words is not taken apart", "[adapters][own_command]") {
  auto const text = GENERATE(as<std::string>{}, "a; b", "a && b", "a | b", "a > b", "a $b", "a `b`", "a\nb", "a \"$b\"",
                             "(a)", "a 'b", "a \"b", "a \\");
  CHECK(shell_words(text) == std::nullopt);
}

TEST_CASE("our commands are known again with their paths", "[adapters][own_command]") {
  CHECK(hook_command({"/b/claude-failover", "/r/control.sock", "/s/spool"}) ==
        "'/b/claude-failover' hook --socket '/r/control.sock' --spool '/s/spool'");
  CHECK(own_hook_command(hook_command(commands)) == commands);
  CHECK(own_status_line_command(status_line_command(commands)) == OwnStatusLine{commands, std::nullopt});
  CHECK(own_hook_command("claude-failover hook --socket /r") == HookCommands{"claude-failover", "/r", ""});
}

TEST_CASE("a command that is not wholly ours is not ours", "[adapters][own_command]") {
  CHECK(own_hook_command(status_line_command(commands)) == std::nullopt);
  CHECK(own_status_line_command(hook_command(commands)) == std::nullopt);
  CHECK(own_hook_command(hook_command(commands) + "; notify-send stopped") == std::nullopt);
  CHECK(own_hook_command("env A=1 " + hook_command(commands)) == std::nullopt);
  CHECK(own_hook_command("/usr/bin/other hook --socket /r") == std::nullopt);
  CHECK(own_hook_command("/opt/claude-failover/other hook --socket /r") == std::nullopt);
  CHECK(own_hook_command("claude-failover hook") == std::nullopt);
  CHECK(own_hook_command("claude-failover status --socket /r") == std::nullopt);
}

TEST_CASE("a chained command comes back with the escapes its JSON had", "[adapters][own_command]") {
  auto const theirs = GENERATE(as<std::string>{}, R"("")", R"("~/bin/line.sh")", R"("it's \u0027q\u0027 ''")",
                               R"("\u005c' \\' \\\u0027 \\\\'")", R"("a\/b \"c\" \n \u00e9 é")", R"("'\\''")",
                               R"("'\\\u0027'")", R"("jq -r '.model' | sed 's/x/y/'")");
  auto const ours = chained_json(commands, theirs);
  auto const json = JsonText::scan(ours);
  REQUIRE(json);
  auto const decoded = json->string(json->root());
  auto const parsed = own_status_line_command(decoded);
  REQUIRE(parsed);
  CHECK(parsed->commands == commands);
  auto const their_json = JsonText::scan(theirs);
  REQUIRE(their_json);
  CHECK(parsed->chained == their_json->string(their_json->root()));
  CHECK(unchained_json(ours, decoded) == theirs);
  CHECK(unchained_json(json_quoted(decoded), decoded) == json_quoted(*parsed->chained));
}

TEST_CASE("a chain whose quotes a person wrote anew gives the same command back", "[adapters][own_command]") {
  std::string const decoded = "claude-failover statusline --socket /r --spool /s --chain \"date +%H\"";
  CHECK(unchained_json(json_quoted(decoded), decoded) == "\"date +%H\"");
  CHECK(unchained_json("\"date\"", "date") == std::nullopt);
  CHECK(unchained_json(json_quoted(status_line_command(commands)), status_line_command(commands)) == std::nullopt);
}
