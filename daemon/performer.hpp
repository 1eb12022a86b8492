#pragma once

#include "adapters/account_link.hpp"
#include "adapters/async.hpp"
#include "adapters/carry_conversation.hpp"
#include "adapters/notifier.hpp"
#include "adapters/pane_processes.hpp"
#include "adapters/queue_dir.hpp"
#include "adapters/screen_changes.hpp"
#include "adapters/terminal_watch.hpp"
#include "adapters/tmux.hpp"
#include "adapters/transcript_tail.hpp"
#include "adapters/writer_thread.hpp"
#include "core/agent_profile.hpp"
#include "core/effect.hpp"
#include "core/engine.hpp"
#include "core/event.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <sys/types.h>

namespace failover::daemon {

/// What an effect is carried out with. All outlive the performer.
struct Adapters {
  boost::asio::any_io_executor executor;
  adapters::Tmux& tmux;
  adapters::WriterThread& writer;
  adapters::QueueDirectory& queue;  ///< used on the writer's thread only
  adapters::Notifier& notifier;
  adapters::TranscriptTail& transcripts;
  adapters::TerminalWatch& terminals;
  core::ScreenReader read_screen;
  std::function<core::Config const&()> config;
  std::function<void()> before_scan;          ///< puts lost watches of the queue back
  std::function<std::string()> encode_state;  ///< the state of this instant as the bytes to save
  bool dry_run = false;                       ///< saves nothing
  std::function<void(core::effect::Log const&)> write_log = {};
};

/// Turns one effect into calls of adapters, and their outcome into the event that answers it.
class Performer {
 public:
  using Answer = boost::asio::awaitable<std::optional<core::Event>>;

  explicit Performer(Adapters adapters) : use_(std::move(adapters)) {}

  [[nodiscard]] Answer perform(core::Effect effect);

 private:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  Answer carry_out(core::effect::ReadAccounts request);
  Answer carry_out(core::effect::ListPanes request);
  Answer carry_out(core::effect::CapturePanes request);
  Answer carry_out(core::effect::StartSession request);
  Answer carry_out(core::effect::RestartAgent request);
  Answer carry_out(core::effect::EndSession request);
  Answer carry_out(core::effect::PressEscape request);
  Answer carry_out(core::effect::DeliverPrompt request);
  Answer carry_out(core::effect::FlipLink request);
  Answer carry_out(core::effect::ScanQueue request);
  Answer carry_out(core::effect::ClaimTask request);
  Answer carry_out(core::effect::MoveTask request);
  Answer carry_out(core::effect::RemoveFinished request);
  Answer carry_out(core::effect::SendMessage request);
  Answer carry_out(core::effect::SaveState request);
  Answer carry_out(core::effect::FollowTranscripts request);
  Answer carry_out(core::effect::WatchTerminals request);
  Answer carry_out(core::effect::Log request);

  /// Where the configuration asks for it; the agent starts whatever comes of it.
  boost::asio::awaitable<void> prepare_trust(core::SessionName session, std::string workdir, Environment environment);
  /// Gives the account that the environment names the conversation, where one is resumed.
  [[nodiscard]] adapters::Async<void> carry(std::optional<core::ConversationId> resumes, core::Environment environment,
                                            std::optional<core::PaneRef> pane);
  /// Writes the briefing that a fresh agent is to read, where there is one.
  [[nodiscard]] adapters::Async<void> brief(std::optional<core::Briefing> briefing);
  [[nodiscard]] adapters::Async<pid_t> process_of(std::optional<core::PaneRef> pane);
  void tell(core::ConversationId const& conversation, std::string const& to_dir,
            core::Result<adapters::CarryReport> const& report) const;

  Adapters use_;
  adapters::PaneProcesses pane_processes_ = {};
  adapters::ScreenChanges screen_changes_ = {};
  bool rescans_ = true;  ///< the next look at the accounts goes with one at all transcripts
  /// Used on the writer's thread only, and by a look that outlives the performer.
  std::shared_ptr<adapters::AccountsReader> accounts_ = std::make_shared<adapters::AccountsReader>();
};

}  // namespace failover::daemon
