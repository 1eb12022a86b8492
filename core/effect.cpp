#include "core/effect.hpp"

namespace failover::core {
namespace {

struct LaneOf {
  std::string operator()(effect::StartSession const& e) const { return "session " + e.session.str(); }
  std::string operator()(effect::RestartAgent const& e) const { return "session " + e.session.str(); }
  std::string operator()(effect::EndSession const& e) const { return "session " + e.session.str(); }
  std::string operator()(effect::PressEscape const& e) const { return "session " + e.session.str(); }
  std::string operator()(effect::DeliverPrompt const& e) const { return "session " + e.session.str(); }
  std::string operator()(effect::ClaimTask const& e) const { return "task " + e.task.id.str(); }
  std::string operator()(effect::MoveTask const& e) const { return "task " + e.task.id.str(); }
  std::string operator()(effect::SendMessage const& e) const {
    return "channel " + std::string(to_string(e.message.channel));
  }
  std::string operator()(effect::ReadAccounts const&) const { return "accounts"; }
  std::string operator()(effect::FlipLink const&) const { return "accounts"; }
  std::string operator()(effect::ScanQueue const&) const { return "queue"; }
  std::string operator()(effect::RemoveFinished const&) const { return "queue"; }
  std::string operator()(effect::ListPanes const&) const { return ""; }
  std::string operator()(effect::CapturePanes const&) const { return ""; }
  std::string operator()(effect::SaveState const&) const { return ""; }
  std::string operator()(effect::Log const&) const { return ""; }
  std::string operator()(effect::FollowTranscripts const&) const { return "transcripts"; }
  std::string operator()(effect::WatchTerminals const&) const { return "terminals"; }
};

}  // namespace

std::string lane_of(Effect const& effect) {
  return std::visit(LaneOf{}, effect);
}

}  // namespace failover::core
