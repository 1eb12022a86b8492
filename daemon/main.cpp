#include "daemon/cli/command_line.hpp"

#include <clocale>

int main(int argc, char** argv) {
  std::setlocale(LC_ALL, "C");  // numbers and messages of the C library look the same everywhere
  return failover::daemon::run_command_line(argc, argv);
}
