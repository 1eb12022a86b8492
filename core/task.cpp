#include "core/task.hpp"

namespace failover::core {

std::string_view to_string(TaskPlace place) {
  switch (place) {
    case TaskPlace::pending:
      return "pending";
    case TaskPlace::claimed:
      return "claimed";
    case TaskPlace::done:
      return "done";
    case TaskPlace::failed:
      return "failed";
    case TaskPlace::held:
      return "held";
  }
  return "unknown";
}

}  // namespace failover::core
