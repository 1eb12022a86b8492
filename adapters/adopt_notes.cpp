#include "adapters/adopt_notes.hpp"

#include "adapters/adopt_directory.hpp"
#include "adapters/directory.hpp"
#include "adapters/open_files.hpp"
#include "adapters/real_place.hpp"

#include <unistd.h>

namespace failover::adapters {
namespace {

void note_users(std::vector<std::string>& notes, std::string const& directory) {
  auto const users = processes_using(directory, UsedAs::open_file_or_working_directory);
  if (!users) {
    notes.push_back("cannot tell which processes use it: " + users.error().detail);
  } else if (!users->empty()) {
    notes.push_back("in use by " + to_text(*users) + "; they keep what they have open and find the rest where it was");
  }
}

/// Relative links that climb out of the directory lead elsewhere from its new place. Dotfiles are often linked so.
void note_climbing_links(std::vector<std::string>& notes, std::string const& directory) {
  constexpr std::size_t most_names = 10'000;
  auto const opened = open_directory(directory);
  if (!opened) return;
  auto const names = list_names(*opened, directory, most_names);
  if (!names) return;
  for (auto const& name : *names) {
    auto const text = link_text(directory + "/" + name);
    if (text.starts_with("../"))
      notes.push_back("the link " + directory + "/" + name + " leads to " + text +
                      ", which is another place after the move; make it anew with an absolute path");
  }
}

}  // namespace

std::vector<std::string> notes_on_adopting(std::string const& link, std::string const& config_dir) {
  std::vector<std::string> notes;
  note_users(notes, link);
  note_climbing_links(notes, link);
  // Beside trust and first-start answers this file may hold an API key and tokens of MCP servers, so it is the
  // person's to copy and not ours.
  auto const beside = link + ".json";
  if (::access(beside.c_str(), F_OK) == 0 && ::access((link + "/.claude.json").c_str(), F_OK) != 0)
    notes.push_back(
        "the agent's file " + beside +
        " is not copied, for it may hold secrets; sessions of the daemon look for it in the account: cp -p " + beside +
        " " + config_dir + "/.claude.json, or start the agent once with CLAUDE_CONFIG_DIR=" + config_dir +
        " and answer its questions");
  return notes;
}

std::vector<std::string> notes_on_undoing(core::Config const& config, AdoptPlan const& plan) {
  std::vector<std::string> notes;
  note_users(notes, plan.config_dir);
  note_climbing_links(notes, plan.config_dir);
  notes.push_back("the daemon does not start until " + plan.link + " is a link again");
  if (config.accounts.size() > 1)
    notes.push_back("this is the directory of account " + plan.account.str() + ", which the link leads to now");
  return notes;
}

}  // namespace failover::adapters
