#include "core/answers.hpp"

namespace failover::core {
namespace {

struct FailureOf {
  Error const& error;
  using Answer = std::optional<Event>;

  Answer operator()(effect::ReadAccounts const&) const { return event::AccountsRead{{error, {}}}; }
  Answer operator()(effect::ListPanes const&) const { return event::PanesListed{error}; }
  Answer operator()(effect::CapturePanes const&) const { return event::ScreensCaptured{error}; }
  Answer operator()(effect::StartSession const& e) const { return event::SessionStarted{e.session, error}; }
  Answer operator()(effect::RestartAgent const& e) const { return event::AgentRestarted{e.session, error}; }
  Answer operator()(effect::EndSession const& e) const { return event::SessionEnded{e.session, error}; }
  Answer operator()(effect::PressEscape const& e) const { return event::EscapePressed{e.session, error}; }
  Answer operator()(effect::DeliverPrompt const& e) const { return event::PromptDelivered{e.session, error}; }
  Answer operator()(effect::FlipLink const& e) const { return event::LinkFlipped{e.to, error}; }
  Answer operator()(effect::ScanQueue const&) const { return event::QueueScanned{error}; }
  Answer operator()(effect::ClaimTask const& e) const { return event::TaskClaimed{e.task.id, error}; }
  Answer operator()(effect::MoveTask const& e) const { return event::TaskMoved{e.task.id, e.result.place, error}; }
  Answer operator()(effect::RemoveFinished const&) const { return event::FinishedRemoved{error}; }
  Answer operator()(effect::SendMessage const& e) const {
    return event::MessageSent{e.message.id, SendFailure{error, {}, false}};
  }
  Answer operator()(effect::SaveState const&) const { return event::StateSaved{error}; }
  Answer operator()(effect::Log const&) const { return std::nullopt; }
  Answer operator()(effect::FollowTranscripts const&) const { return std::nullopt; }
  Answer operator()(effect::WatchTerminals const&) const { return std::nullopt; }
};

}  // namespace

std::optional<Event> failure_of(Effect const& effect, Error const& error) {
  return std::visit(FailureOf{error}, effect);
}

}  // namespace failover::core
