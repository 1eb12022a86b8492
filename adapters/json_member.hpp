#pragma once

#include "core/result.hpp"

#include <string_view>

namespace failover::adapters {

/// The text of the first member of that name in a JSON object, found by skipping and without building anything.
///
/// Only members of the object itself count, never those of what it holds. Nothing behind the member is looked at, and
/// what is skipped is not checked beyond its brackets and quotes. Empty where there is no such member or where it is
/// no string; a text or name with escapes is given, or compared, as it is written. Fails with `invalid` when the text
/// is no object as far as it was looked at.
[[nodiscard]] core::Result<std::string_view> first_member_text(std::string_view object, std::string_view name);

}  // namespace failover::adapters
