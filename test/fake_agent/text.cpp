#include "text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace failover::fake_agent {
namespace {

char32_t decode(std::string_view character) {
  auto const byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(character[i])); };
  switch (character.size()) {
    case 2:
      return ((byte(0) & 0x1fU) << 6U) | (byte(1) & 0x3fU);
    case 3:
      return ((byte(0) & 0x0fU) << 12U) | ((byte(1) & 0x3fU) << 6U) | (byte(2) & 0x3fU);
    case 4:
      return ((byte(0) & 0x07U) << 18U) | ((byte(1) & 0x3fU) << 12U) | ((byte(2) & 0x3fU) << 6U) | (byte(3) & 0x3fU);
    default:
      return byte(0);
  }
}

std::size_t width_of(char32_t c) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 4> empty{
      {{0x0300, 0x036f}, {0x200b, 0x200f}, {0xfe00, 0xfe0f}, {0x20d0, 0x20ff}}};
  static constexpr std::array<std::pair<char32_t, char32_t>, 7> wide{{{0x1100, 0x115f},
                                                                      {0x2e80, 0xa4cf},
                                                                      {0xac00, 0xd7a3},
                                                                      {0xf900, 0xfaff},
                                                                      {0xfe30, 0xfe6f},
                                                                      {0xff00, 0xff60},
                                                                      {0x1f300, 0x1faff}}};
  auto const holds = [c](auto const& range) { return c >= range.first && c <= range.second; };
  if (std::any_of(empty.begin(), empty.end(), holds)) return 0;
  return std::any_of(wide.begin(), wide.end(), holds) ? 2 : 1;
}

/// The first character of `text`, which must not be empty.
std::string_view first_character(std::string_view text) {
  return text.substr(0, std::min(character_bytes(text.front()), text.size()));
}

/// The longest head of `text` that fits `width`; at least one character.
std::string_view head_that_fits(std::string_view text, std::size_t width) {
  std::size_t bytes = 0;
  std::size_t used = 0;
  while (bytes < text.size()) {
    auto const character = first_character(text.substr(bytes));
    auto const more = width_of(decode(character));
    if (bytes > 0 && used + more > width) break;
    used += more;
    bytes += character.size();
  }
  return text.substr(0, bytes);
}

void wrap_line(std::string_view line, std::size_t width, std::vector<std::string>& out) {
  while (columns(line) > width) {
    auto head = head_that_fits(line, width);
    auto rest = line.substr(head.size());
    if (auto const space = head.rfind(' '); !rest.starts_with(' ') && space != std::string_view::npos && space > 0) {
      head = line.substr(0, space);
      rest = line.substr(space + 1);
    } else if (rest.starts_with(' ')) {
      rest.remove_prefix(1);
    }
    out.emplace_back(head);
    line = rest;
  }
  out.emplace_back(line);
}

}  // namespace

std::size_t character_bytes(char lead) {
  auto const byte = static_cast<unsigned char>(lead);
  if (byte >= 0xf0U && byte < 0xf8U) return 4;
  if (byte >= 0xe0U) return byte < 0xf0U ? 3 : 1;
  return byte >= 0xc0U ? 2 : 1;
}

std::size_t columns(std::string_view utf8) {
  std::size_t sum = 0;
  while (!utf8.empty()) {
    auto const character = first_character(utf8);
    sum += width_of(decode(character));
    utf8.remove_prefix(character.size());
  }
  return sum;
}

std::string cut(std::string_view utf8, std::size_t width) {
  if (columns(utf8) <= width) return std::string{utf8};
  if (width < 2) return "…";
  return std::string{head_that_fits(utf8, width - 1)} + "…";
}

std::vector<std::string> wrap(std::string_view utf8, std::size_t width) {
  std::vector<std::string> out;
  width = std::max<std::size_t>(width, 1);
  for (;;) {
    auto const end = utf8.find('\n');
    wrap_line(utf8.substr(0, end), width, out);
    if (end == std::string_view::npos) return out;
    utf8.remove_prefix(end + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (;;) {
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return out;
    text.remove_prefix(first);
    auto const end = std::min(text.find_first_of(" \t\r\n"), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

}  // namespace failover::fake_agent
