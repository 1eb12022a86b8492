#include "adapters/state_json.hpp"

#include "adapters/state_fields.hpp"

namespace failover::adapters {

std::string state_to_json(core::State const& state, std::int64_t schema, core::Now now) {
  RecordWriter<Extent::saved> writer{now};
  writer("schema", schema);
  writer.added("saved_at", now.wall);
  Fields<core::State>::visit(writer, state);
  return writer.take();
}

core::Result<core::State> state_from_json(std::string_view text, std::int64_t schema, core::Now now) {
  auto const document = JsonDocument::parse(text);
  if (!document || !document->root().members())
    return core::Error{core::ErrorKind::invalid,
                       "no JSON object: " + (document ? "another value" : document.error().detail)};
  RecordReader<Extent::saved> reader{document->root(), now};
  std::int64_t written_schema = 0;
  reader("schema", written_schema);
  core::WallTime saved_at{};
  reader.added("saved_at", saved_at);
  reader.restore_by(core::present_of_saved(saved_at, now));
  core::State state;
  Fields<core::State>::visit(reader, state);
  if (auto const problem = reader.problem(); !problem.empty())
    return core::Error{core::ErrorKind::invalid, "state" + problem};
  if (written_schema != schema) return core::Error{core::ErrorKind::invalid, "state.schema is another"};
  if (saved_at != core::WallTime{}) state.live.saved_at = saved_at;
  return state;
}

}  // namespace failover::adapters
