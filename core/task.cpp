#include "core/task.hpp"

#include "core/enum_names.hpp"

namespace failover::core {
namespace {

constexpr EnumNames<TaskOrder, 6> task_orders{{{TaskOrder::retry, "retry"},
                                               {TaskOrder::hold, "hold"},
                                               {TaskOrder::release, "release"},
                                               {TaskOrder::cancel, "cancel"},
                                               {TaskOrder::done, "done"},
                                               {TaskOrder::fail, "fail"}}};

}  // namespace

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

std::string_view to_string(TaskOrder order) {
  return name_of(task_orders, order);
}

std::optional<TaskOrder> task_order_from(std::string_view word) {
  return value_of(task_orders, word);
}

}  // namespace failover::core
