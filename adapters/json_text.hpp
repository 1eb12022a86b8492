#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// JSON as text: where in a file each value stands, for edits that leave every other byte alone.
namespace failover::adapters {

constexpr std::size_t max_json_text_bytes = std::size_t{4} << 20;
constexpr int max_json_text_depth = 64;  ///< of arrays and objects in one another

/// Bytes from `begin` up to, not including, `end`.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(TextRange const&) const = default;
};

enum class JsonKind { object, array, string, number, literal };  ///< literal: true, false, null

struct JsonValue {
  JsonKind kind = JsonKind::literal;
  TextRange range = {};  ///< with the brackets or quotes
  bool operator==(JsonValue const&) const = default;
};

struct JsonMember {
  std::string name = {};  ///< escapes resolved
  TextRange range = {};   ///< from the name's quote to the end of the value
  JsonValue value = {};
  bool operator==(JsonMember const&) const = default;
};

/// An edit's or a mistake's place, as editors count: from 1, in bytes of the line.
struct TextPlace {
  std::size_t line = 1;
  std::size_t column = 1;
  bool operator==(TextPlace const&) const = default;
};

[[nodiscard]] TextPlace place_of(std::string_view text, std::size_t offset);

/// The Error `invalid` that names a place of a text: line, column and byte.
[[nodiscard]] core::Error error_at(std::string_view text, std::size_t offset, std::string const& what);

/// A text that was found to be JSON (RFC 8259, in UTF-8; a byte order mark before it is let pass), walked on demand.
///
/// Holds a view: the text must outlive it. Two members of one name are let pass here; who edits must look for them.
class JsonText {
 public:
  /// `invalid` with line, column and byte for anything that is not JSON (comments and trailing commas by name, half
  /// surrogate pairs, more than max_json_text_depth levels); `too_large` beyond max_json_text_bytes.
  [[nodiscard]] static core::Result<JsonText> scan(std::string_view text);

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] JsonValue root() const { return root_; }

  /// In the order of the text. The value must be an object of this text.
  [[nodiscard]] std::vector<JsonMember> members(JsonValue const& object) const;
  /// The same of an array.
  [[nodiscard]] std::vector<JsonValue> elements(JsonValue const& array) const;
  /// What a string says, escapes resolved.
  [[nodiscard]] std::string string(JsonValue const& value) const;

 private:
  JsonText(std::string_view text, JsonValue root) : text_(text), root_(root) {}
  std::string_view text_ = {};
  JsonValue root_ = {};
};

/// Whether there is nothing in a text but white space and perhaps a byte order mark.
[[nodiscard]] bool is_blank_json(std::string_view text);

/// The first byte at or after `from` that is no JSON white space; the text's size where there is none.
[[nodiscard]] std::size_t skip_json_space(std::string_view text, std::size_t from);

}  // namespace failover::adapters
