#include "core/classify.hpp"

#include "core/findings.hpp"
#include "core/limit_message.hpp"
#include "core/screen.hpp"
#include "core/unrecognised.hpp"

#include <algorithm>
#include <cstdint>

namespace failover::core {
namespace {

constexpr std::chrono::hours lag{1};                 ///< resets were seen to come that much later than printed
constexpr std::chrono::hours longest_stale{24 * 8};  ///< a date further back was hardly meant as the past

int strength(ScreenState state) {
  switch (state) {
    case ScreenState::quota_exhausted:
      return 9;
    case ScreenState::permission_prompt:
      return 8;
    case ScreenState::dialog:
      return 7;
    case ScreenState::working:
      return 6;
    case ScreenState::quota_warning:
      return 2;
    case ScreenState::idle:
      return 1;
    case ScreenState::unknown:
      return 0;
    default:
      return 5;
  }
}

class ScreenJudge {
 public:
  ScreenJudge(PatternTable const& table, ScreenParts parts, WallTime now, ZoneLookup const& zones,
              std::string_view local_zone)
      : context_{table, now, zones, local_zone}, parts_(std::move(parts)) {}

  Reading judge() {
    look_for_work();
    look_at_dialog();
    look_at_turn();
    look_at_notices();
    look_at_hints();
    look_above_menu();
    veto();
    settle();
    if (reading_.seen.state == ScreenState::idle || reading_.seen.state == ScreenState::unknown)
      reading_.unrecognised = unrecognised_limit(context_.table, parts_);
    describe();
    return std::move(reading_);
  }

 private:
  // Gathering ---------------------------------------------------------------------------------------------------------

  void look_for_work() {
    for (auto block = parts_.turn.rbegin(); block != parts_.turn.rend() && !working_; ++block) {
      if (block->kind == BlockKind::bullet || block->kind == BlockKind::prompt) break;
      if (block->kind != BlockKind::spinner) continue;
      for (auto& finding : findings(context_.table, block->rows, Place::spinner, true))
        if (finding.rule->state == ScreenState::working) note_work(finding);
    }
    for (auto const& notice : parts_.notices)
      for (auto& finding : findings(context_.table, notice, Place::notice, true))
        if (finding.rule->state == ScreenState::working && !working_) note_work(finding);
  }

  void note_work(Finding& finding) {
    working_ = true;
    evidence_.push_back(std::move(finding));
  }

  void look_at_dialog() {
    if (parts_.dialog.empty()) return;
    JoinedRows rows;
    JoinedRows all;
    std::vector<Finding> options;
    for (auto const& row : parts_.dialog) {
      all.append(row.text, row.number);
      if (!row.option) continue;
      JoinedRows option;
      option.append(row.text, row.number);
      for (auto& finding : findings(context_.table, option, Place::option, false))
        options.push_back(std::move(finding));
    }
    auto in_dialog = findings(context_.table, all, Place::dialog, true);
    auto const is_menu = [](Finding const& finding) { return finding.rule->menu; };
    bool const limit_menu = std::any_of(options.begin(), options.end(), is_menu) ||
                            std::any_of(in_dialog.begin(), in_dialog.end(), is_menu);
    reading_.limit_menu = limit_menu;
    if (limit_menu) {
      for (auto& finding : findings(context_.table, all, Place::plain, true))
        if (finding.rule->meaning == Meaning::state) evidence_.push_back(std::move(finding));
      for (auto& finding : options)
        if (finding.rule->meaning == Meaning::state) evidence_.push_back(std::move(finding));
      return;
    }
    blocked_by_dialog_ = true;
    std::size_t const before = evidence_.size();
    for (auto& finding : in_dialog)
      if (finding.rule->meaning == Meaning::state) evidence_.push_back(std::move(finding));
    for (auto& finding : options) evidence_.push_back(std::move(finding));
    if (evidence_.size() == before) frame_ = {ScreenState::dialog, parts_.dialog.front()};
  }

