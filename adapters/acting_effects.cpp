#include "adapters/acting_effects.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace failover::adapters {
namespace {

namespace effect = core::effect;

/// FNV-1a; tells texts apart, protects nothing.
class Digest {
 public:
  Digest& add(std::string_view text) {
    for (char const c : text) take(static_cast<unsigned char>(c));
    take(0);
    return *this;
  }
  Digest& add(std::vector<std::string> const& texts) {
    for (auto const& text : texts) add(text);
    return add("");
  }
  Digest& add(std::vector<std::pair<std::string, std::string>> const& pairs) {
    for (auto const& [key, value] : pairs) add(key).add(value);
    return *this;
  }

  [[nodiscard]] std::string hex() const {
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text.push_back("0123456789abcdef"[(sum_ >> shift) & 15U]);
    return text;
  }

 private:
  void take(std::uint64_t byte) { sum_ = (sum_ ^ byte) * 0x100000001b3U; }

  std::uint64_t sum_ = 0xcbf29ce484222325U;
};

using Line = std::optional<std::string>;

struct LineOf {
  Line operator()(effect::StartSession const& e) const {
    return "start_session " + e.session.str() + " in " + e.workdir + " command " +
           Digest().add(e.argv).add(e.environment).hex();
  }
  Line operator()(effect::RestartAgent const& e) const {
    return "restart_agent " + e.session.str() + " " + e.pane.id.str() + " in " + e.workdir + " command " +
           Digest().add(e.argv).add(e.environment).hex() + (e.briefing ? " with a briefing" : "");
  }
  Line operator()(effect::EndSession const& e) const {
    return "end_session " + e.session.str() + " " + e.pane.id.str();
  }
  Line operator()(effect::PressEscape const& e) const {
    return "press_escape " + e.session.str() + " " + e.pane.id.str();
  }
  Line operator()(effect::DeliverPrompt const& e) const {
    return "deliver_prompt " + e.session.str() + " " + e.pane.id.str() + " text " + Digest().add(e.text).hex();
  }
  Line operator()(effect::FlipLink const& e) const { return "flip_link " + e.to.str() + " to " + e.target; }
  Line operator()(effect::ClaimTask const& e) const {
    return "claim_task " + e.task.id.str() + " claim " + e.claim.str();
  }
  Line operator()(effect::MoveTask const& e) const {
    return "move_task " + e.task.id.str() + " to " + std::string(to_string(e.result.place)) + " because " +
           e.result.reason;
  }
  Line operator()(effect::RemoveFinished const& e) const {
    std::string line = "remove_finished";
    for (auto const& task : e.tasks) line += " " + task.id.str();
    return line;
  }
  Line operator()(effect::SendMessage const& e) const {
    return "send_message " + e.message.id + " over " + std::string(to_string(e.message.channel)) + ": " +
           e.message.subject;
  }
  Line operator()(effect::Log const& e) const {
    if (e.level < core::LogLevel::warning) return std::nullopt;
    std::string line = "log " + e.message;
    for (auto const& [key, value] : e.fields) line += " " + key + "=" + value;
    return line;
  }
  Line operator()(effect::ReadAccounts const&) const { return std::nullopt; }
  Line operator()(effect::ListPanes const&) const { return std::nullopt; }
  Line operator()(effect::CapturePanes const&) const { return std::nullopt; }
  Line operator()(effect::FollowTranscripts const&) const { return std::nullopt; }
  Line operator()(effect::WatchTerminals const&) const { return std::nullopt; }
  Line operator()(effect::ScanQueue const&) const { return std::nullopt; }
  Line operator()(effect::SaveState const&) const { return std::nullopt; }
};

}  // namespace

std::vector<std::string> acting_effects(core::Effects const& effects) {
  std::vector<std::string> lines;
  for (auto const& effect : effects)
    if (auto line = std::visit(LineOf{}, effect)) lines.push_back(std::move(*line));
  return lines;
}

}  // namespace failover::adapters
