#pragma once

#include "core/step.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The language of the simulator's screens and messages: fields in a fixed order, parted by ';'.
namespace failover::sim {

/// What an agent draws.
struct Drawing {
  std::string kind = "blank";  ///< blank, idle, working, wall, menu, login, permission, draft, refused
  std::string turn = {};       ///< names the newest turn: equal means the same text
  std::optional<core::WallTime> resets_at = {};
  core::Window window = core::Window::none;
  core::Scope scope = core::Scope::none;
  std::string version = {};
  std::string prompt = {};
};

[[nodiscard]] std::string written(Drawing const& drawing);

/// The last rows of a screen at work: neither its turn nor its prompt is among them. Of any other screen, all of it.
[[nodiscard]] std::string tail_of(std::string_view screen);

[[nodiscard]] core::Reading read_drawing(std::string_view screen, core::WallTime now);

/// A message is a drawing, too: of a wall, or of nothing that counts.
[[nodiscard]] core::Classification read_message(std::string_view message, core::WallTime at);

}  // namespace failover::sim
