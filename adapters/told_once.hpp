#pragma once

#include <cstddef>
#include <deque>
#include <string_view>
#include <unordered_set>

namespace failover::adapters {

/// Remembers what was told, so that news that came by two roads is told once.
///
/// An agent's call goes to the socket, and to the spool as well when our answer came too late for it: the same bytes.
/// The newest `most` are remembered.
class ToldOnce {
 public:
  explicit ToldOnce(std::size_t most = 4096) : most_(most) {}

  /// False when these bytes were here before.
  [[nodiscard]] bool first_time(std::string_view bytes);

 private:
  std::size_t most_;
  std::unordered_set<std::size_t> known_ = {};
  std::deque<std::size_t> order_ = {};  // oldest first
};

}  // namespace failover::adapters
