#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// What our `hook` and `statusline` commands send: the agent's own JSON, and what only the called process knows.
///
/// `{"v":1,"at":<epoch ms>,"tmux":"$TMUX","pane":"$TMUX_PANE","config_dir":"$CLAUDE_CONFIG_DIR","input":{…}}`
namespace failover::adapters {

inline constexpr std::int64_t envelope_version = 1;
inline constexpr std::size_t max_agent_input = 1 << 20;
inline constexpr std::size_t max_agent_depth = 200;  ///< of nested JSON, for the arguments of tools are the agent's

struct HookSurroundings {
  core::WallTime at = {};
  std::string tmux = {};
  std::string pane = {};
  std::string config_dir = {};
};

/// Wraps what an agent wrote to our standard input. Of its members only those travel that the daemon reads: prompts and
/// the arguments of tools are nobody's business, and large. Errors: `invalid` (no JSON object in UTF-8), `too_large`
/// (over max_agent_input).
[[nodiscard]] core::Result<std::string> make_envelope(std::string_view agent_input, HookSurroundings const& around);

}  // namespace failover::adapters
