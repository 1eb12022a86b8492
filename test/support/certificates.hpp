#pragma once

#include <memory>
#include <string>

namespace failover::test {

/// A certificate with its key, both PEM.
struct Identity {
  std::string certificate = {};
  std::string key = {};
};

struct LeafWishes {
  std::string names = "DNS:localhost,IP:127.0.0.1";  ///< subjectAltName as OpenSSL writes it
  long valid_from = -3600;                           ///< seconds from now
  long valid_until = 3600;
};

/// A certificate authority of our own, made anew for each object.
class Authority {
 public:
  explicit Authority(std::string const& name = "failover test authority");
  ~Authority();

  [[nodiscard]] std::string certificate() const;
  [[nodiscard]] Identity issue(LeafWishes const& wishes = {}) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace failover::test
