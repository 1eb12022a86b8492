#include "adapters/message_text.hpp"

#include <utility>

namespace failover::adapters {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";  // one UTF-16 code unit

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

bool is_continuation(std::string_view text, std::size_t at) {
  return (byte_at(text, at) & 0xC0U) == 0x80U;
}

/// Bytes of the code point at `at`, 0 where there is none (RFC 3629: no overlong forms, surrogates, over U+10FFFF).
std::size_t code_point_bytes(std::string_view text, std::size_t at) {
  auto const first = byte_at(text, at);
  auto const second = byte_at(text, at + 1);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !is_continuation(text, at + 1)) return 0;
  if (first < 0xE0) return 2;
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if (!is_continuation(text, at + 2)) return 0;
  if (first < 0xF0) return 3;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return is_continuation(text, at + 3) ? 4 : 0;
}

bool is_dropped(unsigned byte) {
  return (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
}

}  // namespace

std::string plain_text(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    auto const bytes = code_point_bytes(text, at);
    if (bytes == 0)
      plain += replacement;
    else if (bytes > 1 || !is_dropped(byte_at(text, at)))
      plain += text.substr(at, bytes);
    at += bytes == 0 ? 1 : bytes;
  }
  return plain;
}

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (auto const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

std::string cut_text(std::string text, std::size_t units) {
  if (utf16_units(text) <= units) return text;
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    auto const bytes = code_point_bytes(text, at);
    used += bytes == 4 ? 2 : 1;
    if (used + 1 > units) break;  // the mark needs its place
    at += bytes == 0 ? 1 : bytes;
  }
  text.resize(at);
  if (units > 0) text += ellipsis;
  return text;
}

std::string one_line(std::string_view text, std::size_t units) {
  std::string line;
  auto gap = false;
  for (auto const c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      gap = !line.empty();
      continue;
    }
    if (std::exchange(gap, false)) line += ' ';
    line += c;
  }
  return cut_text(plain_text(line), units);
}

}  // namespace failover::adapters
