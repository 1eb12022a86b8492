#pragma once

#include "core/config.hpp"
#include "core/hook.hpp"
#include "core/task.hpp"
#include "core/transcript.hpp"
#include "core/world.hpp"

#include <variant>
#include <vector>

/// The closed set of news that the engine is told. Each effect that has an answer ends in exactly one event, also
/// when it failed, timed out or was cancelled.
namespace failover::core::event {

struct Tick {
  bool operator==(Tick const&) const = default;
};  ///< the time that next_deadline() asked for has come
struct QueueTouched {
  bool operator==(QueueTouched const&) const = default;
};  ///< a hint that the queue changed
struct Reloaded {
  bool operator==(Reloaded const&) const = default;
};  ///< the configuration was replaced
struct StopRequested {
  bool operator==(StopRequested const&) const = default;
};

// What the operator asks for; only what was found to be possible is told. ---

/// To that account, or to the best one when it is empty.
struct SwapAsked {
  AccountName to;
  bool operator==(SwapAsked const&) const = default;
};
/// Off: nothing new is begun on it. On: it counts as available, whatever was reported of it before.
struct AccountSwitched {
  AccountName account;
  bool enabled = false;
  bool operator==(AccountSwitched const&) const = default;
};
struct BrakeSet {
  bool on = false;
  std::string reason = {};
  bool operator==(BrakeSet const&) const = default;
};
struct SessionSwitched {
  SessionName session;
  bool held = false;
  bool operator==(SessionSwitched const&) const = default;
};

/// Of a person, or of the agent that works on the task.
struct TaskAsked {
  TaskId task;
  TaskOrder order = TaskOrder::retry;
  std::string reason = {};  ///< "" when none is given
  bool operator==(TaskAsked const&) const = default;
};

struct AccountsRead {
  AccountsListing listing;
  bool operator==(AccountsRead const&) const = default;
};
struct PanesListed {
  Result<std::vector<PaneInfo>> panes;
  std::vector<ProcessRef> running = {};  ///< those asked about that have not ended, as far as can be told
  bool operator==(PanesListed const&) const = default;
};
/// Screens of the panes that could be read; the others are absent (a pane that went away is no error).
struct ScreensCaptured {
  Result<std::vector<Screen>> screens;
  bool operator==(ScreensCaptured const&) const = default;
};
/// Hints of what happened at terminals that are watched.
struct TerminalsTouched {
  std::vector<PaneRef> written = {};  ///< since it was last captured
  std::vector<PaneRef> closed = {};   ///< its program has ended, or was replaced; not watched any more
  bool operator==(TerminalsTouched const&) const = default;
};
/// Rows that transcripts gained, oldest first within a file; of any conversation in the followed directories.
struct TranscriptGrew {
  std::vector<TranscriptRow> rows;
  bool all_read = false;  ///< nothing that was written before is left to be told
  bool operator==(TranscriptGrew const&) const = default;
};
struct HookCalled {
  HookCall call;
  bool operator==(HookCalled const&) const = default;
};
struct UsageTold {
  UsageReport report;
  bool operator==(UsageTold const&) const = default;
};
struct SessionStarted {
  SessionName session;
  Result<PaneRef> pane;
  bool operator==(SessionStarted const&) const = default;
};
struct AgentRestarted {
  SessionName session;
  Result<void> outcome;
  bool operator==(AgentRestarted const&) const = default;
};
/// `not_found` when its pane is gone already.
struct SessionEnded {
  SessionName session;
  Result<void> outcome;
  bool operator==(SessionEnded const&) const = default;
};
struct EscapePressed {
  SessionName session;
  Result<void> outcome;
  bool operator==(EscapePressed const&) const = default;
};
struct PromptDelivered {
  SessionName session;
  Result<Delivery> outcome;
  bool operator==(PromptDelivered const&) const = default;
};
struct LinkFlipped {
  AccountName to;
  Result<void> outcome;
  bool operator==(LinkFlipped const&) const = default;
};
struct QueueScanned {
  Result<QueueListing> listing;
  bool operator==(QueueScanned const&) const = default;
};
/// The claimed file's absolute path, or why the claim failed (`not_found`: somebody took it back).
struct TaskClaimed {
  TaskId task;
  Result<std::string> path;
  bool operator==(TaskClaimed const&) const = default;
};
struct TaskMoved {
  TaskId task;
  TaskPlace place;
  Result<void> outcome;
  bool operator==(TaskMoved const&) const = default;
};
struct FinishedRemoved {
  Result<std::size_t> removed;
  bool operator==(FinishedRemoved const&) const = default;
};
struct MessageSent {
  std::string id;
  std::optional<SendFailure> failure;
  bool operator==(MessageSent const&) const = default;
};
struct StateSaved {
  Result<void> outcome;
  bool operator==(StateSaved const&) const = default;
};

}  // namespace failover::core::event

namespace failover::core {

using Event = std::variant<event::Tick, event::QueueTouched, event::Reloaded, event::StopRequested, event::SwapAsked,
                           event::AccountSwitched, event::BrakeSet, event::SessionSwitched, event::AccountsRead,
                           event::PanesListed, event::ScreensCaptured, event::SessionStarted, event::AgentRestarted,
                           event::SessionEnded, event::EscapePressed, event::PromptDelivered, event::LinkFlipped,
                           event::QueueScanned, event::TaskClaimed, event::TaskMoved, event::FinishedRemoved,
                           event::MessageSent, event::StateSaved, event::TranscriptGrew, event::HookCalled,
                           event::UsageTold, event::TerminalsTouched, event::TaskAsked>;

}  // namespace failover::core
