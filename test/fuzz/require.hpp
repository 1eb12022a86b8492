#pragma once

#include <cstdio>
#include <cstdlib>

/// What must hold for every input; a broken promise is a finding, as a crash is.
#define CF_REQUIRE(condition)                                                      \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
