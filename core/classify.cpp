#include "core/classify.hpp"

#include "core/fold.hpp"
#include "core/reset_time.hpp"
#include "core/screen.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

namespace failover::core {
namespace {

constexpr std::size_t evidence_characters = 120;
constexpr std::size_t most_phrases = 16;
constexpr std::chrono::hours lag{1};                 ///< resets were seen to come that much later than printed
constexpr std::chrono::hours longest_stale{24 * 8};  ///< a date further back was hardly meant as the past

/// One rule that held somewhere, with the text that it holds for.
struct Finding {
  Rule const* rule = nullptr;
  int row = 0;
  std::string text = {};         ///< folded, from the rule's start to where the next begins; '\n' between rows
  std::size_t matched = 0;       ///< how much of `text` the rule took
  std::vector<bool> flows = {};  ///< of its rows, see JoinedRows
};

/// A time of reset that stands in some text.
struct PrintedReset {
  ResetTime time = {};
  std::size_t begin = 0;  ///< of the phrase
  std::size_t end = 0;
};

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
      : table_(table), parts_(std::move(parts)), now_(now), zones_(zones), local_zone_(local_zone) {}

  Reading judge() {
    look_for_work();
    look_at_dialog();
    look_at_turn();
    look_at_notices();
    look_at_hints();
    veto();
    settle();
    describe();
    return std::move(reading_);
  }

  /// What one message without a frame says at its start.
  Classification message(JoinedRows const& rows) {
    constexpr auto anywhere =
        static_cast<Place>(static_cast<std::uint16_t>(Place::bullet) | static_cast<std::uint16_t>(Place::gutter) |
                           static_cast<std::uint16_t>(Place::plain));
    for (auto& finding : findings(rows, anywhere, false)) {
      if (finding.rule->meaning == Meaning::companion || needs_a_screen(finding.rule->state)) continue;
      if (finding.rule->timed && printed_resets(finding.text).empty()) continue;
      evidence_.push_back(std::move(finding));
    }
    if (evidence_.empty()) return {};
    Finding const& found = evidence_.front();
    Classification seen = described(found);
    if (found.rule->scope != Scope::none)
      if (auto const reset = reset_of(found)) seen.resets_at = reset->at;
    return seen;
  }

 private:
  // Gathering ---------------------------------------------------------------------------------------------------------

  /// The rules that hold in joined rows, each with its text up to the next one's start.
  std::vector<Finding> findings(JoinedRows const& rows, Place place, bool every_row) const {
    std::vector<Finding> found;
    if (rows.empty()) return found;
    Squeezed const text = squeezed(rows.text);
    std::vector<std::size_t> anchors;
    std::size_t const anchored = every_row ? rows.starts.size() : 1;
    std::size_t at = 0;
    for (std::size_t row = 0; row < anchored; ++row) {
      while (at < text.origin.size() && (text.origin[at] < rows.starts[row] || text.text[at] == '\n')) ++at;
      if (at < text.origin.size() && (anchors.empty() || anchors.back() != at)) anchors.push_back(at);
    }
    if (every_row) add_column_anchors(text, anchors);
    auto const hits = table_.hits(text.text, anchors, place);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      std::size_t const begin = text.origin[hits[i].begin];
      std::size_t const end = i + 1 < hits.size() ? text.origin[hits[i + 1].begin] : rows.text.size();
      std::size_t const matched = hits[i].end < text.origin.size() ? text.origin[hits[i].end] : rows.text.size();
      auto const row = std::upper_bound(rows.starts.begin(), rows.starts.end(), begin) - rows.starts.begin() - 1;
      found.push_back({hits[i].rule,
                       rows.numbers[static_cast<std::size_t>(row)],
                       std::string{trimmed(std::string_view{rows.text}.substr(begin, end - begin))},
                       std::min(matched, end) - begin,
                       {rows.flows.begin() + row, rows.flows.end()}});
    }
    return found;
  }

  /// A message set to the right of the same row begins after three blanks.
  static void add_column_anchors(Squeezed const& text, std::vector<std::size_t>& anchors) {
    for (std::size_t at = 1; at < text.origin.size(); ++at) {
      std::size_t const gap = text.origin[at] - text.origin[at - 1];
      if (gap > 3 && text.text[at - 1] != '\n' && text.text[at] != '\n') anchors.push_back(at);
    }
    std::sort(anchors.begin(), anchors.end());
    anchors.erase(std::unique(anchors.begin(), anchors.end()), anchors.end());
  }

