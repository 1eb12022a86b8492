#include "adapters/resident_memory.hpp"

#include "test/support/catch.hpp"

#include <fstream>
#include <string>
#include <vector>

namespace {

/// Kilobytes of files that this process has in memory.
long resident_file_pages() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("RssFile:", 0) == 0) return std::stol(line.substr(8));
  return -1;
}

}  // namespace

TEST_CASE("the program's text leaves memory and comes back as it is run", "[adapters][resident_memory]") {
  std::vector<std::string> const kept(1000, "what stands on the heap stays as it is");
  auto const before = resident_file_pages();
  REQUIRE(before > 0);
  failover::adapters::release_startup_memory();
  CHECK(resident_file_pages() < before / 2);
  CHECK(kept == std::vector<std::string>(1000, "what stands on the heap stays as it is"));
}
