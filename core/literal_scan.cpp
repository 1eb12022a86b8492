#include "core/literal_scan.hpp"

namespace failover::core {
namespace {
constexpr std::size_t longest_literal = 12;
constexpr std::uint32_t nowhere = 0xFFFFFFFF;
}  // namespace

LiteralScan::LiteralScan(std::vector<std::string> const& literals, std::vector<std::uint32_t> const& owners) {
  for (auto const& literal : literals)
    for (char const c : literal)
      if (auto& letter = letter_[static_cast<unsigned char>(c)]; letter == 0 && width_ < 255)
        letter = static_cast<std::uint8_t>(width_++);
  steps_.assign(width_, nowhere);
  owners_.resize(1);
  for (std::size_t i = 0; i < literals.size(); ++i)
    insert(std::string_view{literals[i]}.substr(0, longest_literal), owners[i]);
  connect();
}

void LiteralScan::insert(std::string_view literal, std::uint32_t owner) {
  std::uint32_t node = 0;
  for (char const c : literal) {
    std::uint8_t const letter = letter_[static_cast<unsigned char>(c)];
    if (step(node, letter) == nowhere) {
      step(node, letter) = static_cast<std::uint32_t>(owners_.size());
      owners_.emplace_back();
      steps_.resize(steps_.size() + width_, nowhere);
    }
    node = step(node, letter);
  }
  owners_[node].push_back(owner);
}

/// Turns the tree into a machine that never goes back: every missing step becomes that of the longest suffix.
void LiteralScan::connect() {
  std::vector<std::uint32_t> suffix(owners_.size(), 0);
  std::vector<std::uint32_t> order{0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::uint32_t const node = order[i];
    for (std::uint32_t letter = 0; letter < width_; ++letter) {
      std::uint32_t& to = step(node, static_cast<std::uint8_t>(letter));
      std::uint32_t const fallback = node == 0 ? 0 : step(suffix[node], static_cast<std::uint8_t>(letter));
      if (to == nowhere || letter == 0) {
        to = letter == 0 ? 0 : fallback;
        continue;
      }
      suffix[to] = fallback;
      owners_[to].insert(owners_[to].end(), owners_[fallback].begin(), owners_[fallback].end());
      order.push_back(to);
    }
  }
}

void LiteralScan::scan(std::string_view text, std::vector<bool>& found) const {
  if (steps_.empty()) return;
  std::uint32_t node = 0;
  for (char const c : text) {
    if (c == '\n') continue;
    node = steps_[node * width_ + letter_[static_cast<unsigned char>(c)]];
    for (std::uint32_t const owner : owners_[node]) found[owner] = true;
  }
}

}  // namespace failover::core