  void look_for_work() {
    for (auto block = parts_.turn.rbegin(); block != parts_.turn.rend() && !working_; ++block) {
      if (block->kind == BlockKind::bullet || block->kind == BlockKind::prompt) break;
      if (block->kind != BlockKind::spinner) continue;
      for (auto& finding : findings(block->rows, Place::spinner, true))
        if (finding.rule->state == ScreenState::working) note_work(finding);
    }
    for (auto const& notice : parts_.notices)
      for (auto& finding : findings(notice, Place::notice, true))
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
      for (auto& finding : findings(option, Place::option, false)) options.push_back(std::move(finding));
    }
    auto in_dialog = findings(all, Place::dialog, true);
    auto const is_menu = [](Finding const& finding) { return finding.rule->menu; };
    bool const limit_menu = std::any_of(options.begin(), options.end(), is_menu) ||
                            std::any_of(in_dialog.begin(), in_dialog.end(), is_menu);
    reading_.limit_menu = limit_menu;
    if (limit_menu) {
      for (auto& finding : findings(all, Place::plain, true))
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
    for (auto block = parts_.turn.rbegin(); block != parts_.turn.rend() && !blocked_by_dialog_; ++block) {
      if (block->kind == BlockKind::spinner) {
        look_at_spinner(*block);
        continue;
      }
      auto found = findings(block->rows, place_of(*block), block->kind == BlockKind::plain);
      bool known = false;
      for (std::size_t i = found.size(); i-- > 0;) {
        Finding& finding = found[i];
        if (finding.rule->meaning == Meaning::companion) {
          known = true;
          continue;
        }
        if (!believable(finding, *block)) continue;
        known = true;
        if (finding.rule->meaning == Meaning::recovered) {
          evidence_.push_back(std::move(finding));
          return;
        }
        evidence_.push_back(std::move(finding));
      }
      if (block->kind == BlockKind::bullet && !known) return;
    }
  }

  /// Retries that are shown while nothing says that the agent works.
  void look_at_spinner(Block const& block) {
    for (auto& finding : findings(block.rows, Place::spinner, false))
      if (finding.rule->state != ScreenState::working) evidence_.push_back(std::move(finding));
  }

  /// Quoted text looks like a message; what follows it tells them apart.
  bool believable(Finding const& finding, Block const& block) const {
    Rule const& rule = *finding.rule;
    if (parts_.unanswered && rule.state == ScreenState::quota_exhausted) return false;
    bool const foreign = block.output || (block.headless && parts_.has_input_box);
    if (foreign && is_fault_of_the_agent(rule.state)) return false;
    if (block.tool && rule.state == ScreenState::auth_error) return false;
    if (block.tool && working_) return false;
    if (rule.timed && printed_resets(finding.text).empty()) return false;
    if (!rule.closed) return true;
    bool const trusted = block.kind == BlockKind::gutter && !block.under_bullet;
    return trusted || closes(finding, block);
  }

  /// What a program prints under such a name is no news of the agent's own account or service.
  static bool is_fault_of_the_agent(ScreenState state) {
    return state == ScreenState::quota_exhausted || state == ScreenState::quota_warning ||
           state == ScreenState::auth_error || state == ScreenState::billing || state == ScreenState::server_error ||
           state == ScreenState::network_error || state == ScreenState::other_limit;
  }

  /// Whether nothing but the time of reset and companions follows the limit's words.
  bool closes(Finding const& finding, Block const& block) const {
    std::string_view const text = finding.text;
    std::size_t end = finding.matched;
    auto const resets = printed_resets(finding.text);
    bool const told = resets.empty() && goes_on(text, end);  // the rule itself says how such a message goes on
    if (!resets.empty()) end = resets.front().end;
    std::string_view rest = text.substr(std::min(end, text.size()));
    if (told && promises_a_time(text, end)) return false;
    if (!resets.empty() && !rest.empty() && rest.front() == ',') rest.remove_prefix(1);
    while (!rest.empty() && std::string_view{" ).]"}.find(rest.front()) != std::string_view::npos)
      rest.remove_prefix(1);
    bool const ended = told || rest.empty() || is_dot(rest) || rest.front() == '\n' || is_companion(rest, block);
    if (!ended) return false;
    if (block.kind == BlockKind::plain)
      return told || rest.empty() || rest.front() != '\n' || begins_anew(rest.substr(1));
    return only_companions(finding, text.size() - rest.size(), told, block);
  }

  static bool is_dot(std::string_view text) { return text.substr(0, 2) == "\xC2\xB7"; }

  /// "· resets" without a time behind it that can be read, though the row is not cut.
  static bool promises_a_time(std::string_view text, std::size_t matched) {
    std::string_view const rest = trimmed(text.substr(matched));
    std::string_view const before = trimmed(text.substr(0, matched));
    bool const promised = lowered(rest.substr(0, 5)) == "reset" ||
                          (before.size() >= 5 && lowered(before.substr(before.size() - 5)) == "reset");
    return promised && rest.find("...") == std::string_view::npos;
  }

