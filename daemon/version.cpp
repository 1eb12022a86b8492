#include "daemon/version.hpp"

namespace failover::daemon {

std::string version() {
  return CF_VERSION;
}

}  // namespace failover::daemon
