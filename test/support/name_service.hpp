#pragma once

namespace failover::test {

/// The name service of a test: in this process getaddrinfo knows two more names, for the network is not to be asked.
/// `unknown-name.test` does not exist; the answer for `slow-name.test` comes when the last SlowNames is gone.
class SlowNames {
 public:
  SlowNames();
  SlowNames(SlowNames const&) = delete;
  SlowNames& operator=(SlowNames const&) = delete;
  /// Must run before the loop is destroyed, whose end waits for the resolver's thread.
  ~SlowNames();
};

}  // namespace failover::test