  /// From the last block upwards, for news outdates what stands above it.
  void look_at_turn() {
    int ends = 0;  // turns that are over or run, below the block at hand
    for (auto block = parts_.turn.rbegin(); block != parts_.turn.rend() && !blocked_by_dialog_; ++block) {
      if (block->kind == BlockKind::spinner) {
        bool const runs = working_ && block->rows.text.find("...") != std::string::npos;
        if ((runs || ends_turn(*block)) && ++ends == 2) return;
        look_at_spinner(*block);
        continue;
      }
      bool const known = look_at_block(*block);
      if (outdated_) return;
      if (!known && (block->kind == BlockKind::bullet || (ends > 0 && !working_ && tells_something(*block)))) return;
    }
  }

  /// Takes what the rules find in a block; whether they know it.
  bool look_at_block(Block const& block) {
    auto found = findings(context_.table, block.rows, place_of(block), block.kind == BlockKind::plain);
    bool known = false;
    for (std::size_t i = found.size(); i-- > 0;) {
      Finding& finding = found[i];
      bool const companion = finding.rule->meaning == Meaning::companion;
      if (!companion && !believable(finding, block)) continue;
      if (finding.rule->meaning == Meaning::resume_refused) {
        reading_.resume_refused = !parts_.has_input_box;
        continue;
      }
      known = true;
      if (companion) continue;
      outdated_ = finding.rule->meaning == Meaning::recovered;
      evidence_.push_back(std::move(finding));
      if (outdated_) break;
    }
    return known;
  }

  /// "✻ Worked for 5s": the turn above is over. "Waiting for 2 agents" is a turn that runs.
  static bool ends_turn(Block const& block) {
    std::string_view const text = block.rows.text;
    std::size_t const space = text.find(' ');
    std::string_view const rest = space == std::string_view::npos ? std::string_view{} : text.substr(space);
    return rest.substr(0, 5) == " for " && rest.size() > 5 && rest[5] >= '0' && rest[5] <= '9' &&
           text.substr(0, 4) != "Wait" && text.substr(0, 4) != "Thou";
  }

  /// Text without a mark that is no list of tasks.
  static bool tells_something(Block const& block) {
    if (block.kind != BlockKind::plain || block.boxed || block.headless) return false;
    std::string_view const text = block.rows.text;
    return !text.empty() && ((text[0] >= 'A' && text[0] <= 'Z') || (text[0] >= 'a' && text[0] <= 'z'));
  }

  /// Retries that are shown while nothing says that the agent works.
  void look_at_spinner(Block const& block) {
    for (auto& finding : findings(context_.table, block.rows, Place::spinner, false))
      if (finding.rule->state != ScreenState::working) evidence_.push_back(std::move(finding));
  }

  /// Quoted text looks like a message; what follows it tells them apart.
  bool believable(Finding const& finding, Block const& block) const {
    Rule const& rule = *finding.rule;
    if (parts_.unanswered && rule.state == ScreenState::quota_exhausted && !reading_.limit_menu) return false;
    bool const foreign = block.output || (block.headless && parts_.has_input_box);
    if (foreign && is_fault_of_the_agent(rule.state)) return false;
    if (block.tool && !block.again && rule.state == ScreenState::auth_error) return false;
    if (block.tool && working_) return false;
    if (rule.timed && printed_resets(context_, finding.text).empty()) return false;
    if (!rule.closed) return true;
    bool const trusted = block.kind == BlockKind::gutter && !block.under_bullet;
    return trusted || closes(context_, finding, block);
  }

  /// What a program prints under such a name is no news of the agent's own account or service.
  static bool is_fault_of_the_agent(ScreenState state) {
    return state == ScreenState::quota_exhausted || state == ScreenState::quota_warning ||
           state == ScreenState::auth_error || state == ScreenState::billing || state == ScreenState::server_error ||
           state == ScreenState::network_error || state == ScreenState::other_limit;
  }

  void look_at_notices() {
    if (blocked_by_dialog_) return;
    for (auto const& notice : parts_.notices)
      for (auto& finding : findings(context_.table, notice, Place::notice, true)) {
        if (finding.rule->meaning == Meaning::recovered) forget_limits();
        if (finding.rule->meaning == Meaning::state && finding.rule->state != ScreenState::working) note(finding);
      }
    for (auto& finding : findings(context_.table, parts_.above, Place::above, true)) note(finding);
  }

  /// What the turn said before the limit's reset was announced.
  void forget_limits() {
    std::erase_if(evidence_,
                  [](Finding const& finding) { return finding.rule->state == ScreenState::quota_exhausted; });
  }

