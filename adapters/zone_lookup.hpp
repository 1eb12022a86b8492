#pragma once

#include "core/time.hpp"

#include <string>

namespace failover::adapters {

/// Time zones from the machine's zoneinfo. Knows IANA names and aliases in any case; "" is the machine's own zone as it
/// was at this call (TZ, then /etc/localtime, then UTC). Never throws; remembers periods it has answered, so it is for
/// one thread and its copies share what they remember.
[[nodiscard]] core::ZoneLookup system_zones();

/// The name of the machine's zone, "UTC" when it cannot be told.
[[nodiscard]] std::string local_zone_name();

}  // namespace failover::adapters
