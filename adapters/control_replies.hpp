#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace failover::adapters::tmux {

/// Reads what tmux prints to a client in control mode, for one batch of commands at a time, and keeps what `source-file
/// -` would have printed of it: the content of the reply blocks, one after another.
///
/// A reply stands between `%begin TIME NUMBER FLAGS` and an `%end` or `%error` with the same three; what an `%error`
/// closes is left out. Other lines with a `%` outside of a block are news, and dropped. Replies are not escaped, so a
/// screen may show such lines, with luck even the right numbers. No screen can show the batch's mark: each line that
/// begins with it is ours, whatever block seems open, and sets right what a screen before it confused. A forged line
/// thus harms no text but its own pane's, and neither ends the answer.
class ControlReplies {
 public:
  enum class Progress { more, done, too_large };

  /// Begins an answer: the next one whose last line is the mark and " end". What is left of an answer before is
  /// dropped.
  void expect(std::string mark, std::size_t max_bytes);

  /// Takes what was read, cut anywhere. Between answers everything is dropped and next to nothing kept.
  Progress take(std::string_view bytes);

  /// The answer, after `done`.
  [[nodiscard]] std::string take_answer();

 private:
  void line(std::string_view text);
  void keep(std::string_view text);

  std::string mark_ = {};
  std::size_t max_bytes_ = 0;
  std::string partial_ = {};    ///< the beginning of a line whose end was not read yet
  bool skipping_line_ = false;  ///< its beginning was dropped
  std::string answer_ = {};
  std::size_t longest_ = 0;      ///< answer so far
  std::size_t settled_ = 0;      ///< so much of the answer stays when the open block fails
  std::string open_ = {};        ///< TIME NUMBER FLAGS of the open block, "" outside of one
  bool after_our_line_ = false;  ///< the line before was one of our own
  bool expecting_ = false;
};

}  // namespace failover::adapters::tmux
