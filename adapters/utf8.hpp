#pragma once

#include <string>
#include <string_view>

namespace failover::adapters {

/// What stands at the beginning of some bytes.
struct CodePoint {
  char32_t value = 0;      ///< U+FFFD where the bytes are no UTF-8
  std::size_t length = 0;  ///< bytes taken: 1 to 4
  bool valid = false;
};

/// The first code point of a non-empty text. Overlong forms, surrogates and values beyond U+10FFFF are invalid; an
/// invalid sequence takes one byte.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

/// The text with every invalid byte replaced by U+FFFD.
[[nodiscard]] std::string repaired_utf8(std::string_view text);

/// Whether a code point can be shown on one line without changing how the rest is read: no control, no line or
/// paragraph separator, no invisible or direction-changing mark.
[[nodiscard]] bool is_printable(char32_t code_point);

/// The longest beginning of valid UTF-8 that has at most `max_bytes` bytes and ends between code points.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t max_bytes);

}  // namespace failover::adapters
