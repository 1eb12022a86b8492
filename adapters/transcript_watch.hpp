#pragma once

#include "adapters/unique_fd.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace failover::adapters {

/// Where transcripts may have changed.
struct TranscriptHints {
  std::set<std::string> files = {};  ///< paths that were written to, made or moved in
  bool scan = false;                 ///< something else changed, or it is not known what
};

/// Why a directory is not watched, and the cure. `number` is the errno of inotify_add_watch. Of a limit that is reached
/// it is the same for every directory.
[[nodiscard]] core::Error watch_failure(int number, std::string const& directory);

/// One inotify instance over the directories that hold transcripts, or will.
///
/// Watches are asked for in rounds: what a round does not ask for again ends with it, and a round puts every watch on
/// what its path leads to by then. A watch that ends by itself, and a lost event, lead to the hint to scan; the scan's
/// round repairs them. Without inotify (its limit was reached) every request fails and there are no hints.
class TranscriptWatch {
 public:
  TranscriptWatch();

  /// Becomes readable when there are hints; -1 without inotify. Stays ours.
  [[nodiscard]] int descriptor() const { return inotify_.get(); }
  /// Why there is no inotify.
  [[nodiscard]] core::Result<void> const& state() const { return state_; }

  void begin_round();
  /// Watches for transcripts in a directory, and for directories of subagents.
  [[nodiscard]] core::Result<void> watch_transcripts(std::string const& directory);
  /// Watches for one name in a directory.
  [[nodiscard]] core::Result<void> await_name(std::string const& directory, std::string const& name);
  void end_round();

  /// What happened since the last call. Does not wait.
  [[nodiscard]] TranscriptHints drain();
  /// The hints in events as the kernel writes them. For drain() and for tests of what the kernel does rarely.
  [[nodiscard]] TranscriptHints take(std::string_view events);

 private:
  struct Watch {
    std::string directory = {};        ///< whose transcripts are meant, "" for none
    std::set<std::string> names = {};  ///< that are awaited
    bool wanted = false;               ///< in this round
  };

  [[nodiscard]] core::Result<Watch*> add(std::string const& directory, std::uint32_t events);

  UniqueFd inotify_;
  core::Result<void> state_ = {};
  std::map<int, Watch> watches_ = {};
};

/// Whether a name in a project's directory is that of a conversation, below which its subagents may write.
[[nodiscard]] bool is_conversation_name(std::string_view name);

/// Whether a name is that of a transcript.
[[nodiscard]] bool is_transcript_name(std::string_view name);

}  // namespace failover::adapters