  void note(Finding& finding) {
    hash(finding.text);
    notices_.push_back(std::move(finding));
  }

  /// Numbers alone make no menu: one of the answers is marked, or a row says which keys to press.
  bool asks_in_hints() const {
    return std::any_of(parts_.hints.begin(), parts_.hints.end(), [&](DialogRow const& row) {
      if (row.selected) return true;
      auto const found = hits_of(row, Place::hint);
      return std::any_of(found.begin(), found.end(),
                         [](Finding const& finding) { return finding.rule->state == ScreenState::dialog; });
    });
  }

  std::vector<Finding> hits_of(DialogRow const& row, Place place) const {
    JoinedRows rows;
    rows.append(row.text, row.number);
    return findings(context_.table, rows, place, false);
  }

  void look_at_hints() {
    bool const asks = asks_in_hints();
    for (auto const& row : parts_.hints) {
      if (row.option)
        for (auto& finding : hits_of(row, Place::option)) {
          if (finding.rule->menu && !asks) continue;
          reading_.limit_menu = reading_.limit_menu || finding.rule->menu;
          evidence_.push_back(std::move(finding));
        }
      for (auto& finding : hits_of(row, Place::hint)) evidence_.push_back(std::move(finding));
    }
  }

  /// An open menu of the limit's was opened by the nearest limit above it, whatever stands between.
  void look_above_menu() {
    auto const is_message = [](Finding const& finding) {
      return finding.rule->state == ScreenState::quota_exhausted && !finding.rule->menu;
    };
    if (!reading_.limit_menu || std::any_of(evidence_.begin(), evidence_.end(), is_message)) return;
    for (auto const* blocks : {&parts_.turn, &parts_.earlier})
      for (auto block = blocks->rbegin(); block != blocks->rend(); ++block) {
        if (block->kind == BlockKind::spinner) continue;
        for (auto& finding : findings(context_.table, block->rows, place_of(*block), block->kind == BlockKind::plain)) {
          if (!is_message(finding) || !believable(finding, *block)) continue;
          evidence_.push_back(std::move(finding));
          return;
        }
      }
  }

  // Judging -----------------------------------------------------------------------------------------------------------

  /// A fault of the server explains everything else that the same turn says about limits.
  void veto() {
    bool const fault = std::any_of(evidence_.begin(), evidence_.end(), [](Finding const& finding) {
      return finding.rule->state == ScreenState::server_error;
    });
    if (fault && !reading_.limit_menu) forget_limits();
  }

  void settle() {
    // The transcript keeps its "set to continue" after the wait was cancelled; the notice below the box does not.
    auto const armed = [](Finding const& finding) { return finding.rule->armed; };
    auto const& live = parts_.has_input_box ? notices_ : evidence_;
    reading_.auto_continue_armed = std::any_of(live.begin(), live.end(), armed);
    for (auto& finding : notices_) evidence_.push_back(std::move(finding));
    Finding const* best = nullptr;
    for (auto const& finding : evidence_) {
      if (!best || strength(finding.rule->state) > strength(best->rule->state)) best = &finding;
      // The limit's message says more than its menu or the notice that repeats it.
      if (best != &finding && finding.rule->state == best->rule->state && vaguer(*best->rule, *finding.rule))
        best = &finding;
    }
    Classification& seen = reading_.seen;
    if (best && strength(best->rule->state) > 0 &&
        (!frame_.row.number || strength(best->rule->state) >= strength(frame_.state))) {
      seen = described(*best);
      if (best->rule->scope != Scope::none) note_reset(*best);
      return;
    }
    if (frame_.row.number) {
      seen.state = frame_.state;
      seen.rule = "layout.dialog";
      seen.evidence = {frame_.row.number, shown(frame_.row.text)};
    } else if (parts_.has_input_box || parts_.has_input_panel) {
      seen.state = ScreenState::idle;
      seen.rule = "layout.input_box";
      seen.evidence = {parts_.input_row, shown(parts_.input_text)};
    } else if (parts_.prompts_seen > 0 || is_of_the_agent(parts_.turn)) {
      settle_without_box();
    }
  }

