#pragma once

namespace failover::core {

struct PatternTable {};

}  // namespace failover::core
