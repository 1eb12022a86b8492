#include "adapters/reply_fields.hpp"

#include "adapters/message_text.hpp"

#include <cstdint>
#include <limits>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;

constexpr std::size_t max_text_units = 200;

std::string text_in(json::object const& object, std::string_view name) {
  auto const* const value = object.if_contains({name.data(), name.size()});
  if (!value || !value->is_string()) return {};
  auto const& text = value->get_string();
  return one_line({text.data(), text.size()}, max_text_units);
}

std::optional<std::int64_t> number_in(json::object const& object, std::string_view name) {
  auto const* const value = object.if_contains({name.data(), name.size()});
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

void read_parameters(json::value const& value, ReplyFields& fields) {
  if (!value.is_object()) return;
  auto const seconds = number_in(value.get_object(), "retry_after");
  if (seconds && *seconds >= 0 && *seconds <= std::numeric_limits<std::int32_t>::max())
    fields.retry_after = std::chrono::seconds{*seconds};
  auto const chat = number_in(value.get_object(), "migrate_to_chat_id");
  if (chat) fields.migrate_to_chat_id = std::to_string(*chat);
}

}  // namespace

ReplyFields read_reply_fields(std::string_view body) {
  ReplyFields fields;
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 16;
  auto const parsed = json::parse({body.data(), body.size()}, error, {}, options);
  if (error || !parsed.is_object()) return fields;
  auto const& object = parsed.get_object();

  auto const* const ok = object.if_contains("ok");
  fields.ok = ok && ok->is_bool() && ok->get_bool();
  fields.id = text_in(object, "id");
  fields.name = text_in(object, "name");
  fields.text = text_in(object, "description");
  if (fields.text.empty()) fields.text = text_in(object, "message");
  if (auto const* const parameters = object.if_contains("parameters")) read_parameters(*parameters, fields);
  return fields;
}

}  // namespace failover::adapters
