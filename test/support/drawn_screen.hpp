#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace failover::test {

/// How the versions of Claude Code frame a session.
enum class Frame {
  v1_0,           ///< `>` before prompts, a boxed input line, in the terminal's own scrollback
  v2_0,           ///< `>` before prompts, the input line between two rules
  v2_1,           ///< `❯`, else as 2.0
  v2_1_alternate  ///< `❯`, the alternate screen: the input line at the bottom, blank rows above it
};

struct Look {
  Frame frame = Frame::v2_1;
  std::size_t width = 120;
  std::size_t height = 40;
  bool breaks_words = false;  ///< rows end at the edge, also inside a word
};

/// Draws a session's screen block by block, wrapped and marked as a version of the agent would. In texts a '\n' begins
/// a new row.
class DrawnScreen {
 public:
  explicit DrawnScreen(Look look) : look_(look) {}

  DrawnScreen& prompt(std::string_view text);
  DrawnScreen& shell(std::string_view command);  ///< a command that the user runs with `!`
  DrawnScreen& answer(std::string_view text);
  DrawnScreen& call(std::string_view tool, std::string_view output);
  DrawnScreen& result(std::string_view text);  ///< in the gutter, right below what stands there
  DrawnScreen& finished();                     ///< the line of a turn that is over
  DrawnScreen& working();
  DrawnScreen& row(std::string_view text);  ///< as it is, cut at the edge

  /// The screen with the input box below; `notices` stand below that, a row each.
  [[nodiscard]] std::string boxed(std::vector<std::string> const& notices = {"  ? for shortcuts"},
                                  std::string_view draft = "") const;

 private:
  void block(std::string_view first, std::string_view later, std::string_view text);
  void gap();
  [[nodiscard]] std::string const& mark() const;
  [[nodiscard]] std::string line(std::string_view piece) const;
  [[nodiscard]] std::string box(std::string_view draft) const;

  Look look_;
  std::vector<std::string> rows_;
};

}  // namespace failover::test
