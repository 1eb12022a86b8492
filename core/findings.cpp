#include "core/findings.hpp"

#include "core/fold.hpp"

#include <algorithm>
#include <set>

namespace failover::core {
namespace {

constexpr std::size_t evidence_characters = 120;
constexpr std::size_t most_phrases = 16;

/// A message set to the right of the same row begins after three blanks, and after two where a footer of the agent's
/// stands left of it and leaves no room for more.
void add_column_anchors(Squeezed const& text, Layout const& layout, std::vector<std::size_t>& anchors) {
  auto const gap_before = [&](std::size_t at) {
    bool const in_row = at > 0 && text.text[at - 1] != '\n' && text.text[at] != '\n';
    return in_row ? text.origin[at] - text.origin[at - 1] : 0;
  };
  for (std::size_t at = 1; at < text.origin.size(); ++at)
    if (gap_before(at) > 3) anchors.push_back(at);
  for (auto const& footer : layout.footers)
    for (std::size_t at = text.text.find(footer); at != std::string::npos; at = text.text.find(footer, at + 1))
      if (std::size_t const end = at + footer.size(); end < text.origin.size() && gap_before(end) == 3)
        anchors.push_back(end);
  std::sort(anchors.begin(), anchors.end());
  anchors.erase(std::unique(anchors.begin(), anchors.end()), anchors.end());
}

int trust(ResetTime const& time) {
  return static_cast<int>(time.confidence);
}

/// The phrase in letters and digits only, to see that "9:36pm" and "9:36pm (UTC)" are the same clock.
std::string clock_words(std::string_view phrase) {
  std::string words;
  for (char const c : phrase)
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':') words += lowered(c);
  return words;
}

}  // namespace

std::string shown(std::string_view text) {
  std::string flat{text};
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  return clipped(trimmed(flat), evidence_characters);
}

Classification described(Finding const& found) {
  Rule const& rule = *found.rule;
  return {rule.state, rule.scope, rule.window, {}, rule.id, {found.row, shown(found.text)}};
}

std::vector<Finding> findings(PatternTable const& table, JoinedRows const& rows, Place place, bool every_row) {
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
  if (every_row) add_column_anchors(text, table.layout(), anchors);
  auto const hits = table.hits(text.text, anchors, place);
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

std::vector<PrintedReset> printed_resets(TextContext const& context, std::string_view text) {
  Squeezed const small = squeezed(text);
  std::string flat;  // without row breaks, for the words may be broken too
  std::vector<std::size_t> origin;
  for (std::size_t i = 0; i < small.text.size(); ++i) {
    if (small.text[i] == '\n') continue;
    flat += small.text[i];
    origin.push_back(small.origin[i]);
  }
  std::set<std::size_t> begins;
  for (auto const& lead : context.table.layout().reset_after)
    for (std::size_t at = flat.find(lead); at != std::string::npos && begins.size() < most_phrases;
         at = flat.find(lead, at + 1))
      if (at + lead.size() < origin.size()) begins.insert(origin[at + lead.size()]);
  std::vector<PrintedReset> found;
  for (std::size_t const begin : begins)
    if (auto const time = read_reset_time(text.substr(begin), context.now, context.zones, context.local_zone))
      found.push_back({*time, begin, begin + time->length});
  return found;
}

std::optional<ResetTime> reset_of(TextContext const& context, std::vector<Finding> const& evidence,
                                  Finding const& best) {
  std::optional<ResetTime> chosen;
  std::string phrase;
  auto const consider = [&](Finding const& finding) {
    auto const resets = printed_resets(context, finding.text);
    for (auto reset = resets.rbegin(); reset != resets.rend(); ++reset) {
      std::string const words = clock_words(finding.text.substr(reset->begin, reset->end - reset->begin));
      bool const same_clock = !phrase.empty() && words.substr(0, phrase.size()) == phrase;
      if (chosen && !(same_clock && trust(reset->time) > trust(*chosen))) continue;
      chosen = reset->time;
      phrase = words;
    }
  };
  for (auto const& finding : evidence)
    if (finding.rule->armed) consider(finding);
  consider(best);
  for (auto const& finding : evidence)
    if (finding.rule->state == best.rule->state) consider(finding);
  if (!chosen)
    for (auto const& finding : evidence)
      if (finding.rule->scope != Scope::none) consider(finding);
  return chosen;
}

}  // namespace failover::core
