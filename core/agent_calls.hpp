#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

/// What an agent tells by itself, through its hooks and its status line.
namespace failover::core {

void on_hook_called(Step& step, event::HookCalled const& called);

/// Figures for the account that the caller's session uses; older ones than are known are dropped.
void on_usage_told(Step& step, event::UsageTold const& told);

}  // namespace failover::core
