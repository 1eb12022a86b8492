#include "adapters/queue_result.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/queue_names.hpp"
#include "core/rfc3339.hpp"

#include <string_view>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;

constexpr std::size_t max_result_bytes = std::size_t{64} << 10;

std::string text(json::object const& object, std::string_view key) {
  auto const* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

}  // namespace

ResultNote read_result_note(std::string const& root, core::TaskFile const& task) {
  auto const path = root + "/" + std::string(to_string(task.place)) + "/" + result_name(task.file_name);
  auto const bytes = read_file(path, max_result_bytes);
  if (!bytes) return {};
  boost::system::error_code error;
  auto const value = json::parse(*bytes, error);
  if (error || !value.is_object()) return {};
  auto const& object = value.get_object();
  return {text(object, "reason"), text(object, "session"), core::from_rfc3339(text(object, "ended_at"))};
}

}  // namespace failover::adapters
