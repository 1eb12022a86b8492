#include "adapters/told_once.hpp"

#include <functional>

namespace failover::adapters {

bool ToldOnce::first_time(std::string_view bytes) {
  auto const hash = std::hash<std::string_view>{}(bytes);
  if (!known_.insert(hash).second) return false;
  order_.push_back(hash);
  if (order_.size() > most_) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

}  // namespace failover::adapters
