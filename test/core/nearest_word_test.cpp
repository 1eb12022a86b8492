#include "core/nearest_word.hpp"

#include "core/in_quotes.hpp"
#include "test/support/catch.hpp"

#include <string>
#include <vector>

using namespace failover::core;

TEST_CASE("a mistyped word is nearest to the one that was meant", "[core][nearest_word]") {
  std::vector<std::string_view> const words{"poll_interval", "settle", "size", "name", "config_dir"};
  CHECK(nearest_word("poll_intervall", words) == "poll_interval");
  CHECK(nearest_word("pol_intervl", words) == "poll_interval");
  CHECK(nearest_word("poll-interval", words) == "poll_interval");
  CHECK(nearest_word("setlte", words) == "settle");
  CHECK(nearest_word("szie", words) == "size");
  CHECK(nearest_word("nam", words) == "name");
  CHECK(nearest_word("configdir", words) == "config_dir");
}

TEST_CASE("a word that is far from all is nearest to none", "[core][nearest_word]") {
  std::vector<std::string_view> const words{"size", "name"};
  CHECK(nearest_word("weight", words).empty());
  CHECK(nearest_word("sane", {}).empty());
  CHECK(nearest_word("xizy", words).empty());
  CHECK(nearest_word("", words).empty());
  CHECK(nearest_word(std::string(1'000'000, 'n'), words).empty());
}

TEST_CASE("a quoted text shows nothing that a terminal obeys, and is cut between characters", "[core][quoted]") {
  CHECK(in_quotes("a b") == "'a b'");
  CHECK(in_quotes("\x1b[31m\n\x7f") == "'\\x1b[31m\\x0a\\x7f'");
  CHECK(in_quotes("\xC2\x9B") == "'\\u009b'");
  CHECK(in_quotes("é") == "'é'");
  CHECK(in_quotes(std::string(60, 'x')) == "'" + std::string(60, 'x') + "'");
  CHECK(in_quotes(std::string(61, 'x')) == "'" + std::string(60, 'x') + "…'");
  CHECK(in_quotes(std::string(59, 'x') + "éé") == "'" + std::string(59, 'x') + "…'");
}
