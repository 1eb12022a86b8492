#pragma once

#include "core/result.hpp"

#include <string>

namespace failover::daemon {

struct StatusStyle {
  std::string part = {};  ///< "" for all, else accounts, sessions or queue
  bool color = false;
};

/// The JSON of /status as tables for a terminal; times of day are local. Control characters in names are replaced.
/// `invalid` when it is not a status of schema 1.
[[nodiscard]] core::Result<std::string> status_text(std::string const& status_json, StatusStyle const& style);

/// One part of that JSON, as an object of its own with the schema beside it.
[[nodiscard]] core::Result<std::string> status_part(std::string const& status_json, std::string const& part);

}  // namespace failover::daemon
