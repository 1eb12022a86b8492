#include "adapters/screen_changes.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace failover::adapters {
namespace {

constexpr std::size_t most_recent = 4096;  ///< panes; those of a server are numbered without end

}  // namespace

void ScreenChanges::note(std::vector<core::Screen>& screens) {
  if (recent_.size() >= most_recent) former_ = std::exchange(recent_, {});
  for (auto& screen : screens) {
    screen.unchanged = screen.as_before;
    if (screen.as_before) continue;
    Shown const shown{screen.first_row, std::hash<std::string_view>{}(screen.text)};
    auto [known, is_new] = recent_.try_emplace(screen.pane, shown);
    if (is_new) {
      auto const former = former_.find(screen.pane);
      screen.unchanged = former != former_.end() && former->second == shown;
      continue;
    }
    screen.unchanged = known->second == shown;
    known->second = shown;
  }
}

}  // namespace failover::adapters
