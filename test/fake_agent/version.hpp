#pragma once

#include <string_view>

namespace failover::fake_agent {

/// What one version of the agent does in its own way. Measured on the real ones.
struct Version {
  std::string_view name = {};
  bool takes_new_login = true;       ///< with its next request; else it keeps that of its start
  bool rereads_when_refused = true;  ///< the login that it keeps, when the service answers 401
  bool continues_by_itself = true;   ///< after the reset; and its limit menu opens by itself where it does not
  bool tells_failures = true;        ///< by StopFailure; else Stop comes as after a good turn
  bool tells_use = true;             ///< to the statusLine command
  bool details_in_rows = true;       ///< apiError, quotaLimits, apiErrorStatus in the transcript
  bool names_error_in_rows = true;   ///< error: "rate_limit"
  bool prompt_back_in_box = true;    ///< of a turn that was interrupted
  bool working_in_footer = true;     ///< "esc to interrupt"; else beside the spinner
  bool trust_first = false;          ///< the trust dialog's default is Yes
  bool tells_resume = true;          ///< when it ends: how to resume
  std::string_view five_hour = {};   ///< the limit's name
  std::string_view plan_hint = {};   ///< below a wall; empty for none
};

/// Nothing when it is not imitated.
[[nodiscard]] Version const* find_version(std::string_view name);

}  // namespace failover::fake_agent
