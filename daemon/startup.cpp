#include "daemon/startup.hpp"

#include "adapters/account_link.hpp"
#include "adapters/program_path.hpp"
#include "core/drift.hpp"

namespace failover::daemon {
namespace {

core::Drift const* find_kind(std::vector<core::Drift> const& drifts, core::DriftKind kind) {
  for (auto const& drift : drifts)
    if (drift.kind == kind) return &drift;
  return nullptr;
}

std::string missing_directory(core::Config const& config, core::AccountConfig const& account) {
  auto const& profile = config.profile;
  auto const& program = (profile.command.empty() ? config.sessions.command : profile.command).front();
  auto const in_it = profile.account_variable.empty() ? "" : profile.account_variable + "=" + account.config_dir + " ";
  return "account " + account.name.str() + ": its directory " + account.config_dir +
         " does not exist; log in there once (" + in_it + program + "), or remove the account";
}

std::optional<StartFault> check_directories(core::AccountsListing const& listing, core::Config const& config,
                                            std::vector<core::Drift> const& drifts) {
  for (auto const& directory : listing.directories)
    if (!directory.present)
      return StartFault{ExitCode::configuration,
                        missing_directory(config, *core::find_account(config, directory.name))};
  auto const* shared = find_kind(drifts, core::DriftKind::same_directory);
  if (shared == nullptr) return std::nullopt;
  auto const& one = *core::find_account(config, shared->accounts[0]);
  auto const& other = *core::find_account(config, shared->accounts[1]);
  return StartFault{ExitCode::configuration, "accounts " + one.name.str() + " and " + other.name.str() + ": " +
                                                 one.config_dir + " and " + other.config_dir +
                                                 " are the same directory; log in to each in a directory of its own, "
                                                 "or remove one of them"};
}

/// Of a link that is one: why it cannot be used, and the command that makes it right.
std::optional<std::string> fault_of_link(core::AccountsListing const& listing, core::Config const& config,
                                         std::vector<core::Drift> const& drifts) {
  auto const& link = config.switching.link;
  auto const remake = [&](std::string const& directory) { return "ln -sfn " + directory + " " + link; };
  auto const& first = config.accounts.front().config_dir;
  if (find_kind(drifts, core::DriftKind::link_loop) != nullptr)
    return link + " leads back to itself, a loop of links; make it again: " + remake(first);
  auto const leads = link + " leads to " + (listing.link_target ? *listing.link_target : std::string{});
  if (find_kind(drifts, core::DriftKind::link_dangling) != nullptr)
    return leads + ", where no directory is; let it lead to an account: " + remake(first);
  if (auto const* detour = find_kind(drifts, core::DriftKind::link_to_link)) {
    auto const& account = *core::find_account(config, detour->accounts.front());
    return leads + (listing.link.over_link ? ", a link itself, and so" : ", and so over a link") + " to account " +
           account.name.str() + "; let it lead there straight: " + remake(account.config_dir);
  }
  if (core::linked_account(config, listing).empty())
    return leads + ", which is no account's config_dir; add that account, or point the link at one: " + remake(first);
  return std::nullopt;
}

std::optional<StartFault> check_link(core::AccountsListing const& listing, core::Config const& config,
                                     std::vector<core::Drift> const& drifts) {
  auto const& link = config.switching.link;
  auto const& first = config.accounts.front().config_dir;
  if (listing.link_target || listing.link.place == core::LinkPlace::loop) {
    if (auto fault = fault_of_link(listing, config, drifts))
      return StartFault{ExitCode::configuration, "switch.link: " + *fault};
    return std::nullopt;
  }
  if (listing.link_target.error().kind == core::ErrorKind::already_exists)
    return StartFault{ExitCode::configuration,
                      "switch.link: " + link +
                          " is not a symlink; move what is there into an account, without an instant in which it is "
                          "absent: claude-failover adopt (by hand, with the agents ended: mv " +
                          link + " " + first + " && ln -s " + first + " " + link + ")"};
  if (listing.link_target.error().kind == core::ErrorKind::not_found)
    return StartFault{ExitCode::configuration,
                      "switch.link: " + link + " does not exist; make it: ln -s " + first + " " + link};
  return StartFault{exit_code_of(listing.link_target.error().kind),
                    "switch.link: " + listing.link_target.error().detail};
}

}  // namespace

bool program_found(std::string const& name) {
  return !adapters::program_path(name).empty();
}

std::optional<StartFault> check_start(core::Config const& config) {
  if (!program_found("tmux"))
    return StartFault{ExitCode::no_tmux, "tmux is not installed, or not in PATH; on Debian: apt-get install tmux"};
  auto const listing = adapters::read_accounts(config);
  auto const drifts = core::find_drift(config, listing, {});
  bool const by_link = config.switching.mode == core::SwitchMode::link;
  // Before the accounts' directories: one that is missing is made by adopting what stands here.
  bool const adoptable = !listing.link_target && listing.link_target.error().kind == core::ErrorKind::already_exists;
  if (by_link && adoptable) return check_link(listing, config, drifts);
  if (auto fault = check_directories(listing, config, drifts)) return fault;
  if (!by_link) return std::nullopt;
  return check_link(listing, config, drifts);
}

}  // namespace failover::daemon
