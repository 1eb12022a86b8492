#pragma once

#include "core/classification.hpp"
#include "core/patterns.hpp"
#include "core/reset_time.hpp"
#include "core/screen.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failover::core {

/// By what a text is read: one agent's table, and what its times are relative to. Refers to what outlives it.
struct TextContext {
  PatternTable const& table;
  WallTime now = {};
  ZoneLookup const& zones;
  std::string_view local_zone = {};  ///< of times that name no zone
};

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

/// The text on one row, cut as evidence is.
[[nodiscard]] std::string shown(std::string_view text);

/// What a finding says, without its time of reset.
[[nodiscard]] Classification described(Finding const& found);

/// The rules that hold in joined rows, each with its text up to the next one's start. They are looked for at the
/// text's start, or with `every_row` at the start of each row and of each column in it.
[[nodiscard]] std::vector<Finding> findings(PatternTable const& table, JoinedRows const& rows, Place place,
                                            bool every_row);

/// The times of reset in a text whose phrases could be read, in their order.
[[nodiscard]] std::vector<PrintedReset> printed_resets(TextContext const& context, std::string_view text);

/// The best time among the findings that speak of the same thing as `best`: an armed continuation is newer than the
/// message above it, and where both name the same clock, the one with its zone is better.
[[nodiscard]] std::optional<ResetTime> reset_of(TextContext const& context, std::vector<Finding> const& evidence,
                                                Finding const& best);

}  // namespace failover::core
