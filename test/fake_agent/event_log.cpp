#include "event_log.hpp"

#include "clock.hpp"
#include "files.hpp"
#include "json_file.hpp"

#include <cstdlib>

#include <unistd.h>

namespace failover::fake_agent {

EventLog::EventLog(fs::path path, std::string session_id)
    : path_(std::move(path)), session_id_(std::move(session_id)) {}

void EventLog::write(std::string_view event, std::string_view account, std::string_view text) const {
  json::object const line{{"t", to_epoch(now())}, {"pid", ::getpid()}, {"session_id", session_id_},
                          {"account", account},   {"event", event},    {"text", text}};
  append(path_, json::serialize(line) + "\n");
}

fs::path event_log_path(fs::path const& config_dir) {
  if (char const* path = std::getenv("FAKE_AGENT_LOG"); path != nullptr && *path != '\0') return path;
  return config_dir.parent_path() / "fake-agent.log";
}

}  // namespace failover::fake_agent
