#include "core/fold.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr char32_t replacement = 0xFFFD;

bool is_tail(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

bool is_space(char32_t c) {
  return c == 0x20 || c == 0x09 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

void append_folded(std::string& out, char32_t c) {
  if (is_space(c)) {
    out += ' ';
    return;
  }
  if (is_invisible(c)) return;
  switch (c) {
    case 0x2018:
    case 0x2019:
    case 0x201B:
    case 0x02BC:
    case 0x2032:
    case 0xFF07:
      out += '\'';
      return;
    case 0x201C:
    case 0x201D:
    case 0x201F:
    case 0xFF02:
      out += '"';
      return;
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
      out += '-';
      return;
    case 0xB7:
    case 0x2022:
    case 0x2027:
    case 0x2219:
    case 0x22C5:
    case 0x30FB:
    case 0xFF65:
      out += "\xC2\xB7";
      return;
    case 0x2026:
    case 0x22EF:
      out += "...";
      return;
    case replacement:
      out += '?';
      return;
    default:
      append_code_point(out, c);
  }
}

/// The end of the escape sequence that begins at `at`.
std::size_t after_escape(std::string_view text, std::size_t at) {
  ++at;
  if (at >= text.size()) return at;
  char const kind = text[at++];
  if (kind == '[') {
    while (at < text.size() && (text[at] < 0x40 || text[at] > 0x7E)) ++at;
    return at < text.size() ? at + 1 : at;
  }
  if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {
    for (; at < text.size(); ++at) {
      if (text[at] == '\a') return at + 1;
      if (text[at] == '\x1b') return at + 1 < text.size() && text[at + 1] == '\\' ? at + 2 : at;
    }
  }
  return at;
}

}  // namespace

void append_code_point(std::string& out, char32_t c) {
  auto const put = [&out](char32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | (c >> 6U));
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | (c >> 12U));
    put(0x80U | ((c >> 6U) & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | (c >> 18U));
    put(0x80U | ((c >> 12U) & 0x3FU));
    put(0x80U | ((c >> 6U) & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

char32_t next_code_point(std::string_view text, std::size_t& at) {
  auto const byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
  char32_t const first = byte(at++);
  if (first < 0x80) return first;
  std::size_t const tails = first >= 0xC2 && first < 0xE0   ? 1U
                            : first >= 0xE0 && first < 0xF0 ? 2U
                            : first < 0xF5                  ? 3U
                                                            : 0U;
  if (first < 0xC2 || tails == 0 || at + tails > text.size()) return replacement;
  char32_t value = first & (0x3FU >> tails);
  for (std::size_t i = 0; i < tails; ++i) {
    if (!is_tail(text[at + i])) return replacement;
    value = (value << 6U) | (byte(at + i) & 0x3FU);
  }
  bool const overlong = (tails == 2 && value < 0x800) || (tails == 3 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return replacement;
  at += tails;
  return value;
}

std::string fold(std::string_view row) {
  std::string out;
  out.reserve(row.size());
  for (std::size_t at = 0; at < row.size();) {
    char const c = row[at];
    if (c >= 0x20 && c < 0x7F) {
      out += c;
      ++at;
    } else {
      append_folded(out, next_code_point(row, at));
    }
  }
  return out;
}

std::string fold(std::u32string_view row) {
  auto const plain = [](char32_t c) { return c >= 0x20 && c < 0x7F; };
  auto const odd = std::find_if_not(row.begin(), row.end(), plain);
  std::string out(static_cast<std::size_t>(odd - row.begin()), ' ');
  std::transform(row.begin(), odd, out.begin(), [](char32_t c) { return static_cast<char>(c); });
  for (auto c = odd; c != row.end(); ++c) {
    if (plain(*c))
      out += static_cast<char>(*c);
    else
      append_folded(out, *c);
  }
  return out;
}

char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string lowered(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = lowered(c);
  return out;
}

std::string without_controls(std::string_view row) {
  std::string out;
  out.reserve(row.size());
  for (std::size_t at = 0; at < row.size();) {
    unsigned char const c = static_cast<unsigned char>(row[at]);
    if (c == 0x1B) {
      at = after_escape(row, at);
      continue;
    }
    if (c == '\t') out += ' ';
    if (c >= 0x20 && c != 0x7F) out += row[at];
    ++at;
  }
  return out;
}

std::string clipped(std::string_view text, std::size_t characters) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    char32_t const c = next_code_point(text, at);
    if (is_invisible(c)) continue;
    if (count + 1 == characters && at < text.size()) {
      append_code_point(out, 0x2026);
      return out;
    }
    if (count++ == characters) return out;
    append_code_point(out, c);
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace failover::core
