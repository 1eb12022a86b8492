#include "core/patterns.hpp"

#include "core/enum_names.hpp"

#include <algorithm>

namespace failover::core {
namespace {

constexpr EnumNames<Place, 9> place_names{{
    {Place::bullet, "bullet"},
    {Place::gutter, "gutter"},
    {Place::plain, "plain"},
    {Place::spinner, "spinner"},
    {Place::notice, "notice"},
    {Place::above, "above"},
    {Place::dialog, "dialog"},
    {Place::option, "option"},
    {Place::hint, "hint"},
}};

/// A block's text beyond this is not looked at: messages of an agent are short, what tools print is not.
constexpr std::size_t longest_match = 4096;

/// Beyond so many literals rules are tried without looking for theirs first: the scan's memory stays small whatever
/// table a user writes.
constexpr std::size_t most_literals = 4096;

}  // namespace

PatternTable::PatternTable(std::string agent, Layout layout, std::vector<Rule> rules)
    : agent_(std::move(agent)), layout_(std::move(layout)), rules_(std::move(rules)) {
  std::vector<std::string> literals;
  std::vector<std::uint32_t> owners;
  for (std::uint32_t i = 0; i < rules_.size(); ++i) {
    auto const& required = rules_[i].text.required();
    if (required.empty() || literals.size() + required.size() > most_literals) {
      always_.push_back(i);
      continue;
    }
    for (auto const& literal : required) {
      literals.push_back(literal);
      owners.push_back(i);
    }
  }
  scan_ = LiteralScan{literals, owners};
}

std::vector<PatternTable::Hit> PatternTable::hits(std::string_view squeezed_text,
                                                  std::vector<std::size_t> const& anchors, Place place) const {
  std::vector<Hit> hits;
  if (rules_.empty() || anchors.empty()) return hits;
  std::vector<bool> possible(rules_.size(), false);
  scan_.scan(squeezed_text, possible);
  for (std::uint32_t const i : always_) possible[i] = true;
  std::vector<Rule const*> candidates;
  for (std::size_t i = 0; i < rules_.size(); ++i)
    if (possible[i] && rules_[i].may_stand(place)) candidates.push_back(&rules_[i]);
  if (candidates.empty()) return hits;
  for (std::size_t const anchor : anchors) {
    std::string_view const reach = squeezed_text.substr(0, std::min(squeezed_text.size(), anchor + longest_match));
    for (Rule const* rule : candidates) {
      auto const end = rule->text.match(reach, anchor);
      if (!end) continue;
      hits.push_back({rule, anchor, *end});
      break;
    }
  }
  return hits;
}

std::optional<Place> place_from(std::string_view word) {
  return value_of(place_names, word);
}

}  // namespace failover::core
