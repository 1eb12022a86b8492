#include "test/support/name_service.hpp"

#include <condition_variable>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <string_view>

namespace {

struct Gate {
  std::mutex mutex = {};
  std::condition_variable opened = {};
  int holders = 0;
};

Gate& gate() {
  static Gate instance;
  return instance;
}

}  // namespace

// The linker takes this definition for the whole process; every other name goes on to the C library.
extern "C" int getaddrinfo(char const* name, char const* service, addrinfo const* hints, addrinfo** found) {
  using Real = int (*)(char const*, char const*, addrinfo const*, addrinfo**);
  static auto const real = reinterpret_cast<Real>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  std::string_view const asked = name ? name : "";
  if (asked == "slow-name.test") {
    std::unique_lock lock{gate().mutex};
    gate().opened.wait(lock, [] { return gate().holders == 0; });
  }
  if (asked == "slow-name.test" || asked == "unknown-name.test") return EAI_NONAME;
  return real(name, service, hints, found);
}

namespace failover::test {

SlowNames::SlowNames() {
  std::scoped_lock const lock{gate().mutex};
  ++gate().holders;
}

SlowNames::~SlowNames() {
  {
    std::scoped_lock const lock{gate().mutex};
    --gate().holders;
  }
  gate().opened.notify_all();
}

}  // namespace failover::test
