#include "adapters/json_text.hpp"

#include "adapters/json_scanner.hpp"
#include "core/expects.hpp"

#include <algorithm>
#include <charconv>

namespace failover::adapters {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::size_t text_begin(std::string_view text) {
  return text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
}

std::size_t string_end(std::string_view text, std::size_t begin) {
  auto at = begin + 1;
  while (text[at] != '"') at += text[at] == '\\' ? 2U : 1U;
  return at + 1;
}

std::size_t nested_end(std::string_view text, std::size_t begin) {
  int depth = 0;
  for (auto at = begin;;) {
    char const c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
}

/// The value that begins at `begin`, in a text that was checked.
JsonValue value_at(std::string_view text, std::size_t begin) {
  switch (text[begin]) {
    case '{':
      return {JsonKind::object, {begin, nested_end(text, begin)}};
    case '[':
      return {JsonKind::array, {begin, nested_end(text, begin)}};
    case '"':
      return {JsonKind::string, {begin, string_end(text, begin)}};
    default:
      break;
  }
  auto const end = std::min(text.find_first_of(" \t\r\n,]}", begin), text.size());
  char const c = text[begin];
  return {c == 't' || c == 'f' || c == 'n' ? JsonKind::literal : JsonKind::number, {begin, end}};
}

/// Where the next element begins, or the closing bracket stands, after an opening bracket or a value.
std::size_t next_element(std::string_view text, std::size_t from) {
  auto const at = skip_json_space(text, from);
  return text[at] == ',' ? skip_json_space(text, at + 1) : at;
}

void append_utf8(std::string& out, unsigned point) {
  auto const put = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

unsigned hexadecimal(std::string_view digits) {
  unsigned number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

/// Resolves the escape at the front of `rest` and takes it away.
void take_escape(std::string& out, std::string_view& rest) {
  char const c = rest[1];
  if (c != 'u') {
    constexpr std::string_view letters = "bfnrt";
    auto const at = letters.find(c);
    out.push_back(at == std::string_view::npos ? c : "\b\f\n\r\t"[at]);
    rest.remove_prefix(2);
    return;
  }
  auto point = hexadecimal(rest.substr(2, 4));
  rest.remove_prefix(6);
  if (point >= 0xD800 && point <= 0xDBFF) {
    point = 0x10000 + ((point - 0xD800) << 10) + (hexadecimal(rest.substr(2, 4)) - 0xDC00);
    rest.remove_prefix(6);
  }
  append_utf8(out, point);
}

std::string resolved(std::string_view quoted) {
  auto rest = quoted.substr(1, quoted.size() - 2);
  std::string out;
  while (!rest.empty()) {
    if (rest.front() == '\\') {
      take_escape(out, rest);
      continue;
    }
    auto const plain = std::min(rest.find('\\'), rest.size());
    out.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
  }
  return out;
}

}  // namespace

TextPlace place_of(std::string_view text, std::size_t offset) {
  auto const before = text.substr(0, offset);
  auto const line_begin = before.rfind('\n') == std::string_view::npos ? text_begin(before) : before.rfind('\n') + 1;
  return {static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1, before.size() - line_begin + 1};
}

core::Error error_at(std::string_view text, std::size_t offset, std::string const& what) {
  auto const place = place_of(text, offset);
  return {core::ErrorKind::invalid, "line " + std::to_string(place.line) + ", column " + std::to_string(place.column) +
                                        " (byte " + std::to_string(offset) + "): " + what};
}

core::Result<JsonText> JsonText::scan(std::string_view text) {
  if (text.size() > max_json_text_bytes)
    return core::Error{core::ErrorKind::too_large,
                       "more than " + std::to_string(max_json_text_bytes) + " bytes of JSON; that is no settings file"};
  auto const begin = text_begin(text);
  if (auto checked = check_json(text, begin); !checked) return checked.error();
  return JsonText{text, value_at(text, skip_json_space(text, begin))};
}

std::vector<JsonMember> JsonText::members(JsonValue const& object) const {
  EXPECTS(object.kind == JsonKind::object);
  std::vector<JsonMember> found;
  for (auto at = next_element(text_, object.range.begin + 1); text_[at] != '}';) {
    auto const name_end = string_end(text_, at);
    auto const colon = skip_json_space(text_, name_end);
    auto const value = value_at(text_, skip_json_space(text_, colon + 1));
    found.push_back({resolved(text_.substr(at, name_end - at)), {at, value.range.end}, value});
    at = next_element(text_, value.range.end);
  }
  return found;
}

std::vector<JsonValue> JsonText::elements(JsonValue const& array) const {
  EXPECTS(array.kind == JsonKind::array);
  std::vector<JsonValue> found;
  for (auto at = next_element(text_, array.range.begin + 1); text_[at] != ']';) {
    found.push_back(value_at(text_, at));
    at = next_element(text_, found.back().range.end);
  }
  return found;
}

std::string JsonText::string(JsonValue const& value) const {
  EXPECTS(value.kind == JsonKind::string);
  return resolved(text_.substr(value.range.begin, value.range.end - value.range.begin));
}

bool is_blank_json(std::string_view text) {
  return skip_json_space(text, text_begin(text)) == text.size();
}

std::size_t skip_json_space(std::string_view text, std::size_t from) {
  return std::min(text.find_first_not_of(" \t\r\n", from), text.size());
}

}  // namespace failover::adapters
