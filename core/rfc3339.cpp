#include "core/rfc3339.hpp"

#include <cstdio>

namespace failover::core {
namespace {

/// Reads fixed-width fields from the front; once something did not fit, everything after it fails too.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }
  char one_of(std::string_view allowed) {
    if (!good_ || rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
      good_ = false;
      return '\0';
    }
    char const found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }
  [[nodiscard]] bool at(char c) const { return good_ && !rest_.empty() && rest_.front() == c; }
  [[nodiscard]] bool at_digit() const {
    return good_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  [[nodiscard]] bool finished() const { return good_ && rest_.empty(); }

 private:
  int digit() {
    char const c = one_of("0123456789");
    return c == '\0' ? 0 : c - '0';
  }

  std::string_view rest_;
  bool good_ = true;
};

std::chrono::milliseconds fraction(Fields& fields) {
  int value = 0;
  int scale = 100;
  fields.one_of(".");
  value += fields.digits(1) * scale;
  while (fields.at_digit()) {
    scale /= 10;
    value += fields.digits(1) * scale;
  }
  return std::chrono::milliseconds{value};
}

}  // namespace

std::string to_rfc3339(WallTime time) {
  using namespace std::chrono;
  auto const day = floor<days>(time);
  year_month_day const date{day};
  hh_mm_ss const clock{floor<seconds>(time - day)};
  char text[48];
  int const length = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                                   static_cast<int>(clock.seconds().count()));
  return {text, static_cast<std::size_t>(length)};
}

std::optional<WallTime> from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  Fields fields{text};
  int const y = fields.digits(4);
  fields.one_of("-");
  int const m = fields.digits(2);
  fields.one_of("-");
  int const d = fields.digits(2);
  fields.one_of("Tt ");
  int const hour = fields.digits(2);
  fields.one_of(":");
  int const minute = fields.digits(2);
  fields.one_of(":");
  int const second = fields.digits(2);
  milliseconds const part = fields.at('.') ? fraction(fields) : milliseconds{0};

  minutes offset{0};
  char const sign = fields.one_of("Zz+-");
  if (sign == '+' || sign == '-') {
    int const h = fields.digits(2);
    fields.one_of(":");
    int const min = fields.digits(2);
    if (h > 23 || min > 59) return std::nullopt;
    offset = minutes{(h * 60 + min) * (sign == '-' ? -1 : 1)};
  }
  year_month_day const date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
  if (!fields.finished() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + part - offset;
}

}  // namespace failover::core