  /// What is left of a sentence when its last row holds a full stop only.
  static bool has_no_words(std::string_view text) {
    std::string_view const row = text.substr(0, text.find('\n'));
    return std::none_of(row.begin(), row.end(), [](char c) {
      char const low = lowered(c);
      return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    });
  }

  static bool begins_anew(std::string_view row) {
    row = trimmed(row);
    return row.empty() || is_dot(row) || !(row.front() >= 'a' && row.front() <= 'z');
  }

  /// Whether each statement that begins on a row after `from` belongs to a limit's message. A row that was broken for
  /// want of room begins none, but may by chance.
  bool only_companions(Finding const& finding, std::size_t from, bool known, Block const& block) const {
    std::string_view const text = finding.text;
    std::size_t row =
        static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(from), '\n'));
    known = known || text.substr(from, 1) != "\n";  // the sentence at `from` may go on in the next row
    for (std::size_t at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1), ++row) {
      std::string_view const next = trimmed(text.substr(at + 1));
      if (is_dot(next) || next.substr(0, 1) == "(" || has_no_words(next) || is_companion(next, block)) {
        known = true;
        continue;
      }
      bool const flows = row < finding.flows.size() && finding.flows[row];
      if (!flows || !known) return false;
    }
    return true;
  }

  bool is_companion(std::string_view text, Block const& block) const {
    JoinedRows rows;
    rows.append(text, 0);
    auto const found = findings(rows, place_of(block), false);
    return !found.empty() && (found.front().rule->meaning == Meaning::companion || found.front().rule->armed);
  }

  static Place place_of(Block const& block) {
    return block.kind == BlockKind::bullet   ? Place::bullet
           : block.kind == BlockKind::gutter ? Place::gutter
                                             : Place::plain;
  }

  /// Whether a rule's match ended before its row did, or at a row that only begins a new clause.
  static bool goes_on(std::string_view text, std::size_t matched) {
    std::string_view rest = text.substr(std::min(matched, text.size()));
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    if (!rest.empty() && rest.front() != '\n' && rest.front() != '.' && rest.front() != '!') return true;
    std::string_view const before = trimmed(text.substr(0, matched));
    return before.size() >= 2 && before.substr(before.size() - 2) == "\xC2\xB7";
  }

  void look_at_notices() {
    if (blocked_by_dialog_) return;
    for (auto const& notice : parts_.notices)
      for (auto& finding : findings(notice, Place::notice, true)) {
        if (finding.rule->meaning == Meaning::recovered) forget_limits();
        if (finding.rule->meaning == Meaning::state && finding.rule->state != ScreenState::working) note(finding);
      }
    for (auto& finding : findings(parts_.above, Place::above, true)) note(finding);
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

  void look_at_hints() {
    for (auto const& row : parts_.hints) {
      JoinedRows rows;
      rows.append(row.text, row.number);
      for (auto& finding : findings(rows, Place::option, false)) {
        reading_.limit_menu = reading_.limit_menu || (row.option && finding.rule->menu);
        if (row.option) evidence_.push_back(std::move(finding));
      }
      for (auto& finding : findings(rows, Place::hint, false)) evidence_.push_back(std::move(finding));
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
    } else if (parts_.has_input_box) {
      seen.state = ScreenState::idle;
      seen.rule = "layout.input_box";
      seen.evidence = {parts_.input_row, shown(parts_.input_text)};
    } else if (!parts_.turn.empty() && parts_.turn.back().kind == BlockKind::bullet && parts_.prompts_seen > 0) {
      seen.state = ScreenState::idle;
      seen.rule = "layout.answer";
      JoinedRows const& answer = parts_.turn.back().rows;
      seen.evidence = {answer.numbers.front(), shown(answer.text)};
    }
  }

  static Classification described(Finding const& found) {
    Rule const& rule = *found.rule;
    return {rule.state, rule.scope, rule.window, {}, rule.id, {found.row, shown(found.text)}};
  }

  static bool needs_a_screen(ScreenState state) {
    return state == ScreenState::working || state == ScreenState::permission_prompt || state == ScreenState::dialog;
  }

  /// A message whose date and time have passed is what remained on the screen of a limit that is over.
  void note_reset(Finding const& best) {
    auto const reset = reset_of(best);
    if (!reset) return;
    reading_.seen.resets_at = reset->at;
    bool const waiting = reading_.limit_menu || reading_.auto_continue_armed;
    bool const precise = reset->dated && reset->confidence != ResetConfidence::day;
    bool const over = reset->at + lag < now_ && now_ - reset->at < longest_stale;
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

  static std::string shown(std::string_view text) {
    std::string flat{text};
    std::replace(flat.begin(), flat.end(), '\n', ' ');
    return clipped(trimmed(flat), evidence_characters);
  }

  // Times -------------------------------------------------------------------------------------------------------------

  /// The times of reset in a text whose phrases could be read, in their order.
  std::vector<PrintedReset> printed_resets(std::string_view text) const {
    Squeezed const small = squeezed(text);
    std::string flat;  // without row breaks, for the words may be broken too
    std::vector<std::size_t> origin;
    for (std::size_t i = 0; i < small.text.size(); ++i) {
      if (small.text[i] == '\n') continue;
      flat += small.text[i];
      origin.push_back(small.origin[i]);
    }
    std::set<std::size_t> begins;
    for (auto const& lead : table_.layout().reset_after)
      for (std::size_t at = flat.find(lead); at != std::string::npos && begins.size() < most_phrases;
           at = flat.find(lead, at + 1))
        if (at + lead.size() < origin.size()) begins.insert(origin[at + lead.size()]);
    std::vector<PrintedReset> found;
    for (std::size_t const begin : begins)
      if (auto const time = read_reset_time(text.substr(begin), now_, zones_, local_zone_))
        found.push_back({*time, begin, begin + time->length});
    return found;
  }

  static int trust(ResetTime const& time) { return static_cast<int>(time.confidence); }

  /// The best time among the findings that speak of the same thing: an armed continuation is newer than the message
  /// above it, and where both name the same clock, the one with its zone is better.
  std::optional<ResetTime> reset_of(Finding const& best) const {
    std::optional<ResetTime> chosen;
    std::string phrase;
    auto const consider = [&](Finding const& finding) {
      auto const resets = printed_resets(finding.text);
      for (auto reset = resets.rbegin(); reset != resets.rend(); ++reset) {
        std::string const words = clock_words(finding.text.substr(reset->begin, reset->end - reset->begin));
        bool const same_clock = !phrase.empty() && words.substr(0, phrase.size()) == phrase;
        if (chosen && !(same_clock && trust(reset->time) > trust(*chosen))) continue;
        chosen = reset->time;
        phrase = words;
      }
    };
    for (auto const& finding : evidence_)
      if (finding.rule->armed) consider(finding);
    consider(best);
    for (auto const& finding : evidence_)
      if (finding.rule->state == best.rule->state) consider(finding);
    if (!chosen)
      for (auto const& finding : evidence_)
        if (finding.rule->scope != Scope::none) consider(finding);
    return chosen;
  }

  /// The phrase in letters and digits only, to see that "9:36pm" and "9:36pm (UTC)" are the same clock.
  static std::string clock_words(std::string_view phrase) {
    std::string words;
    for (char const c : phrase)
      if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':') words += lowered(c);
    return words;
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
    reading_.has_input_box = parts_.has_input_box;
    reading_.input_text = std::move(parts_.input_text);
    reading_.agent_version = std::move(parts_.agent_version);
    reading_.prompts_seen = parts_.prompts_seen;
    reading_.newest_prompt = std::move(parts_.newest_prompt);
  }

  struct Frame {
    ScreenState state = ScreenState::unknown;
    DialogRow row = {};
  };

  PatternTable const& table_;
  ScreenParts parts_;
  WallTime now_;
  ZoneLookup const& zones_;
  std::string_view local_zone_;
  Reading reading_;
  std::vector<Finding> evidence_;
  std::vector<Finding> notices_;
  Frame frame_;
  bool working_ = false;
  bool blocked_by_dialog_ = false;
  std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace

Reading read_screen(PatternTable const& table, std::string_view screen, WallTime now, ZoneLookup const& zones,
                    std::string_view local_zone) {
  if (screen.size() > max_screen_bytes) screen.remove_prefix(screen.size() - max_screen_bytes);
  return ScreenJudge{table, parse_screen(table.layout(), screen), now, zones, local_zone}.judge();
}

Classification read_message(PatternTable const& table, std::string_view text, WallTime now, ZoneLookup const& zones,
                            std::string_view local_zone) {
  text = text.substr(0, max_message_bytes);
  JoinedRows rows;
  int number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t const end = std::min(text.find('\n', begin), text.size());
    std::string const row = fold(without_controls(text.substr(begin, end - begin)));
    ++number;
    if (auto const filled = trimmed(row); !filled.empty()) rows.append(filled, number);
    begin = end + 1;
  }
  return ScreenJudge{table, {}, now, zones, local_zone}.message(rows);
}

}  // namespace failover::core
