#pragma once

#include "adapters/http_message.hpp"
#include "core/event.hpp"
#include "core/operator.hpp"

#include <functional>
#include <optional>
#include <string>

namespace failover::adapters {

/// What the operator's requests are answered from, and where they go.
struct OperatorDesk {
  std::function<core::Decision(core::AccountName const& to)> decide = {};
  std::function<std::optional<core::Refused>(core::Event const&)> fault = {};
  std::function<std::int64_t()> next_swap_id = {};
  std::function<void(core::Event)> tell = {};
};

/// Answers the operator's requests: `POST /swap {"to":"NAME","dry_run":true}` (both may be left out),
/// `POST /accounts/NAME/enable|disable`, `POST /brake {"on":true,"reason":"…"}`, `POST /sessions/NAME/hold|release`,
/// `POST /queue/ID/retry|hold|release|cancel|done|fail {"reason":"…"}` (of a task; the body may be left out).
///
/// 202 once the engine has been told, 409 with the reason's word where it would refuse. Over TCP each needs the token
/// of http.token_file, also on a loopback address, for any user of this machine may connect there.
[[nodiscard]] HttpHandler operator_handler(OperatorDesk desk, std::string token);

}  // namespace failover::adapters
