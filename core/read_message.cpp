#include "core/classify.hpp"
#include "core/findings.hpp"
#include "core/fold.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr auto anywhere =
    static_cast<Place>(static_cast<std::uint16_t>(Place::bullet) | static_cast<std::uint16_t>(Place::gutter) |
                       static_cast<std::uint16_t>(Place::plain));

JoinedRows rows_of(std::string_view text) {
  JoinedRows rows;
  int number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t const end = std::min(text.find('\n', begin), text.size());
    std::string const row = fold(without_controls(text.substr(begin, end - begin)));
    ++number;
    if (auto const filled = trimmed(row); !filled.empty()) rows.append(filled, number);
    begin = end + 1;
  }
  return rows;
}

bool needs_a_screen(ScreenState state) {
  return state == ScreenState::working || state == ScreenState::permission_prompt || state == ScreenState::dialog;
}

}  // namespace

Classification read_message(PatternTable const& table, std::string_view text, WallTime now, ZoneLookup const& zones,
                            std::string_view local_zone) {
  TextContext const context{table, now, zones, local_zone};
  std::vector<Finding> evidence;
  for (auto& finding : findings(table, rows_of(text.substr(0, max_message_bytes)), anywhere, false)) {
    if (finding.rule->meaning == Meaning::companion || finding.rule->meaning == Meaning::resume_refused ||
        needs_a_screen(finding.rule->state))
      continue;
    if (finding.rule->timed && printed_resets(context, finding.text).empty()) continue;
    evidence.push_back(std::move(finding));
  }
  if (evidence.empty()) return {};
  Finding const& found = evidence.front();
  Classification seen = described(found);
  if (found.rule->scope != Scope::none)
    if (auto const reset = reset_of(context, evidence, found)) seen.resets_at = reset->at;
  return seen;
}

}  // namespace failover::core
