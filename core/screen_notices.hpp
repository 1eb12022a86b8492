#pragma once

#include "core/patterns.hpp"
#include "core/screen.hpp"
#include "core/screen_input_box.hpp"
#include "core/screen_rows.hpp"

#include <optional>
#include <vector>

namespace failover::core {

/// What stands below the input box, each column by itself, its rows joined.
[[nodiscard]] std::vector<JoinedRows> notices_below(Layout const& layout, std::vector<ScreenRow> const& rows,
                                                    InputBox const& box);

/// Whether the row right above the input box is a notice, and no end of the transcript.
[[nodiscard]] bool has_notice_above(std::vector<ScreenRow> const& rows, InputBox const& box);

}  // namespace failover::core
