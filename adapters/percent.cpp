#include "adapters/percent.hpp"

#include <charconv>

namespace failover::adapters {
namespace {

bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string percent_encoded(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (char const c : bytes) {
    if (stands_for_itself(c)) {
      text += c;
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    text += '%';
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

core::Result<std::string> percent_decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      bytes += text[at];
      continue;
    }
    unsigned byte = 0;
    auto const digits = text.substr(at + 1, 2);
    auto const [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (failed != std::errc{} || digits.size() != 2 || end != digits.data() + 2)
      return core::Error{core::ErrorKind::invalid, "a % without two hexadecimal digits"};
    bytes += static_cast<char>(byte);
    at += 2;
  }
  return bytes;
}

}  // namespace failover::adapters
