#pragma once

#include "adapters/json_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// Edits of JSON as text: what is not edited keeps its bytes, and taking out what was put in gives the first text back.
namespace failover::adapters {

/// The text as a JSON string, quotes included. It must be UTF-8.
[[nodiscard]] std::string json_quoted(std::string_view text);

/// Adds `piece` at the end of an array or object: a value, or `"name":value`, written without white space. It is laid
/// out like its neighbours; in an empty array or object like the text's outermost members.
[[nodiscard]] std::string with_appended(JsonText const& json, JsonValue const& container, std::string_view piece);

/// Takes out one element or member with the comma and white space that with_appended brought. The last one leaves an
/// empty container, with what white space it had.
[[nodiscard]] std::string without_element(JsonText const& json, JsonValue const& container, std::size_t index);

/// The text with other bytes in one place.
[[nodiscard]] std::string with_replaced(std::string_view text, TextRange range, std::string_view bytes);

}  // namespace failover::adapters
