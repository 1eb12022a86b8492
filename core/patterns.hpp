#pragma once

#include "core/classification.hpp"
#include "core/literal_scan.hpp"
#include "core/result.hpp"
#include "core/text_template.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failover::core {

/// Where on a screen a rule may hold. A rule's text stands at the start of such a place, never in its middle.
enum class Place : std::uint16_t {
  bullet = 1,    ///< `● text`: what the agent says, and 2.1's API errors
  gutter = 2,    ///< `⎿ text`: results of tools and of the agent itself
  plain = 4,     ///< rows without such a mark; also text without any frame
  spinner = 8,   ///< `✻ Thinking…`
  notice = 16,   ///< below the input box
  above = 32,    ///< the row right above the input box, set to the right
  dialog = 64,   ///< a row of an open dialog
  option = 128,  ///< what one may choose in a dialog, without its number
  hint = 256     ///< one of the last rows of a screen without an input box
};

/// What a rule's text means when it is met.
enum class Meaning {
  state,          ///< evidence for the rule's state
  companion,      ///< belongs to a limit's message; neither evidence nor news
  recovered,      ///< what stands above it in this turn is over
  resume_refused  ///< the agent has ended because it does not have the conversation; no evidence for a state
};

struct Rule {
  std::string id = {};
  Meaning meaning = Meaning::state;
  ScreenState state = ScreenState::unknown;
  Scope scope = Scope::none;
  Window window = Window::none;
  std::uint16_t places = 0;
  bool closed = false;  ///< nothing but a reset time and companions may follow in the same block
  bool timed = false;   ///< holds only with a time of reset that can be read
  bool menu = false;    ///< the limit's own menu
  bool armed = false;   ///< the agent will continue by itself
  TextTemplate text = {};

  [[nodiscard]] bool may_stand(Place place) const { return (places & static_cast<std::uint16_t>(place)) != 0; }
};

/// The marks an agent frames its screen with, and the few words that are not rules.
struct Layout {
  std::u32string prompts = {};     ///< before the user's text, also in the input box
  std::u32string bullets = {};     ///< before what the agent says
  std::u32string gutters = {};     ///< before results
  std::u32string spinners = {};    ///< before a running or finished turn's line
  std::u32string marks = {};       ///< before notices and errors; carry no meaning here
  std::u32string selectors = {};   ///< before the chosen option of a dialog
  std::u32string shells = {};      ///< before a command that the user ran; its gutter is that command's output
  std::u32string tool_boxes = {};  ///< begin a box in which a tool's output stands
  std::vector<std::string> output_tools = {};  ///< tools whose gutter is the output of a program or a file
  bool last_prompt_is_input = false;           ///< the input box has no frame
  bool input_panel = false;        ///< the input box is a panel of `┃` on a foot of `╹`, without a prompt
  std::string version_after = {};  ///< squeezed text before the version in the banner
  std::vector<std::string> own_prompts = {};   ///< prompts that the agent gives itself; start no turn
  std::vector<std::string> placeholders = {};  ///< what an empty input box shows, as it is drawn
  std::vector<std::string> footers = {};       ///< squeezed words below the box that a message may follow in its row
  std::vector<std::string> reset_after = {};   ///< squeezed words that a time of reset follows
};

/// One agent's table: its rules in order of priority, of which the first that fits a place decides.
class PatternTable {
 public:
  PatternTable() = default;
  PatternTable(std::string agent, Layout layout, std::vector<Rule> rules);

  struct Hit {
    Rule const* rule = nullptr;  ///< owned by the table
    std::size_t begin = 0;       ///< into the squeezed text
    std::size_t end = 0;
  };

  /// The rules that hold at the `anchors` of a text, one an anchor, in the anchors' order.
  [[nodiscard]] std::vector<Hit> hits(std::string_view squeezed_text, std::vector<std::size_t> const& anchors,
                                      Place place) const;

  [[nodiscard]] std::string const& agent() const { return agent_; }
  [[nodiscard]] Layout const& layout() const { return layout_; }
  [[nodiscard]] std::vector<Rule> const& rules() const { return rules_; }

 private:
  std::string agent_;
  Layout layout_;
  std::vector<Rule> rules_;
  LiteralScan scan_;
  std::vector<std::uint32_t> always_;  ///< rules without a literal that must occur
};

[[nodiscard]] std::optional<Place> place_from(std::string_view word);

}  // namespace failover::core
