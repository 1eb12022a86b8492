#include "core/world.hpp"

namespace failover::core {

std::string_view to_string(Delivery delivery) {
  switch (delivery) {
    case Delivery::submitted:
      return "submitted";
    case Delivery::not_ready:
      return "not_ready";
    case Delivery::draft_present:
      return "draft_present";
    case Delivery::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(Channel channel) {
  switch (channel) {
    case Channel::telegram:
      return "telegram";
    case Channel::resend:
      return "resend";
    case Channel::command:
      return "command";
  }
  return "unknown";
}

}  // namespace failover::core
