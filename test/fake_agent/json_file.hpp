#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace failover::fake_agent {

namespace json = boost::json;

/// The JSON object in a file; nothing when the file is absent, unreadable or something else.
[[nodiscard]] std::optional<json::object> read_object(std::string const& path);
[[nodiscard]] std::optional<json::object> parse_object(std::string_view text);

[[nodiscard]] std::string text_of(json::object const& object, std::string_view key, std::string_view otherwise = {});
[[nodiscard]] double number_of(json::object const& object, std::string_view key, double otherwise);
[[nodiscard]] bool flag_of(json::object const& object, std::string_view key, bool otherwise);
/// The object under `key`; nullptr when there is none.
[[nodiscard]] json::object const* object_of(json::object const& object, std::string_view key);
/// The array under `key`; nullptr when there is none.
[[nodiscard]] json::array const* array_of(json::object const& object, std::string_view key);

}  // namespace failover::fake_agent
