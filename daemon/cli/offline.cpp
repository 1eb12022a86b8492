#include "daemon/cli/offline.hpp"

#include "adapters/exchange_names.hpp"
#include "adapters/lock_file.hpp"
#include "daemon/cli/print.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include <unistd.h>

namespace failover::daemon {
namespace {

Consent ask_on_terminal(std::string const& plan) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) return Consent::nobody_to_ask;
  std::fprintf(stderr, "%sGo on? [y/N] ", plan.c_str());
  (void)std::fflush(stderr);
  std::array<char, 16> answer{};
  if (std::fgets(answer.data(), static_cast<int>(answer.size()), stdin) == nullptr) return Consent::refused;
  std::string_view const said{answer.data()};
  return said == "y\n" || said == "Y\n" || said == "yes\n" ? Consent::given : Consent::refused;
}

}  // namespace

AskConsent consent_of(bool yes) {
  if (yes) return [](std::string const&) { return Consent::given; };
  return ask_on_terminal;
}

core::Result<adapters::UniqueFd> keep_daemon_out(core::Config const& config) {
  if (auto made = adapters::make_directories(config.state.dir); !made) return made.error();
  return adapters::take_lock(config.state.dir);
}

std::string running_daemon(core::Config const& config) {
  if (::access((config.state.dir + "/lock").c_str(), F_OK) != 0) return {};
  auto const lock = adapters::take_lock(config.state.dir);
  return lock ? "" : lock.error().detail;
}

CommandOutput without(Consent consent, ReportFormat format) {
  if (consent == Consent::nobody_to_ask)
    return failure("there is no terminal to ask on: say --yes to do it, or --dry-run to see what would be done",
                   ExitCode::usage, format);
  return failure("nothing was changed", ExitCode::failed, format);
}

}  // namespace failover::daemon
