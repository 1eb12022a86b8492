#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace failover::core {

/// Finds which of many strings occur in a text, in one pass over it (Aho and Corasick, 1975).
class LiteralScan {
 public:
  LiteralScan() = default;

  /// `owners[i]` is what is reported for `literals[i]`. Only the first 12 bytes of a literal are looked for.
  LiteralScan(std::vector<std::string> const& literals, std::vector<std::uint32_t> const& owners);

  /// Sets `found[owner]` for every literal in `text`, whose '\n' count as nothing.
  void scan(std::string_view text, std::vector<bool>& found) const;

 private:
  void insert(std::string_view literal, std::uint32_t owner);
  void connect();
  [[nodiscard]] std::uint32_t& step(std::uint32_t node, std::uint8_t letter) { return steps_[node * width_ + letter]; }

  std::array<std::uint8_t, 256> letter_{};  ///< 0 = in no literal
  std::uint32_t width_ = 1;
  std::vector<std::uint32_t> steps_;
  std::vector<std::vector<std::uint32_t>> owners_;
};

}  // namespace failover::core
