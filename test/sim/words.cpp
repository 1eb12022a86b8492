#include "test/sim/words.hpp"

#include "core/conversations.hpp"

#include <array>
#include <charconv>

namespace failover::sim {
namespace {

using core::ScreenState;

std::array<std::string_view, 7> parted(std::string_view text) {
  std::array<std::string_view, 7> fields{};
  for (auto& field : fields) {
    auto const end = text.find(';');
    field = text.substr(0, end);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return fields;
}

ScreenState state_of(std::string_view kind) {
  if (kind == "wall" || kind == "menu") return ScreenState::quota_exhausted;
  if (kind == "idle" || kind == "draft") return ScreenState::idle;
  if (kind == "working") return ScreenState::working;
  if (kind == "login") return ScreenState::auth_error;
  if (kind == "permission") return ScreenState::permission_prompt;
  return ScreenState::unknown;
}

std::size_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return static_cast<std::size_t>(hash);
}

}  // namespace

std::string written(Drawing const& drawing) {
  std::string const resets = drawing.resets_at ? std::to_string(drawing.resets_at->time_since_epoch().count()) : "";
  return drawing.kind + ";" + drawing.turn + ";" + resets + ";" + std::string(to_string(drawing.window)) + ";" +
         std::string(to_string(drawing.scope)) + ";" + drawing.version + ";" + drawing.prompt;
}

std::string tail_of(std::string_view screen) {
  return std::string(parted(screen)[0] == "working" ? "working" : screen);
}

core::Reading read_drawing(std::string_view screen, core::WallTime) {
  auto const [kind, turn, resets, window, scope, version, prompt] = parted(screen);
  core::Reading reading;
  auto& seen = reading.seen;
  seen.state = state_of(kind);
  seen.evidence = {1, std::string(screen.substr(0, 100))};
  if (seen.state == ScreenState::quota_exhausted) {
    seen.scope = core::scope_from(scope).value_or(core::Scope::account);
    seen.window = core::window_from(window).value_or(core::Window::unknown);
    seen.rule = "wall";
    std::int64_t count = 0;
    if (!resets.empty() && std::from_chars(resets.data(), resets.data() + resets.size(), count).ec == std::errc{})
      seen.resets_at = core::WallTime{core::Duration{count}};
  }
  if (seen.state == ScreenState::working) reading.works_from = 9;
  reading.limit_menu = kind == "menu";
  reading.has_input_box = kind == "idle" || kind == "login" || kind == "working" || kind == "wall" || kind == "draft";
  reading.resume_refused = kind == "refused";
  if (kind == "draft") reading.input_text = "half a thought";
  reading.agent_version = std::string(version);
  reading.newest_prompt = core::comparable_prompt(prompt);
  // The box and a menu are no part of the turn.
  auto const shown = kind == "menu" ? std::string_view("wall") : kind == "draft" ? std::string_view("idle") : kind;
  reading.turn_hash = hash_of(std::string(shown) + ";" + std::string(turn));
  return reading;
}

core::Classification read_message(std::string_view message, core::WallTime at) {
  return read_drawing(message, at).seen;
}

}  // namespace failover::sim
