#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text as the messages' services take it: valid UTF-8, bounded, without control characters.
namespace failover::adapters {

/// Replaces each byte that is not part of valid UTF-8 by U+FFFD and drops control characters but line feed and tab.
[[nodiscard]] std::string plain_text(std::string_view text);

/// Cuts valid UTF-8 to at most `units` UTF-16 code units (how Telegram counts), at a code point, with `…` at the end.
[[nodiscard]] std::string cut_text(std::string text, std::size_t units);

/// plain_text in one line, cut: for subjects and error details. Blanks and line ends in a row become one blank.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t units);

/// How many UTF-16 code units valid UTF-8 takes.
[[nodiscard]] std::size_t utf16_units(std::string_view text);

}  // namespace failover::adapters
