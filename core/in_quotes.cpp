#include "core/in_quotes.hpp"

#include <cstdio>

namespace failover::core {
namespace {

constexpr std::size_t longest_shown = 60;

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

std::size_t cut_between_characters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  while (limit > 0 && continues_character(text[limit])) --limit;
  return limit;
}

// U+0080 to U+009F are C2 80 to C2 9F: some terminals obey them as they obey ESC.
bool is_c1_control(std::string_view text, std::size_t at) {
  return text[at] == '\xC2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0U;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  auto const end = cut_between_characters(text, longest_shown);
  std::string shown = "'";
  for (std::size_t at = 0; at < end; ++at) {
    auto const byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20U || byte == 0x7FU) {
      char escaped[5] = {};
      std::snprintf(escaped, sizeof escaped, "\\x%02x", unsigned{byte});
      shown += escaped;
    } else if (is_c1_control(text, at)) {
      shown += "\\u00";
      char escaped[3] = {};
      std::snprintf(escaped, sizeof escaped, "%02x", unsigned{static_cast<unsigned char>(text[++at])});
      shown += escaped;
    } else {
      shown += text[at];
    }
  }
  return shown + (end < text.size() ? "…'" : "'");
}

}  // namespace failover::core
