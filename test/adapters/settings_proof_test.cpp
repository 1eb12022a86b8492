#include "adapters/settings_proof.hpp"

#include "adapters/hook_settings.hpp"
#include "test/support/catch.hpp"

#include <string>

using namespace failover::adapters;
using failover::core::ErrorKind;

namespace {

HookCommands const commands{"/usr/bin/claude-failover", "/run/cf/control.sock", "/var/lib/cf/spool"};
std::string const settings =
    R"({"a":[1,{"b":null}],"hooks":{"Stop":[{"hooks":[{"type":"command","command":"beep"}]}]},)"
    R"("statusLine":{"type":"command","command":"date"}})";

std::string changed(std::string text, std::string_view from, std::string_view to) {
  auto const at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

bool proven(std::string const& before, std::string const& after) {
  auto const proof = prove_only_ours_changed(before, after);
  if (!proof) CHECK(proof.error().kind == ErrorKind::invalid);
  return proof.has_value();
}

}  // namespace

TEST_CASE("entries of ours make no difference, also around the person's", "[adapters][settings_proof]") {
  auto const with = add_hooks(settings, commands, TheirStatusLine::chain);
  REQUIRE(with);
  CHECK(proven(settings, *with));
  CHECK(proven(*with, settings));
  CHECK(proven("", settings_from_nothing(commands)));
  CHECK(proven("\xEF\xBB\xBF" + settings, settings));
}

TEST_CASE("any other difference is found", "[adapters][settings_proof]") {
  auto const with = add_hooks(settings, commands, TheirStatusLine::chain);
  REQUIRE(with);
  CHECK_FALSE(proven(settings, changed(*with, "null", "false")));
  CHECK_FALSE(proven(settings, changed(*with, "\"a\"", "\"A\"")));
  CHECK_FALSE(proven(settings, changed(*with, "beep", "boop")));
  CHECK_FALSE(proven(settings, changed(*with, "date", "date -u")));
  CHECK_FALSE(proven(settings, "{}"));
  CHECK_FALSE(proven("", "[]"));
}

TEST_CASE("what the library does not read is no settings", "[adapters][settings_proof]") {
  CHECK_FALSE(proven(settings, settings + "}"));
  CHECK_FALSE(proven("{", "{"));
}
