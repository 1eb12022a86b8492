#include "core/ulid.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t ulid_length = 26;

/// Writes the lowest 5 * count bits of value, most significant first.
void put_bits(std::string& out, std::uint64_t value, int count) {
  for (int place = count - 1; place >= 0; --place) out.push_back(alphabet[(value >> (5 * place)) & 31U]);
}

}  // namespace

std::string make_ulid(WallTime at, std::uint64_t random_high, std::uint64_t random_low) {
  constexpr std::int64_t latest = (std::int64_t{1} << 48) - 1;
  auto const milliseconds = std::clamp<std::int64_t>(at.time_since_epoch().count(), 0, latest);
  std::string text;
  text.reserve(ulid_length);
  put_bits(text, static_cast<std::uint64_t>(milliseconds), 10);
  // 80 random bits are sixteen characters: eight of the upper 40 bits, eight of the lower 40.
  put_bits(text, ((random_high & 0xFFFFU) << 24) | (random_low >> 40), 8);
  put_bits(text, random_low & 0xFF'FFFF'FFFFU, 8);
  return text;
}

bool is_ulid(std::string_view text) {
  return text.size() == ulid_length && text.front() <= '7' &&
         std::all_of(text.begin(), text.end(), [](char c) { return alphabet.find(c) != std::string_view::npos; });
}

std::optional<WallTime> time_of_ulid(std::string_view text) {
  if (!is_ulid(text)) return std::nullopt;
  std::int64_t milliseconds = 0;
  for (char const c : text.substr(0, 10))
    milliseconds = milliseconds * 32 + static_cast<std::int64_t>(alphabet.find(c));
  return WallTime{Duration{milliseconds}};
}

}  // namespace failover::core
