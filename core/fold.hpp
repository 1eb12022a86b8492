#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace failover::core {

/// The code point at `at`, which moves on by at least one byte; U+FFFD for bytes that are not UTF-8.
[[nodiscard]] char32_t next_code_point(std::string_view text, std::size_t& at);

void append_code_point(std::string& out, char32_t c);

/// One row as the patterns see it: typographic variants become plain ones (’ → ', – → -, … → ..., every dot
/// separator → ·, every space → ' '), invisible characters and terminal controls are gone, invalid bytes are '?'.
/// Case is kept.
[[nodiscard]] std::string fold(std::string_view row);

/// The same of a row that is decoded already.
[[nodiscard]] std::string fold(std::u32string_view row);

/// Bytes of ASCII letters lowered; everything else as it is.
[[nodiscard]] char lowered(char c);
[[nodiscard]] std::string lowered(std::string_view text);

/// The row without escape sequences and control characters; tabs become one space.
[[nodiscard]] std::string without_controls(std::string_view row);

/// At most `characters` code points, valid UTF-8 whatever came in, cut with "…" where something was left off.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t characters);

[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace failover::core
