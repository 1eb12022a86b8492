#include "core/server_scope.hpp"

namespace failover::core {

bool wants_own_scope(ScopeMeans const& means) {
  return means.in_service && means.systemd_run && means.user_manager;
}

std::vector<std::string> in_own_scope(std::vector<std::string> const& argv) {
  // A scope, unlike a service, has the program as our child, with our environment and outputs. Collected: a scope that
  // failed would keep its name.
  std::vector<std::string> words = {"systemd-run", "--user", "--scope", "--quiet", "--collect", "--"};
  words.insert(words.end(), argv.begin(), argv.end());
  return words;
}

}  // namespace failover::core
