#include "core/unrecognised.hpp"

#include "core/findings.hpp"
#include "core/fold.hpp"
#include "core/limit_message.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace failover::core {
namespace {

constexpr std::size_t most_rows = 4;  ///< messages of an agent are short
constexpr std::size_t fewest_words = 3;

constexpr std::array<std::string_view, 6> limit_words{"limit", "limits", "quota", "quotas", "usage cap", "rate"};
constexpr std::array<std::string_view, 11> end_words{"reached", "hit",   "exceeded", "exhausted", "out of",   "used up",
                                                     "paused",  "until", "reset",    "resets",    "resetting"};
/// Words of what commands and hooks report, and of status lines.
constexpr std::array<std::string_view, 15> foreign_words{"hook",       "hooks",  "read", "listed", "loaded",
                                                         "referenced", "set",    "line", "lines",  "wrote",
                                                         "ctx",        "tokens", "cost", "test",   "tests"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '/';
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    std::size_t const end = at + word.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
  }
  return false;
}

template <std::size_t N>
bool has_one_of(std::string_view text, std::array<std::string_view, N> const& words) {
  return std::any_of(words.begin(), words.end(), [text](std::string_view word) { return has_word(text, word); });
}

/// A sentence: it begins like one, and neither quotes nor counts.
bool is_sentence(std::string_view text) {
  if (text.empty() || text.front() < 'A' || text.front() > 'Z') return false;
  if (text.find_first_of("%|\"`{}<>=$") != std::string_view::npos) return false;
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), ' ')) + 1 >= fewest_words;
}

bool speaks_of_limit(std::string_view text) {
  if (!is_sentence(text)) return false;
  std::string const low = lowered(text);
  return has_one_of(low, limit_words) && has_one_of(low, end_words) && !has_one_of(low, foreign_words);
}

bool is_known(PatternTable const& table, JoinedRows const& rows, Place place) {
  return !findings(table, rows, place, true).empty();
}

}  // namespace

std::string unrecognised_limit(PatternTable const& table, ScreenParts const& parts) {
  if (parts.prompts_seen > 0 && !parts.unanswered && !parts.turn.empty()) {
    Block const& first = parts.turn.front();
    bool const own = first.kind == BlockKind::gutter && !first.under_bullet && !first.tool && !first.output;
    bool const newest = std::none_of(parts.turn.begin() + 1, parts.turn.end(),
                                     [](Block const& block) { return block.kind == BlockKind::bullet; });
    std::string text = first.rows.text;
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (own && newest && first.rows.numbers.size() <= most_rows && speaks_of_limit(text) &&
        !is_known(table, first.rows, place_of(first)))
      return shown(text);
  }
  for (auto const& notice : parts.notices)
    for (std::size_t row = 0; row < notice.starts.size(); ++row) {
      std::size_t const end = row + 1 < notice.starts.size() ? notice.starts[row + 1] - 1 : notice.text.size();
      JoinedRows alone;
      alone.append(std::string_view{notice.text}.substr(notice.starts[row], end - notice.starts[row]),
                   notice.numbers[row]);
      if (speaks_of_limit(alone.text) && !is_known(table, alone, Place::notice)) return shown(alone.text);
    }
  return {};
}

}  // namespace failover::core
