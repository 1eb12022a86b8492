#include "adapters/json_document.hpp"

#include "adapters/utf8.hpp"

#include <charconv>
#include <cmath>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;

constexpr std::string_view hex_digits = "0123456789abcdef";

json::value const& value_at(void const* value) {
  static json::value const nothing;
  return value == nullptr ? nothing : *static_cast<json::value const*>(value);
}

std::string hex_of(std::string_view bytes) {
  std::string hex;
  for (char const c : bytes) {
    hex.push_back(hex_digits[static_cast<unsigned char>(c) >> 4]);
    hex.push_back(hex_digits[static_cast<unsigned char>(c) & 15]);
  }
  return hex;
}

std::optional<std::string> bytes_of(std::string_view hex) {
  std::string bytes;
  if (hex.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    auto const high = hex_digits.find(hex[i]);
    auto const low = hex_digits.find(hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(high << 4 | low)));
  }
  return bytes;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
    case '\\':
      out.push_back('\\');
      out.push_back(c);
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      if (static_cast<unsigned char>(c) >= 0x20) return out.push_back(c);
      out += "\\u00";
      out.push_back(hex_digits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(hex_digits[static_cast<unsigned char>(c) & 15]);
  }
}

}  // namespace

bool JsonNode::is_null() const {
  return value_at(value_).is_null();
}

std::optional<bool> JsonNode::boolean() const {
  auto const* const found = value_at(value_).if_bool();
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<std::int64_t> JsonNode::integer() const {
  auto const* const found = value_at(value_).if_int64();
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<std::uint64_t> JsonNode::natural() const {
  auto const& value = value_at(value_);
  if (auto const* const found = value.if_uint64()) return *found;
  auto const* const found = value.if_int64();
  if (found == nullptr || *found < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*found);
}

std::optional<double> JsonNode::number() const {
  auto const& value = value_at(value_);
  return value.is_number() ? std::optional(value.to_number<double>()) : std::nullopt;
}

std::optional<std::string_view> JsonNode::text() const {
  auto const* const found = value_at(value_).if_string();
  return found == nullptr ? std::nullopt : std::optional(std::string_view{found->data(), found->size()});
}

std::optional<std::size_t> JsonNode::length() const {
  auto const* const found = value_at(value_).if_array();
  return found == nullptr ? std::nullopt : std::optional(found->size());
}

JsonNode JsonNode::element(std::size_t index) const {
  return JsonNode{&value_at(value_).get_array()[index]};
}

std::optional<std::size_t> JsonNode::members() const {
  auto const* const found = value_at(value_).if_object();
  return found == nullptr ? std::nullopt : std::optional(found->size());
}

std::optional<JsonNode> JsonNode::member(std::string_view name) const {
  auto const* const object = value_at(value_).if_object();
  auto const* const found = object == nullptr ? nullptr : object->if_contains(name);
  return found == nullptr ? std::nullopt : std::optional(JsonNode{found});
}

core::Result<JsonDocument> JsonDocument::parse(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error) return core::Error{core::ErrorKind::invalid, "no JSON: " + error.message()};
  return JsonDocument{std::make_shared<json::value const>(std::move(value))};
}

void append_json(std::string& out, std::string_view text) {
  if (!is_valid_utf8(text)) {
    out += "{\"hex\":\"" + hex_of(text) + "\"}";
    return;
  }
  out.push_back('"');
  for (char const c : text) append_escaped(out, c);
  out.push_back('"');
}

void append_json(std::string& out, double number) {
  out += std::isfinite(number) ? number_text(number) : "null";
}

std::string number_text(double number) {
  char digits[32];
  auto const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return {digits, end};
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::string> text_of(JsonNode const& node) {
  if (auto const text = node.text()) return std::string(*text);
  auto const hex = node.members() == 1U ? node.member("hex") : std::nullopt;
  auto const digits = hex ? hex->text() : std::nullopt;
  return digits ? bytes_of(*digits) : std::nullopt;
}

}  // namespace failover::adapters
