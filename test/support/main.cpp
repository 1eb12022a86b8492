// Only Catch2 2 needs it: Catch2 3 brings a library with main.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
