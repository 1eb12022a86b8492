#pragma once

namespace failover::test {

/// The name service of a test: in this process getaddrinfo knows three more names, for the network is not to be asked.
/// `unknown-name.test` does not exist; `two-homes.test` is 127.0.0.2 and then 127.0.0.1; the answer for
/// `slow-name.test` comes when the last SlowNames is gone.
class SlowNames {
 public:
  SlowNames();
  SlowNames(SlowNames const&) = delete;
  SlowNames& operator=(SlowNames const&) = delete;
  /// Must run before the loop is destroyed, whose end waits for the resolver's thread.
  ~SlowNames();
};

}  // namespace failover::test
