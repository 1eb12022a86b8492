#pragma once

#include "core/world.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace failover::adapters {

/// Tells which screens are as the look before showed them, read from the same row on. It remembers a hash of each
/// pane's text, which is enough: a wrong answer puts the next look off until the next hint.
class ScreenChanges {
 public:
  /// Sets `unchanged` of each; one that is as before stands for the text of then.
  void note(std::vector<core::Screen>& screens);

 private:
  struct Shown {
    std::int64_t first_row = 0;
    std::size_t hash = 0;
    bool operator==(Shown const&) const = default;
  };

  std::map<core::PaneRef, Shown> recent_ = {};
  std::map<core::PaneRef, Shown> former_ = {};  ///< of panes that may be gone
};

}  // namespace failover::adapters
