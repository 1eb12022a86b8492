#include "test/sim/told.hpp"

namespace failover::sim {
namespace {

namespace effect = core::effect;
namespace event = core::event;

template <class T>
std::string outcome(core::Result<T> const& result) {
  return result ? "good" : std::string(to_string(result.error().kind)) + ": " + result.error().detail;
}

struct EventText {
  std::string operator()(event::Tick const&) const { return "tick"; }
  std::string operator()(event::QueueTouched const&) const { return "queue touched"; }
  std::string operator()(event::Reloaded const&) const { return "reloaded"; }
  std::string operator()(event::StopRequested const&) const { return "stop"; }
  std::string operator()(event::SwapAsked const& e) const { return "asked to swap to " + e.to.str(); }
  std::string operator()(event::AccountSwitched const& e) const {
    return "account " + e.account.str() + (e.enabled ? " enabled" : " disabled");
  }
  std::string operator()(event::BrakeSet const& e) const { return e.on ? "brake on" : "brake off"; }
  std::string operator()(event::SessionSwitched const& e) const {
    return "session " + e.session.str() + (e.held ? " held" : " released");
  }
  std::string operator()(event::TaskAsked const& e) const {
    return "asked to " + std::string(to_string(e.order)) + " task " + e.task.str();
  }
  std::string operator()(event::AccountsRead const& e) const {
    return "accounts read, link " + (e.listing.link_target ? *e.listing.link_target : outcome(e.listing.link_target));
  }
  std::string operator()(event::PanesListed const& e) const {
    std::string text = "panes " + outcome(e.panes);
    if (e.panes)
      for (auto const& pane : *e.panes)
        text += " " + pane.session.str() + "=" + pane.pane.id.str() + (pane.dead ? "(dead)" : "");
    return text;
  }
  std::string operator()(event::ScreensCaptured const& e) const {
    std::string text = "screens " + outcome(e.screens);
    if (e.screens)
      for (auto const& screen : *e.screens)
        text += " [" + screen.pane.id.str() + " " + (screen.as_before ? "as before" : screen.text) + "]";
    return text;
  }
  std::string operator()(event::TerminalsTouched const& e) const {
    std::string text = "terminals written";
    for (auto const& pane : e.written) text += " " + pane.id.str();
    text += ", closed";
    for (auto const& pane : e.closed) text += " " + pane.id.str();
    return text;
  }
  std::string operator()(event::TranscriptGrew const& e) const {
    std::string text = "rows";
    for (auto const& row : e.rows)
      text += " [" + row.uuid + " " + std::string(to_string(row.kind)) + " of " + row.conversation.str() + " at " +
              std::to_string(row.at.time_since_epoch().count()) + " " + row.text + "]";
    return text;
  }
  std::string operator()(event::HookCalled const& e) const {
    return "hook " + e.call.name + " " + e.call.conversation.str() + " " + e.call.message;
  }
  std::string operator()(event::UsageTold const&) const { return "usage"; }
  std::string operator()(event::SessionStarted const& e) const {
    return "started " + e.session.str() + " " + outcome(e.pane);
  }
  std::string operator()(event::AgentRestarted const& e) const {
    return "restarted " + e.session.str() + " " + outcome(e.outcome);
  }
  std::string operator()(event::SessionEnded const& e) const {
    return "ended " + e.session.str() + " " + outcome(e.outcome);
  }
  std::string operator()(event::EscapePressed const& e) const {
    return "escape pressed " + e.session.str() + " " + outcome(e.outcome);
  }
  std::string operator()(event::PromptDelivered const& e) const {
    return "prompt delivered " + e.session.str() + " " +
           (e.outcome ? std::string(to_string(*e.outcome)) : outcome(e.outcome));
  }
  std::string operator()(event::LinkFlipped const& e) const {
    return "flipped " + e.to.str() + " " + outcome(e.outcome);
  }
  std::string operator()(event::QueueScanned const& e) const {
    std::string text = "queue scanned " + outcome(e.listing);
    if (e.listing)
      for (auto const& file : e.listing->tasks) text += " " + file.id.str() + "=" + std::string(to_string(file.place));
    return text;
  }
  std::string operator()(event::TaskClaimed const& e) const {
    return "claimed " + e.task.str() + " " + outcome(e.path);
  }
  std::string operator()(event::TaskMoved const& e) const {
    return "moved " + e.task.str() + " to " + std::string(to_string(e.place)) + " " + outcome(e.outcome);
  }
  std::string operator()(event::FinishedRemoved const& e) const { return "finished removed " + outcome(e.removed); }
  std::string operator()(event::MessageSent const& e) const {
    return "message " + e.id + (e.failure ? " not sent" : " sent");
  }
  std::string operator()(event::StateSaved const& e) const { return "saved " + outcome(e.outcome); }
};

struct EffectText {
  std::string operator()(effect::ReadAccounts const&) const { return "read accounts"; }
  std::string operator()(effect::ListPanes const&) const { return "list panes"; }
  std::string operator()(effect::CapturePanes const&) const { return "capture panes"; }
  std::string operator()(effect::FollowTranscripts const&) const { return "follow transcripts"; }
  std::string operator()(effect::WatchTerminals const& e) const {
    return "watch " + std::to_string(e.terminals.size()) + " terminals";
  }
  static std::string words(std::vector<std::string> const& argv) {
    std::string text;
    for (auto const& word : argv) text += " " + word;
    return text;
  }
  std::string operator()(effect::StartSession const& e) const { return "start " + e.session.str() + words(e.argv); }
  std::string operator()(effect::RestartAgent const& e) const { return "restart " + e.session.str() + words(e.argv); }
  std::string operator()(effect::EndSession const& e) const { return "end " + e.session.str(); }
  std::string operator()(effect::PressEscape const& e) const { return "escape " + e.session.str(); }
  std::string operator()(effect::DeliverPrompt const& e) const { return "prompt " + e.session.str() + " " + e.text; }
  std::string operator()(effect::FlipLink const& e) const { return "flip to " + e.to.str(); }
  std::string operator()(effect::ScanQueue const&) const { return "scan queue"; }
  std::string operator()(effect::ClaimTask const& e) const { return "claim " + e.task.id.str(); }
  std::string operator()(effect::MoveTask const& e) const {
    return "move " + e.task.id.str() + " to " + std::string(to_string(e.result.place)) + ": " + e.result.reason;
  }
  std::string operator()(effect::RemoveFinished const&) const { return "remove finished"; }
  std::string operator()(effect::SendMessage const& e) const { return "send " + e.message.subject; }
  std::string operator()(effect::SaveState const&) const { return "save"; }
  std::string operator()(effect::Log const& e) const {
    std::string text = "log: " + e.message;
    for (auto const& [key, value] : e.fields) text.append(" ").append(key).append("=").append(value);
    return text;
  }
};

}  // namespace

std::string told(core::Event const& event) {
  return std::visit(EventText{}, event);
}

std::string told(core::Effect const& effect) {
  return std::visit(EffectText{}, effect);
}

}  // namespace failover::sim
