#include "json_file.hpp"

#include "files.hpp"

namespace failover::fake_agent {

std::optional<json::object> parse_object(std::string_view text) {
  boost::system::error_code failed;
  auto value = json::parse(text, failed);
  if (failed || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

std::optional<json::object> read_object(std::string const& path) {
  auto const text = read_file(path);
  return text ? parse_object(*text) : std::nullopt;
}

std::string text_of(json::object const& object, std::string_view key, std::string_view otherwise) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->as_string()} : std::string{otherwise};
}

double number_of(json::object const& object, std::string_view key, double otherwise) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : otherwise;
}

bool flag_of(json::object const& object, std::string_view key, bool otherwise) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_bool() ? value->as_bool() : otherwise;
}

json::object const* object_of(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

json::array const* array_of(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr ? value->if_array() : nullptr;
}

}  // namespace failover::fake_agent
