#pragma once

#include "view.hpp"

#include <string_view>

namespace failover::fake_agent {

/// How one version of the agent draws itself.
struct Look {
  std::string_view version = {};
  bool alternate_screen = true;
  std::string_view title = {};  ///< of the pane; empty leaves it
  Frame (*draw)(View const&, Size) = nullptr;
};

/// The look of `version`, or nullptr when it is not imitated.
[[nodiscard]] Look const* look_for(std::string_view version);

/// 2.1.330: full screen, input box at the bottom between two rules, footer below it.
[[nodiscard]] Frame draw_2_1_330(View const& view, Size size);

/// The versions before it: in the main screen, the box right below the text, empty rows under it.
[[nodiscard]] Frame draw_inline(View const& view, Size size);

}  // namespace failover::fake_agent
