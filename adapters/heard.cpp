#include "adapters/heard.hpp"

#include <functional>
#include <string_view>

namespace failover::adapters {
namespace {

std::size_t key_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

}  // namespace

core::Reading const* Heard::of_screen(std::string_view text) const {
  auto const key = key_of(text);
  for (auto const& [known, reading] : screens)
    if (known == key) return &reading;
  return nullptr;
}

core::AgentReader overheard(core::AgentReader reader, std::shared_ptr<Heard> heard) {
  core::AgentReader listening;
  listening.screen = [screen = std::move(reader.screen), heard](std::string_view text, core::WallTime now) {
    auto reading = screen(text, now);
    heard->screens.emplace_back(key_of(text), reading);
    return reading;
  };
  listening.message = [message = std::move(reader.message), heard](std::string_view text, core::WallTime at) {
    auto said = message(text, at);
    heard->messages.push_back({std::string(text), at, said});
    return said;
  };
  return listening;
}

}  // namespace failover::adapters
