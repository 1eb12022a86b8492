#include "keys.hpp"

#include "text.hpp"

#include <algorithm>
#include <utility>

namespace failover::fake_agent {
namespace {

constexpr std::string_view paste_start = "\x1b[200~";
constexpr std::string_view paste_end = "\x1b[201~";

KeyKind control_kind(char c) {
  switch (c) {
    case '\r':
      return KeyKind::enter;
    case '\n':
      return KeyKind::newline;
    case '\x03':
      return KeyKind::interrupt;
    case '\x04':
      return KeyKind::end;
    case '\x15':
      return KeyKind::clear_line;
    case '\x08':
    case '\x7f':
      return KeyKind::backspace;
    default:
      return KeyKind::other;
  }
}

std::string with_newlines(std::string text) {
  std::replace(text.begin(), text.end(), '\r', '\n');
  return text;
}

}  // namespace

std::optional<Key> KeyDecoder::take(std::size_t bytes, KeyKind kind, std::string text) {
  bytes_.erase(0, bytes);
  escape_is_over_ = false;
  return Key{kind, std::move(text)};
}

std::optional<Key> KeyDecoder::next_sequence() {
  if (bytes_.starts_with(paste_start)) {
    auto const end = bytes_.find(paste_end);
    if (end == std::string::npos) return std::nullopt;
    auto text = with_newlines(bytes_.substr(paste_start.size(), end - paste_start.size()));
    return take(end + paste_end.size(), KeyKind::paste, std::move(text));
  }
  auto const final_byte = std::find_if(bytes_.begin() + 2, bytes_.end(), [](char c) { return c >= '@' && c <= '~'; });
  if (final_byte == bytes_.end()) {
    if (!escape_is_over_) return std::nullopt;
    return take(bytes_.size(), KeyKind::other);
  }
  auto const length = static_cast<std::size_t>(final_byte - bytes_.begin()) + 1;
  switch (*final_byte) {
    case 'A':
      return take(length, KeyKind::up);
    case 'B':
      return take(length, KeyKind::down);
    default:
      return take(length, KeyKind::other);
  }
}

std::optional<Key> KeyDecoder::next() {
  if (bytes_.empty()) return std::nullopt;
  char const first = bytes_.front();
  if (first == '\x1b') {
    if (bytes_.size() == 1) return escape_is_over_ ? take(1, KeyKind::escape) : std::nullopt;
    if (bytes_[1] == '[' || bytes_[1] == 'O') return next_sequence();
    if (bytes_[1] == '\r') return take(2, KeyKind::newline);
    return take(1, KeyKind::escape);
  }
  if (static_cast<unsigned char>(first) < 0x20U || first == '\x7f') return take(1, control_kind(first));
  auto const length = character_bytes(first);
  if (bytes_.size() < length && !escape_is_over_) return std::nullopt;
  return take(std::min(length, bytes_.size()), KeyKind::text, bytes_.substr(0, length));
}

}  // namespace failover::fake_agent
