#include "daemon/startup.hpp"

#include "adapters/account_link.hpp"

#include <cstdlib>
#include <string_view>

#include <unistd.h>

namespace failover::daemon {
namespace {

bool leads_to_an_account(core::AccountsListing const& listing, core::Config const& config) {
  for (auto const& account : config.accounts)
    if (account.config_dir == *listing.link_target) return true;
  for (auto const& directory : listing.directories)
    if (directory.real_path == *listing.link_target) return true;
  return false;
}

std::optional<StartFault> check_link(core::AccountsListing const& listing, core::Config const& config) {
  auto const& link = config.switching.link;
  auto const& first = config.accounts.front().config_dir;
  if (listing.link_target) {
    if (leads_to_an_account(listing, config)) return std::nullopt;
    return StartFault{ExitCode::configuration,
                      "switch.link: " + link + " leads to " + *listing.link_target +
                          ", which is no account's config_dir; add that account, or point the link at one: ln -sfn " +
                          first + " " + link};
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
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0;
  char const* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/bin:/bin";
  while (!rest.empty()) {
    auto const end = rest.find(':');
    std::string const folder(rest.substr(0, end));
    if (::access((folder + "/" + name).c_str(), X_OK) == 0) return true;
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return false;
}

std::optional<StartFault> check_start(core::Config const& config) {
  if (!program_found("tmux"))
    return StartFault{ExitCode::no_tmux, "tmux is not installed, or not in PATH; on Debian: apt-get install tmux"};
  auto const listing = adapters::read_accounts(config);
  // Before the accounts' directories: one that is missing is made by adopting what stands here.
  bool const adoptable = !listing.link_target && listing.link_target.error().kind == core::ErrorKind::already_exists;
  if (adoptable) return check_link(listing, config);
  for (auto const& directory : listing.directories)
    if (!directory.present)
      return StartFault{ExitCode::configuration, "account " + directory.name.str() + ": its directory " +
                                                     core::find_account(config, directory.name)->config_dir +
                                                     " does not exist; log in there once (CLAUDE_CONFIG_DIR=" +
                                                     core::find_account(config, directory.name)->config_dir +
                                                     " claude), or remove the account"};
  return check_link(listing, config);
}

}  // namespace failover::daemon
