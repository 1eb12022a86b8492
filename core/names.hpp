#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace failover::core {

/// A string with a meaning. Two names of different tags do not compare or convert.
template <class Tag>
class Name {
 public:
  Name() = default;
  explicit Name(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] std::string const& str() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  auto operator<=>(Name const&) const = default;

 private:
  std::string value_;
};

using AccountName = Name<struct AccountTag>;
using SessionName = Name<struct SessionTag>;
using PaneId = Name<struct PaneTag>;                  ///< tmux's `%7`; unique in one server's life only
using TaskId = Name<struct TaskTag>;                  ///< a ULID, or what the task's author gave
using ClaimId = Name<struct ClaimTag>;                ///< one attempt at a task: file suffix and nonce of its signal
using ConversationId = Name<struct ConversationTag>;  ///< the agent's own session id, a UUID

}  // namespace failover::core
