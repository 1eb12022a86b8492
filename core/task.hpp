#pragma once

#include "core/names.hpp"
#include "core/result.hpp"
#include "core/session_kind.hpp"
#include "core/time.hpp"
#include "core/transcript.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failover::core {

/// Where a task's file lies is what the task's state is.
enum class TaskPlace { pending, claimed, done, failed, held };
[[nodiscard]] std::string_view to_string(TaskPlace place);

/// What the author asked for, from the file's front matter; defaults where silent.
struct TaskRequest {
  std::optional<SessionName> session = {};  ///< only this session may take it
  std::optional<SessionKind> kind = {};     ///< only a session of this kind; without a session's name: pool
  std::string workdir = {};                 ///< only a session that works in this directory; "" = any
  std::string agent = {};                   ///< only a session with this agent; "" = any
  AccountName account = {};                 ///< begun only while the session is on this account; "" = any
  std::int64_t priority = 0;                ///< higher first
  std::optional<Duration> timeout = {};
  std::optional<std::int64_t> retries = {};
  std::optional<WallTime> not_before = {};
  std::vector<TaskId> after = {};  ///< waits until all of these are done
  bool operator==(TaskRequest const&) const = default;
};

/// What a person wants done with a task, or its agent says of it.
enum class TaskOrder { retry, hold, release, cancel, done, fail };
[[nodiscard]] std::string_view to_string(TaskOrder order);
[[nodiscard]] std::optional<TaskOrder> task_order_from(std::string_view word);

/// One file of the queue as a scan found it.
struct TaskFile {
  TaskId id = {};
  TaskPlace place = TaskPlace::pending;
  std::string file_name = {};         ///< raw bytes of the name inside the place's directory
  std::string title = {};             ///< the author's file name, printable UTF-8
  std::optional<ClaimId> claim = {};  ///< of a claimed file, from its suffix
  WallTime changed_at = {};           ///< last write; of a finished file when it came to lie there
  TaskRequest request = {};
  std::optional<Error> unfit = {};  ///< why it can never be dispatched (too large, malformed, not a plain file)
  bool operator==(TaskFile const&) const = default;
};

/// One file of `signals/`: `<task-id>.<nonce>.done` or `.failed`.
struct TaskSignal {
  TaskId task = {};
  ClaimId claim = {};  ///< the nonce is the claim's id
  bool done = true;
  std::string reason = {};  ///< of a failed one: how its file begins
  bool operator==(TaskSignal const&) const = default;
};

/// All the queue's directories at one look. Finished ones (done, failed) carry no request.
struct QueueListing {
  std::vector<TaskFile> tasks = {};
  std::vector<TaskSignal> signals = {};
  std::size_t settling = 0;  ///< files of pending/ that are still being written: worth another scan in two seconds
  bool operator==(QueueListing const&) const = default;
};

/// What is written beside a finished file as `<name>.result.json`.
struct TaskResult {
  TaskId id = {};
  TaskPlace place = TaskPlace::done;
  std::string reason = {};  ///< "signal", "quiet", "timeout", …: by which sign it ended
  SessionName session = {};
  AccountName account = {};
  std::optional<ConversationId> conversation = {};
  std::vector<AccountName> accounts = {};  ///< on which it ran, in this order
  std::int64_t swaps = 0;                  ///< of its account, that it survived
  std::int64_t attempts = 0;
  std::optional<WallTime> claimed_at = {};
  std::optional<WallTime> given_at = {};
  WallTime ended_at = {};
  std::string last_message = {};        ///< what the agent said last, else what its screen showed, ≤ 120 characters
  std::optional<TokenUse> tokens = {};  ///< of this attempt, as far as its transcript was seen
  bool operator==(TaskResult const&) const = default;
};

}  // namespace failover::core
