#include "adapters/directory.hpp"

#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"

#include <algorithm>

namespace adapters = failover::adapters;
namespace core = failover::core;
using failover::test::put_file;
using failover::test::ScratchDirectory;

TEST_CASE("a directory's names are listed up to a bound, as often as asked", "[adapters][directory]") {
  ScratchDirectory const scratch;
  for (std::string const name : {"b", ".a", "c\n\xFF"}) put_file(scratch / name, "");
  auto const directory = adapters::open_directory(scratch.str());
  REQUIRE(directory);
  for (int round = 0; round < 2; ++round) {
    auto names = adapters::list_names(*directory, scratch.str(), 10);
    REQUIRE(names);
    std::sort(names->begin(), names->end());
    CHECK(*names == std::vector<std::string>{".a", "b", "c\n\xFF"});
  }
  auto const some = adapters::list_names(*directory, scratch.str(), 2);
  REQUIRE(some);
  CHECK(some->size() == 2);
}

TEST_CASE("only a directory can be opened as one", "[adapters][directory]") {
  ScratchDirectory const scratch;
  put_file(scratch / "file", "");
  for (auto const& path : {scratch / "file", scratch / "missing"}) {
    auto const outcome = adapters::open_directory(path);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == core::ErrorKind::not_found);
  }
}
