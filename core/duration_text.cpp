#include "core/duration_text.hpp"

#include "core/in_quotes.hpp"

#include <array>
#include <charconv>

namespace failover::core {
namespace {

struct Unit {
  std::string_view name;
  Duration length;
};

constexpr std::array<Unit, 5> units{{
    {"d", std::chrono::hours{24}},
    {"h", std::chrono::hours{1}},
    {"m", std::chrono::minutes{1}},
    {"s", std::chrono::seconds{1}},
    {"ms", Duration{1}},
}};

Error unreadable(std::string_view text, std::string_view why) {
  return {ErrorKind::invalid, in_quotes(text) + " is not a duration: " + std::string(why)};
}

std::string_view take_letters(std::string_view& rest) {
  std::size_t length = 0;
  while (length < rest.size() && rest[length] >= 'a' && rest[length] <= 'z') ++length;
  auto const letters = rest.substr(0, length);
  rest.remove_prefix(length);
  return letters;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return unreadable(text, "write a number with a unit, such as 30s, 5m, 2h, 1h30m, 500ms or 7d");
  Duration total{};
  std::size_t next_unit = 0;
  auto rest = text;
  while (!rest.empty()) {
    std::int64_t count = 0;
    auto const [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (failure == std::errc::result_out_of_range) return unreadable(text, "the number is too large");
    if (failure != std::errc{} || count < 0)
      return unreadable(text, "write whole numbers with units, such as 30s, 5m, 2h, 1h30m, 500ms or 7d");
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    auto const name = take_letters(rest);
    if (name.empty() && rest.empty()) return unreadable(text, "write a unit after the number: ms, s, m, h or d");
    std::size_t unit = 0;
    while (unit < units.size() && units[unit].name != name) ++unit;
    if (unit == units.size()) return unreadable(text, "the units are ms, s, m, h and d, after whole numbers");
    if (unit < next_unit) return unreadable(text, "write each unit once, the larger before the smaller, as in 1h30m");
    if (count > (longest_duration - total) / units[unit].length) return unreadable(text, "it is longer than 100 years");
    total += count * units[unit].length;
    next_unit = unit + 1;
  }
  return total;
}

std::string duration_text(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  std::string text = duration < Duration::zero() ? "-" : "";
  auto rest = duration < Duration::zero() ? -duration : duration;
  for (auto const& unit : units) {
    auto const count = rest / unit.length;
    if (count == 0) continue;
    text += std::to_string(count);
    text += unit.name;
    rest -= count * unit.length;
  }
  return text;
}

}  // namespace failover::core
