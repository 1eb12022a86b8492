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

using Find = int (*)(char const*, char const*, addrinfo const*, addrinfo**);

int find_two_homes(Find find, char const* service, addrinfo const* hints, addrinfo** found) {
  addrinfo* second = nullptr;
  if (auto const error = find("127.0.0.1", service, hints, &second)) return error;
  if (auto const error = find("127.0.0.2", service, hints, found)) return error;
  auto* last = *found;
  while (last->ai_next) last = last->ai_next;
  last->ai_next = second;  // freeaddrinfo takes each entry by itself
  return 0;
}

}  // namespace

// The linker takes this definition for the whole process; every other name goes on to the C library.
extern "C" int getaddrinfo(char const* name, char const* service, addrinfo const* hints, addrinfo** found) {
  static auto const real = reinterpret_cast<Find>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  std::string_view const asked = name ? name : "";
  if (asked == "slow-name.test") {
    std::unique_lock lock{gate().mutex};
    gate().opened.wait(lock, [] { return gate().holders == 0; });
  }
  if (asked == "slow-name.test" || asked == "unknown-name.test") return EAI_NONAME;
  if (asked == "two-homes.test") return find_two_homes(real, service, hints, found);
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
