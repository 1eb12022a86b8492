#pragma once

#include "view.hpp"

#include <optional>
#include <string_view>
#include <vector>

#include <termios.h>

namespace failover::fake_agent {

/// The terminal of this process in raw mode, with bracketed paste; put back by leave() or the destructor.
class Terminal {
 public:
  /// Throws std::system_error when standard input is no terminal.
  Terminal(bool alternate_screen, std::string_view title);
  ~Terminal();
  Terminal(Terminal const&) = delete;
  Terminal& operator=(Terminal const&) = delete;

  [[nodiscard]] static Size size();
  /// Sends the rows that changed since the last call; all of them after a change of size.
  void show(Frame const& frame, Size size);
  void leave();

 private:
  termios before_{};
  bool alternate_screen_;
  bool left_ = false;
  std::optional<Size> drawn_size_;
  std::vector<Row> drawn_;
  std::size_t last_row_ = 0;  ///< of the last frame, counted from 1
};

/// Writes all of it to standard output; a terminal that is gone is not our business.
void write_out(std::string_view bytes);

}  // namespace failover::fake_agent
