#include "core/limit_message.hpp"

#include "core/fold.hpp"

#include <algorithm>

namespace failover::core {
namespace {

bool is_dot(std::string_view text) {
  return text.substr(0, 2) == "\xC2\xB7";
}

/// "· resets" without a time behind it that can be read, though the row is not cut.
bool promises_a_time(std::string_view text, std::size_t matched) {
  std::string_view const rest = trimmed(text.substr(matched));
  std::string_view const before = trimmed(text.substr(0, matched));
  bool const promised = lowered(rest.substr(0, 5)) == "reset" ||
                        (before.size() >= 5 && lowered(before.substr(before.size() - 5)) == "reset");
  return promised && rest.find("...") == std::string_view::npos;
}

/// What is left of a sentence when its last row holds a full stop only.
bool has_no_words(std::string_view text) {
  std::string_view const row = text.substr(0, text.find('\n'));
  return std::none_of(row.begin(), row.end(), [](char c) {
    char const low = lowered(c);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
  });
}

bool begins_anew(std::string_view row) {
  row = trimmed(row);
  return row.empty() || is_dot(row) || !(row.front() >= 'a' && row.front() <= 'z');
}

/// Whether a rule's match ended before its row did, or at a row that only begins a new clause.
bool goes_on(std::string_view text, std::size_t matched) {
  std::string_view rest = text.substr(std::min(matched, text.size()));
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  if (!rest.empty() && rest.front() != '\n' && rest.front() != '.' && rest.front() != '!') return true;
  std::string_view const before = trimmed(text.substr(0, matched));
  return before.size() >= 2 && before.substr(before.size() - 2) == "\xC2\xB7";
}

bool is_companion(PatternTable const& table, std::string_view text, Block const& block) {
  JoinedRows rows;
  rows.append(text, 0);
  auto const found = findings(table, rows, place_of(block), false);
  return !found.empty() && (found.front().rule->meaning == Meaning::companion || found.front().rule->armed);
}

/// Whether each statement that begins on a row after `from` belongs to a limit's message. A row that was broken for
/// want of room begins none, but may by chance.
bool only_companions(PatternTable const& table, Finding const& finding, std::size_t from, bool known,
                     Block const& block) {
  std::string_view const text = finding.text;
  std::size_t row =
      static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(from), '\n'));
  known = known || text.substr(from, 1) != "\n";  // the sentence at `from` may go on in the next row
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1), ++row) {
    std::string_view const next = trimmed(text.substr(at + 1));
    if (is_dot(next) || next.substr(0, 1) == "(" || has_no_words(next) || is_companion(table, next, block)) {
      known = true;
      continue;
    }
    bool const flows = row < finding.flows.size() && finding.flows[row];
    if (!flows || !known) return false;
  }
  return true;
}

}  // namespace

Place place_of(Block const& block) {
  return block.kind == BlockKind::bullet   ? Place::bullet
         : block.kind == BlockKind::gutter ? Place::gutter
                                           : Place::plain;
}

bool closes(TextContext const& context, Finding const& finding, Block const& block) {
  std::string_view const text = finding.text;
  std::size_t end = finding.matched;
  auto const resets = printed_resets(context, finding.text);
  bool const told = resets.empty() && goes_on(text, end);  // the rule itself says how such a message goes on
  if (!resets.empty()) end = resets.front().end;
  std::string_view rest = text.substr(std::min(end, text.size()));
  if (told && promises_a_time(text, end)) return false;
  if (!resets.empty() && !rest.empty() && rest.front() == ',') rest.remove_prefix(1);
  while (!rest.empty() && std::string_view{" ).]"}.find(rest.front()) != std::string_view::npos) rest.remove_prefix(1);
  bool const ended =
      told || rest.empty() || is_dot(rest) || rest.front() == '\n' || is_companion(context.table, rest, block);
  if (!ended) return false;
  if (block.kind == BlockKind::plain)
    return told || rest.empty() || rest.front() != '\n' || begins_anew(rest.substr(1));
  return only_companions(context.table, finding, text.size() - rest.size(), told, block);
}

}  // namespace failover::core
