#pragma once

#include "core/briefing.hpp"
#include "core/config.hpp"
#include "core/task.hpp"
#include "core/world.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// The closed set of requests that the engine makes of the world. Each value is the whole request.
///
/// A batch is ordered: what follows a SaveState waits until the state as it was at the batch's end is on disk, and is
/// answered with an error, undone, when it could not be saved.
namespace failover::core::effect {

struct ReadAccounts {
  bool operator==(ReadAccounts const&) const = default;
};  ///< → AccountsRead
/// Also says which of these processes still run. → PanesListed
struct ListPanes {
  std::vector<ProcessRef> processes = {};
  bool operator==(ListPanes const&) const = default;
};
struct CapturePanes {
  std::vector<PaneRef> panes;
  std::vector<PaneRef> drawing = {};  ///< of them those of which no hint is wanted, for they are looked at again soon
  FirstRows tails = {};               ///< of them those whose last rows are enough
  WrittenSince if_written = {};       ///< of them those that need not be read where nothing was written
  bool operator==(CapturePanes const&) const = default;
};  ///< → ScreensCaptured

/// From now on reports what the transcripts in these directories gain, and at first how they stand; replaces the
/// former set. Directories need not exist yet. No answer of its own: its news are TranscriptGrew, one
/// of which says that all is read.
struct FollowTranscripts {
  std::vector<std::string> directories;
  bool operator==(FollowTranscripts const&) const = default;
};

/// From now on tells when something is written to these terminals; replaces the former set. A terminal is armed by this
/// and by each capture of its pane, and tells once. No answer of its own: its news are TerminalsTouched.
struct WatchTerminals {
  std::vector<Terminal> terminals;
  bool operator==(WatchTerminals const&) const = default;
};

/// Makes a session of our own with the agent in it. → SessionStarted
struct StartSession {
  SessionName session = {};
  std::string workdir = {};
  std::vector<std::string> argv = {};
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::int64_t columns = 120;
  std::int64_t rows = 40;
  std::optional<ConversationId> resumes = {};  ///< argv goes on with it, so its account must have it
  bool operator==(StartSession const&) const = default;
};

/// Ends what runs in the pane and runs argv there instead. → AgentRestarted
struct RestartAgent {
  SessionName session = {};
  PaneRef pane = {};
  std::string workdir = {};
  std::vector<std::string> argv = {};
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::optional<ConversationId> resumes = {};  ///< argv goes on with it, so its account must have it
  bool spares_draft = false;                   ///< refused while a person's text stands in the agent's input box
  std::optional<Briefing> briefing = {};       ///< written before; argv points at it
  bool operator==(RestartAgent const&) const = default;
};

/// Ends the pane and what runs in it, if it stands in a session of our own. → SessionEnded
struct EndSession {
  SessionName session;
  PaneRef pane;
  bool operator==(EndSession const&) const = default;
};

/// One Escape, if the pane still is the one meant and not in a mode. → EscapePressed
struct PressEscape {
  SessionName session;
  PaneRef pane;
  bool operator==(PressEscape const&) const = default;
};

/// Types and submits a prompt, with proof. → PromptDelivered
struct DeliverPrompt {
  SessionName session = {};
  PaneRef pane = {};
  std::string text = {};
  bool operator==(DeliverPrompt const&) const = default;
};

struct FlipLink {
  AccountName to;
  std::string target;
  bool operator==(FlipLink const&) const = default;
};  ///< → LinkFlipped
struct ScanQueue {
  bool operator==(ScanQueue const&) const = default;
};  ///< → QueueScanned

/// pending/<file_name> → claimed/<title>.<id>.<claim>. → TaskClaimed
struct ClaimTask {
  TaskFile task;
  ClaimId claim;
  bool operator==(ClaimTask const&) const = default;
};

/// Moves a task's file on and writes its result beside it; back to pending/ writes none. Its signal files are
/// removed. → TaskMoved
struct MoveTask {
  TaskFile task;
  TaskResult result;
  bool operator==(MoveTask const&) const = default;
};

/// Removes finished files and their results; refuses any that is not in done/ or failed/. → FinishedRemoved
struct RemoveFinished {
  std::vector<TaskFile> tasks;
  bool operator==(RemoveFinished const&) const = default;
};

struct SendMessage {
  Message message;
  bool operator==(SendMessage const&) const = default;
};  ///< → MessageSent
struct SaveState {
  bool operator==(SaveState const&) const = default;
};  ///< → StateSaved

/// One line for the log; no answer. Fields are (key, value) in order.
struct Log {
  LogLevel level = LogLevel::info;
  std::string message = {};
  std::vector<std::pair<std::string, std::string>> fields = {};
  bool operator==(Log const&) const = default;
};

}  // namespace failover::core::effect

namespace failover::core {

using Effect =
    std::variant<effect::ReadAccounts, effect::ListPanes, effect::CapturePanes, effect::StartSession,
                 effect::RestartAgent, effect::EndSession, effect::PressEscape, effect::DeliverPrompt, effect::FlipLink,
                 effect::ScanQueue, effect::ClaimTask, effect::MoveTask, effect::RemoveFinished, effect::SendMessage,
                 effect::SaveState, effect::Log, effect::FollowTranscripts, effect::WatchTerminals>;

using Effects = std::vector<Effect>;

/// Effects of one lane run one after another; of different lanes side by side. "" has no lane.
[[nodiscard]] std::string lane_of(Effect const& effect);

}  // namespace failover::core
