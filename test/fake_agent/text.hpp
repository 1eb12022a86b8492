#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace failover::fake_agent {

/// Terminal columns that UTF-8 text takes: 2 for East Asian and emoji, 0 for combining marks, else 1.
[[nodiscard]] std::size_t columns(std::string_view utf8);

/// The text in at most `width` columns, ending in … when something was left out.
[[nodiscard]] std::string cut(std::string_view utf8, std::size_t width);

/// Lines of at most `width` columns: broken at the text's own newlines, else at spaces, else inside a word.
/// Empty text gives one empty line.
[[nodiscard]] std::vector<std::string> wrap(std::string_view utf8, std::size_t width);

/// Without blanks and newlines at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Splits at blanks and newlines; nothing empty.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

/// Bytes of the UTF-8 character that starts with `lead`; 1 for a byte that cannot start one.
[[nodiscard]] std::size_t character_bytes(char lead);

}  // namespace failover::fake_agent
