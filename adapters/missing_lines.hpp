#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <string>

namespace failover::adapters {

/// Of two files of lines that begin the same and then differ: appends the source's own last lines to the target, as
/// one write, unless they are there already. Nothing at the target is changed or lost, so that others may append too.
///
/// `unsupported`, and nothing done, where more than 64 MB differ or a file is not made of lines.
[[nodiscard]] core::Result<void> append_missing_lines(UniqueFd const& source, UniqueFd const& target,
                                                      std::string const& name);

}  // namespace failover::adapters
