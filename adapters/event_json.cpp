#include "adapters/event_json.hpp"

#include "adapters/event_fields.hpp"

#include <utility>
#include <variant>

namespace failover::adapters {

namespace {

template <std::size_t index = 0>
core::Result<core::Event> begin_event(std::string_view name) {
  if constexpr (index == std::variant_size_v<core::Event>) {
    return core::Error{core::ErrorKind::unsupported, "an event that is not known: " + std::string(name)};
  } else {
    using Alternative = std::variant_alternative_t<index, core::Event>;
    if (name == Fields<Alternative>::name) return core::Event{blank_value<Alternative>()};
    return begin_event<index + 1>(name);
  }
}

}  // namespace

std::string_view event_name(core::Event const& event) {
  return std::visit([]<class Alternative>(Alternative const&) { return Fields<Alternative>::name; }, event);
}

std::string event_to_json(core::Event const& event) {
  RecordWriter<Extent::whole> writer;
  std::visit([&]<class Alternative>(Alternative const& told) { Fields<Alternative>::visit(writer, told); }, event);
  return writer.take();
}

core::Result<core::Event> event_from_json(std::string_view name, JsonNode const& object) {
  auto event = begin_event(name);
  if (!event) return event;
  RecordReader<Extent::whole> reader{object, {}};
  std::visit([&]<class Alternative>(Alternative& told) { Fields<Alternative>::visit(reader, told); }, *event);
  if (auto const problem = reader.problem(); !problem.empty())
    return core::Error{core::ErrorKind::invalid, std::string(name) + problem};
  return event;
}

core::Result<core::Event> bare_event(std::string_view name) {
  return begin_event(name);
}

}  // namespace failover::adapters
