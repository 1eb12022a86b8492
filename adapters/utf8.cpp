#include "adapters/utf8.hpp"

namespace failover::adapters {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

CodePoint const invalid_byte{0xFFFD, 1, false};

}  // namespace

CodePoint first_code_point(std::string_view text) {
  auto const lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1, true};
  std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return invalid_byte;
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    auto const next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return invalid_byte;
    value = (value << 6) | (next & 0x3FU);
  }
  bool const overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  bool const surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return invalid_byte;
  return {value, length, true};
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    auto const next = first_code_point(text);
    if (!next.valid) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto const next = first_code_point(text);
    out.append(next.valid ? text.substr(0, next.length) : replacement);
    text.remove_prefix(next.length);
  }
  return out;
}

bool is_printable(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
  if (c == 0xAD || c == 0x61C || c == 0x180E || c == 0xFEFF) return false;
  if (c >= 0x200B && c <= 0x200F) return false;
  if (c >= 0x2028 && c <= 0x202E) return false;
  if (c >= 0x2060 && c <= 0x206F) return false;
  return !(c >= 0xE0000 && c <= 0xE007F) && !(c >= 0xFFF9 && c <= 0xFFFB);
}

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace failover::adapters
