#include "adapters/random_hex.hpp"

#include "core/expects.hpp"

#include <sys/random.h>

namespace failover::adapters {

std::string random_hex(std::size_t bytes) {
  std::string raw(bytes, '\0');
  std::size_t filled = 0;
  while (filled < bytes) {
    auto const count = ::getrandom(raw.data() + filled, bytes - filled, 0);
    EXPECTS(count > 0);  // only a signal can interrupt it, and none of ours is delivered to a handler
    filled += static_cast<std::size_t>(count);
  }
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (auto const c : raw) {
    auto const byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace failover::adapters
