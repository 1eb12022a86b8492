#pragma once

#include "core/world.hpp"

#include <cstddef>
#include <map>
#include <vector>

namespace failover::adapters {

/// Tells which screens are as the look before showed them. It remembers a hash of each pane's text, which is enough: a
/// wrong answer puts the next look off until the next hint.
class ScreenChanges {
 public:
  /// Sets `unchanged` of each.
  void note(std::vector<core::Screen>& screens);

 private:
  std::map<core::PaneRef, std::size_t> recent_ = {};
  std::map<core::PaneRef, std::size_t> former_ = {};  ///< of panes that may be gone
};

}  // namespace failover::adapters
