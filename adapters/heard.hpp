#pragma once

#include "core/step.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace failover::adapters {

/// What an AgentReader was asked during a step, and what it answered.
struct Heard {
  struct Message {
    std::string text = {};
    core::WallTime at = {};
    core::Classification said = {};
    bool operator==(Message const&) const = default;
  };
  std::vector<std::pair<std::size_t, core::Reading>> screens = {};  ///< by the hash of the screen's text
  std::vector<Message> messages = {};

  [[nodiscard]] core::Reading const* of_screen(std::string_view text) const;
};

/// A reader that answers as `reader` does and notes it in `heard`, which whoever reads it empties.
[[nodiscard]] core::AgentReader overheard(core::AgentReader reader, std::shared_ptr<Heard> heard);

}  // namespace failover::adapters
