#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace failover::adapters {

/// SHA-256 of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256 const&) = delete;
  Sha256& operator=(Sha256 const&) = delete;

  void add(std::string_view bytes);

  /// 64 lower-case hexadecimal digits; once, at the end.
  [[nodiscard]] std::string result();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace failover::adapters