  /// Only an agent's screen has such marks; it ends in an answer, or in a prompt.
  void settle_without_box() {
    Classification& seen = reading_.seen;
    seen.state = ScreenState::idle;
    seen.rule = "layout.answer";
    if (parts_.turn.empty()) return;
    JoinedRows const& last = parts_.turn.back().rows;
    seen.evidence = {last.numbers.front(), shown(last.text)};
  }

  static bool is_of_the_agent(std::vector<Block> const& blocks) {
    return std::any_of(blocks.begin(), blocks.end(), [](Block const& block) {
      return block.kind == BlockKind::bullet || block.kind == BlockKind::gutter;
    });
  }

  /// A message whose date and time have passed is what remained on the screen of a limit that is over.
  void note_reset(Finding const& best) {
    auto const reset = reset_of(context_, evidence_, best);
    if (!reset) return;
    reading_.seen.resets_at = reset->at;
    bool const waiting = reading_.limit_menu || reading_.auto_continue_armed;
    bool const precise = reset->dated && reset->confidence != ResetConfidence::day;
    bool const over = reset->at + lag < context_.now && context_.now - reset->at < longest_stale;
    if (reading_.seen.state == ScreenState::quota_exhausted && precise && !waiting && over)
      reading_.seen.state = ScreenState::idle;
  }

  static bool vaguer(Rule const& a, Rule const& b) {
    auto const detail = [](Rule const& rule) {
      return (rule.scope == Scope::none ? 0 : 1) +
             (rule.window == Window::none || rule.window == Window::unknown ? 0 : 2) +
             (rule.scope == Scope::model || rule.scope == Scope::spend ? 4 : 0) - (rule.menu ? 4 : 0) -
             (rule.armed ? 1 : 0);
    };
    return detail(a) < detail(b);
  }

  // Describing --------------------------------------------------------------------------------------------------------

  void hash(std::string_view text) {
    for (char const c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    hash_ = (hash_ ^ 0xFFU) * 1099511628211ULL;
  }

  void describe() {
    for (auto const& block : parts_.turn)
      if (block.kind != BlockKind::spinner) hash(block.rows.text);
    for (auto const& row : parts_.dialog) hash(row.text);
    reading_.turn_hash = static_cast<std::size_t>(hash_);
    reading_.has_input_box = parts_.has_input_box || parts_.has_input_panel;
    reading_.input_text = std::move(parts_.input_text);
    reading_.agent_version = std::move(parts_.agent_version);
    reading_.prompts_seen = parts_.prompts_seen;
    reading_.newest_prompt = std::move(parts_.newest_prompt);
  }

  struct Frame {
    ScreenState state = ScreenState::unknown;
    DialogRow row = {};
  };

  TextContext context_;
  ScreenParts parts_;
  Reading reading_;
  std::vector<Finding> evidence_;
  std::vector<Finding> notices_;
  Frame frame_;
  bool working_ = false;
  bool outdated_ = false;  ///< what stands above is over
  bool blocked_by_dialog_ = false;
  std::uint64_t hash_ = 14695981039346656037ULL;
};

constexpr std::int64_t rows_above_work = 1;  ///< what stands below grows and shrinks, and the mark moves with it
constexpr std::int64_t fewest_saved = 8;     ///< fewer rows above are not worth a second reading

/// The rows from this one on, counted from 1.
std::string_view rows_from(std::string_view screen, std::int64_t row) {
  for (; row > 1; --row) screen.remove_prefix(std::min(screen.find('\n'), screen.size() - 1) + 1);
  return screen;
}

}  // namespace

Reading read_screen(PatternTable const& table, std::string_view screen, WallTime now, ZoneLookup const& zones,
                    std::string_view local_zone) {
  auto const judged = [&](std::string_view rows) {
    return ScreenJudge{table, parse_screen(table.layout(), rows), now, zones, local_zone}.judge();
  };
  if (screen.size() > max_screen_bytes) screen.remove_prefix(screen.size() - max_screen_bytes);
  auto reading = judged(screen);
  auto const from = reading.seen.evidence.row - rows_above_work;
  if (reading.seen.state != ScreenState::working || from <= fewest_saved) return reading;
  auto const tail = judged(rows_from(screen, from));
  if (tail.seen.state == ScreenState::working && tail.prompts_seen == 0) reading.works_from = from;
  return reading;
}

}  // namespace failover::core
