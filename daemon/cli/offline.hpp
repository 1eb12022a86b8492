#pragma once

#include "adapters/unique_fd.hpp"
#include "core/config.hpp"
#include "core/result.hpp"
#include "daemon/cli/check_config.hpp"

#include <functional>
#include <string>

/// What commands share that change an account's files while no daemon runs.
namespace failover::daemon {

enum class Consent { given, refused, nobody_to_ask };

/// Shows a person the plan and tells what they say to it.
using AskConsent = std::function<Consent(std::string const& plan)>;

/// With `yes` nobody is asked. Else it asks on the terminal, where anything but "y" or "yes" is a no.
[[nodiscard]] AskConsent consent_of(bool yes);

/// The daemon's own lock, for as long as it is held: already_exists names the daemon that runs. Makes state.dir where
/// it is missing.
[[nodiscard]] core::Result<adapters::UniqueFd> keep_daemon_out(core::Config const& config);

/// For a dry run: "" or why the real one would be refused. Makes nothing.
[[nodiscard]] std::string running_daemon(core::Config const& config);

/// What a command says that got no consent: exit code 1, or 64 with nobody to ask.
[[nodiscard]] CommandOutput without(Consent consent, ReportFormat format);

}  // namespace failover::daemon
