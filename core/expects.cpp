#include "core/expects.hpp"

#include <cstdio>
#include <cstdlib>

namespace failover::core {

void broken_promise(char const* condition, char const* file, int line) {
  std::fprintf(stderr, "claude-failover: bug: %s:%d: expected %s\n", file, line, condition);
  std::abort();
}

}  // namespace failover::core
