#pragma once

#include "core/step.hpp"

#include <string>

/// A task of which nobody knows whether its prompt arrived: the prompt is looked for, and never typed again.
namespace failover::core {

/// The task stays with its session, in TaskPhase::delivering, until that is settled.
void begin_doubt(Step& step, TaskId const& id, std::string why);

/// Looks for the claim's nonce: in a transcript or as the newest prompt on the screen it has arrived, and the task
/// runs; unsent in the input box the task is held; nowhere, with the transcripts read and the session at rest, or not
/// found for two minutes, it is held, for it may have arrived all the same.
void settle_doubt(Step& step, TaskId const& id);

}  // namespace failover::core
