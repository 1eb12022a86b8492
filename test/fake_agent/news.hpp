#pragma once

#include "account.hpp"
#include "json_file.hpp"
#include "settings.hpp"
#include "transcript.hpp"

#include <string>
#include <string_view>

namespace failover::fake_agent {

/// Tells the user's commands what happens: hooks, and the statusLine command with the account's use.
class News {
 public:
  News(Settings settings, Transcript const& transcript, std::string cwd, std::string version)
      : settings_(std::move(settings)), transcript_(transcript), cwd_(std::move(cwd)), version_(std::move(version)) {}

  /// Runs the hooks of `event` one after another; each within its own limit.
  void tell(std::string_view event, std::string const& about, json::object const& fields) const;

  /// The first line that the statusLine command prints; empty without one.
  [[nodiscard]] std::string status_line(std::optional<Usage> const& usage) const;

  [[nodiscard]] bool auto_continue() const { return settings_.auto_continue; }

 private:
  [[nodiscard]] json::object common() const;

  Settings settings_;
  Transcript const& transcript_;
  std::string cwd_;
  std::string version_;
};

}  // namespace failover::fake_agent
