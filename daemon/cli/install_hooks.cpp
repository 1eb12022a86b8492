#include "daemon/cli/install_hooks.hpp"

#include "adapters/hook_install.hpp"
#include "adapters/utf8.hpp"
#include "core/names.hpp"
#include "daemon/cli/line_diff.hpp"
#include "daemon/exit_code.hpp"

#include <cstdio>
#include <map>
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace failover::daemon {
namespace {

using adapters::SettingsEdit;
using adapters::StatusLineOwner;
using core::Error;
using core::Result;

/// What became of one account.
struct Outcome {
  std::string account = {};
  std::string same_as = {};  ///< the account whose settings these are as well
  std::optional<SettingsEdit> edit = {};
  std::optional<Error> error = {};
};

bool is_ours(StatusLineOwner owner) {
  return owner == StatusLineOwner::ours || owner == StatusLineOwner::chained;
}

std::string_view word_of(StatusLineOwner owner) {
  switch (owner) {
    case StatusLineOwner::nobody:
      return "none";
    case StatusLineOwner::ours:
      return "ours";
    case StatusLineOwner::chained:
      return "chained";
    case StatusLineOwner::theirs:
      return "theirs";
  }
  return "none";
}

/// "6 hooks and the status line"
std::string entries(adapters::InstalledHooks const& hooks) {
  auto const count = std::to_string(hooks.events) + (hooks.events == 1 ? " hook" : " hooks");
  if (!is_ours(hooks.status_line)) return count;
  return hooks.events == 0 ? "the status line" : count + " and the status line";
}

std::string added_sentence(SettingsEdit const& edit, bool dry_run) {
  auto const verb = std::string(edit.had.any ? "updated" : "installed");
  auto sentence = !edit.changes() ? "already installed" : entries(edit.has) + (dry_run ? " would be " : " ") + verb;
  if (edit.has.status_line == StatusLineOwner::theirs)
    sentence += "; your own status line stays (use --chain-statusline)";
  else if (edit.changes() && edit.has.status_line == StatusLineOwner::chained)
    sentence += "; your own status line goes on inside ours";
  return sentence;
}

std::string removed_sentence(SettingsEdit const& edit, bool dry_run) {
  if (!edit.had.any) return "nothing of ours is installed";
  auto sentence = entries(edit.had) + (dry_run ? " would be removed" : " removed");
  if (edit.had.status_line == StatusLineOwner::chained) sentence += "; your own status line is as it was";
  if (!edit.after) sentence += "; the file was ours alone and goes";
  return sentence;
}

std::string diff_of(SettingsEdit const& edit) {
  auto const lines = line_diff(edit.file.text.value_or(""), edit.after.value_or(""));
  if (lines.empty()) return "";
  auto const old_name = edit.file.text ? edit.file.path : "/dev/null";
  auto const new_name = edit.after ? edit.file.path : "/dev/null";
  return "--- " + old_name + "\n+++ " + new_name + "\n" + lines;
}

Result<SettingsEdit> planned(core::AccountConfig const& account, adapters::HookCommands const& commands,
                             InstallHooksOptions const& options) {
  if (options.action == HookAction::remove) return adapters::plan_removing(account.config_dir);
  return adapters::plan_adding(account.config_dir, commands, options.theirs);
}

/// Edits each account's file; a file that was edited for an account before is left to that one.
std::vector<Outcome> edit_all(std::vector<core::AccountConfig> const& accounts, adapters::HookCommands const& commands,
                              InstallHooksOptions const& options) {
  std::vector<Outcome> outcomes;
  std::map<std::string, std::string> account_of_file;
  for (auto const& account : accounts) {
    Outcome outcome;
    outcome.account = account.name.str();
    auto plan = planned(account, commands, options);
    if (!plan) {
      outcome.error = plan.error();
    } else {
      auto const [first, is_first] = account_of_file.try_emplace(plan->file.path, outcome.account);
      if (!is_first) outcome.same_as = first->second;
      if (is_first && !options.dry_run)
        if (auto done = adapters::apply(*plan); !done) outcome.error = done.error();
      outcome.edit = std::move(*plan);
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

void add_text(CommandOutput& output, Outcome const& outcome, InstallHooksOptions const& options) {
  if (outcome.error) {
    output.err += "claude-failover: " + outcome.account + ": " + outcome.error->detail + "\n";
    return;
  }
  output.out += outcome.account + ": ";
  if (!outcome.same_as.empty()) {
    output.out += "the same file as " + outcome.same_as + "\n";
    return;
  }
  auto const& edit = *outcome.edit;
  output.out += options.action == HookAction::add ? added_sentence(edit, options.dry_run)
                                                  : removed_sentence(edit, options.dry_run);
  output.out += "\n";
  if (options.dry_run) output.out += diff_of(edit);
}

boost::json::object as_json(Outcome const& outcome, InstallHooksOptions const& options) {
  boost::json::object entry;
  entry["account"] = outcome.account;
  if (outcome.error) {
    entry["error"] = adapters::repaired_utf8(outcome.error->detail);
    return entry;
  }
  auto const& edit = *outcome.edit;
  entry["file"] = adapters::repaired_utf8(edit.file.path);
  if (!outcome.same_as.empty()) {
    entry["same_as"] = outcome.same_as;
    return entry;
  }
  entry["changed"] = edit.changes() && !options.dry_run;
  entry["hooks"] = edit.has.events;
  entry["status_line"] = word_of(edit.has.status_line);
  if (edit.file.text && edit.after && edit.changes())
    entry["backup"] = adapters::repaired_utf8(adapters::backup_path(edit.file));
  if (options.dry_run) entry["diff"] = adapters::repaired_utf8(diff_of(edit));
  return entry;
}

void print(std::FILE* stream, std::string const& text) {
  (void)std::fwrite(text.data(), 1, text.size(), stream);  // a closed pipe leaves nobody to tell
  (void)std::fflush(stream);
}

int complain(std::string const& line, ExitCode exit_code) {
  print(stderr, "claude-failover: " + line + "\n");
  return static_cast<int>(exit_code);
}

}  // namespace

CommandOutput install_hooks(std::vector<core::AccountConfig> const& accounts, adapters::HookCommands const& commands,
                            InstallHooksOptions const& options) {
  CommandOutput output;
  boost::json::array list;
  for (auto const& outcome : edit_all(accounts, commands, options)) {
    if (outcome.error && output.exit_code == 0) output.exit_code = static_cast<int>(exit_code_of(outcome.error->kind));
    if (options.format == ReportFormat::text)
      add_text(output, outcome, options);
    else
      list.push_back(as_json(outcome, options));
  }
  if (options.format == ReportFormat::json) output.out = boost::json::serialize(list) + "\n";
  return output;
}

int run_install_hooks(core::Config const& config, std::string const& account, InstallHooksOptions const& options) {
  auto accounts = config.accounts;
  if (!account.empty()) {
    auto const* const named = core::find_account(config, core::AccountName{account});
    if (named == nullptr) return complain(account + ": no account of the configuration has this name", ExitCode::usage);
    accounts = {*named};
  }
  adapters::HookCommands commands;
  commands.socket = config.state.runtime + "/control.sock";
  commands.spool = config.state.dir + "/spool";
  if (options.action == HookAction::add) {
    auto program = adapters::running_program();
    if (!program) return complain(program.error().detail, exit_code_of(program.error().kind));
    commands.program = std::move(*program);
  }
  auto const output = install_hooks(accounts, commands, options);
  print(stdout, output.out);
  print(stderr, output.err);
  return output.exit_code;
}

}  // namespace failover::daemon
