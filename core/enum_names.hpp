#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace failover::core {

/// The words of an enum, both ways.
template <class Enum, std::size_t N>
using EnumNames = std::array<std::pair<Enum, std::string_view>, N>;

template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::string_view name_of(EnumNames<Enum, N> const& names, Enum value) {
  for (auto const& [candidate, name] : names)
    if (candidate == value) return name;
  return "";
}

template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::optional<Enum> value_of(EnumNames<Enum, N> const& names, std::string_view text) {
  for (auto const& [candidate, name] : names)
    if (name == text) return candidate;
  return std::nullopt;
}

}  // namespace failover::core
