#include "adapters/tmux_words.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace failover::adapters::tmux {
namespace {

bool plain_in_a_file(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./=:,@%+").find(c) != std::string_view::npos;
}

/// Length of the well-formed UTF-8 sequence at the start of text, 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  auto const byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  auto const first = byte(0);
  if (first < 0x80) return 1;
  std::size_t const length = first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  bool const overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  bool const beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
  return overlong || beyond ? 0 : length;
}

bool is_control(std::string_view sequence) {
  auto const first = static_cast<std::uint8_t>(sequence[0]);
  if (sequence.size() == 1) return (first < 0x20 && first != '\n' && first != '\t') || first == 0x7f;
  return first == 0xc2 && static_cast<std::uint8_t>(sequence[1]) < 0xa0;
}

}  // namespace

std::string argument(std::string word) {
  if (!word.empty() && word.back() == ';') word.insert(word.size() - 1, 1, '\\');
  return word;
}

std::string quoted(std::string_view text) {
  std::string word;
  for (auto const c : text) {
    if (plain_in_a_file(c)) {
      word += c;
      continue;
    }
    auto const byte = static_cast<std::uint8_t>(c);
    word += '\\';
    word += static_cast<char>('0' + (byte >> 6));
    word += static_cast<char>('0' + ((byte >> 3) & 7));
    word += static_cast<char>('0' + (byte & 7));
  }
  return word.empty() ? "''" : word;
}

std::string unexpanded(std::string_view text) {
  std::string literal;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] != '#') {
      literal += text[at++];
      continue;
    }
    auto const end = std::min(text.find_first_not_of('#', at), text.size());
    // tmux leaves a run of '#' before '[' alone, for it may be a style: doubled there it would stay doubled.
    bool const style = end < text.size() && text[end] == '[';
    literal.append((end - at) * (style ? 1 : 2), '#');
    at = end;
  }
  return literal;
}

std::string typeable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    if (text.starts_with("\r\n")) text.remove_prefix(1);
    auto const length = sequence_length(text);
    auto const sequence = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(sequence.size());
    if (sequence == "\r") {
      clean += '\n';
    } else if (length != 0 && !is_control(sequence)) {
      clean += sequence;
    }
  }
  return clean;
}

}  // namespace failover::adapters::tmux
