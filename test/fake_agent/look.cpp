#include "look.hpp"

#include <algorithm>
#include <array>

namespace failover::fake_agent {

Look const* look_for(std::string_view version) {
  static constexpr std::array<Look, 4> looks{
      {{.version = "2.1.330", .alternate_screen = true, .title = "✳ Claude Code", .draw = draw_2_1_330},
       {.version = "2.1.100", .alternate_screen = false, .title = "✳ Claude Code", .draw = draw_inline},
       {.version = "2.0.77", .alternate_screen = false, .draw = draw_inline},
       {.version = "1.0.128", .alternate_screen = false, .draw = draw_inline}}};
  auto const found =
      std::find_if(looks.begin(), looks.end(), [&](Look const& look) { return look.version == version; });
  return found == looks.end() ? nullptr : &*found;
}

}  // namespace failover::fake_agent
