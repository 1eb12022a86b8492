#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace failover::fake_agent {

/// What this process lived through, one JSON line an event: {t, pid, session_id, account, event, text}.
class EventLog {
 public:
  EventLog(std::filesystem::path path, std::string session_id);

  void write(std::string_view event, std::string_view account, std::string_view text = {}) const;

 private:
  std::filesystem::path path_;
  std::string session_id_;
};

/// FAKE_AGENT_LOG, else fake-agent.log beside the config directory as it is named, so that a flip does not move it.
[[nodiscard]] std::filesystem::path event_log_path(std::filesystem::path const& config_dir);

}  // namespace failover::fake_agent
