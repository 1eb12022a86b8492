#include "daemon/cli/share_history.hpp"

#include "adapters/utf8.hpp"
#include "daemon/cli/print.hpp"

#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace failover::daemon {
namespace {

using adapters::AccountHistory;
using adapters::HistoryDirection;
using adapters::HistoryPlan;
using adapters::HistoryState;

enum class Tense { would, did };

std::string count(std::size_t number, std::string const& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string to_share(AccountHistory const& account, Tense tense) {
  switch (account.state) {
    case HistoryState::no_account:
      return "its directory does not exist; log in there once, then run this again";
    case HistoryState::same_account:
      return "the directory of an account before it";
    case HistoryState::shared:
      return "already shared";
    case HistoryState::none:
      return tense == Tense::did ? "shared; it had no history yet" : "would be shared; it has no history yet";
    case HistoryState::half_shared:
      if (tense == Tense::would) return "would be finished, where a run before was stopped";
      break;
    case HistoryState::separate:
    case HistoryState::half_separate:
      if (tense == Tense::would)
        return fmt::format("would bring {} ({:.1f} MB; {} there already), and be shared",
                           count(account.merge.files.size(), "file"), static_cast<double>(account.merge.bytes) / 1e6,
                           account.merge.there);
      break;
  }
  return "shared; its own directory stays as " + account.kept + ", yours to remove";
}

std::string to_separate(AccountHistory const& account, Tense tense) {
  switch (account.state) {
    case HistoryState::no_account:
      return "its directory does not exist";
    case HistoryState::same_account:
      return "the directory of an account before it";
    case HistoryState::none:
    case HistoryState::separate:
      return "not shared";
    case HistoryState::shared:
    case HistoryState::half_shared:
    case HistoryState::half_separate:
      break;
  }
  return tense == Tense::would ? "would get its own copy of all that is shared" : "has its own copy of all again";
}

std::string sentence(AccountHistory const& account, HistoryDirection direction, Tense tense) {
  return direction == HistoryDirection::share ? to_share(account, tense) : to_separate(account, tense);
}

std::string heading(HistoryPlan const& plan) {
  if (plan.direction == HistoryDirection::share) return "shared history: " + plan.shared + "\n";
  return "shared history: " + plan.shared + " (stays as it is)\n";
}

CommandOutput as_text(HistoryPlan const& plan, Tense tense) {
  CommandOutput output;
  output.out = heading(plan);
  for (auto const& account : plan.accounts) {
    auto const name = account.account.str() + ": ";
    if (account.refused)
      output.err += "claude-failover: " + name + account.refused->detail + "\n";
    else
      output.out += name + sentence(account, plan.direction, tense) + "\n";
    for (auto const& left : account.left)
      output.err += "note: " + name + left + " changed in two places meanwhile; both are kept, compare them\n";
  }
  return output;
}

boost::json::object as_json(AccountHistory const& account, HistoryDirection direction, Tense tense) {
  boost::json::object entry{{"account", account.account.str()},
                            {"projects", adapters::repaired_utf8(account.projects)},
                            {"state", adapters::to_string(account.state)},
                            {"changed", tense == Tense::did && adapters::has_work(account, direction)}};
  if (account.refused) entry["error"] = adapters::repaired_utf8(account.refused->detail);
  if (!account.kept.empty()) entry["kept"] = adapters::repaired_utf8(account.kept);
  if (tense == Tense::would) {
    entry["files"] = account.merge.files.size();
    entry["bytes"] = account.merge.bytes;
  }
  boost::json::array conflicts;
  for (auto const& name : account.merge.conflicts) conflicts.emplace_back(adapters::repaired_utf8(name));
  if (!conflicts.empty()) entry["conflicts"] = conflicts;
  boost::json::array left;
  for (auto const& name : account.left) left.emplace_back(adapters::repaired_utf8(name));
  if (!left.empty()) entry["left"] = left;
  return entry;
}

CommandOutput report(HistoryPlan const& plan, ReportFormat format, Tense tense) {
  auto output = format == ReportFormat::text ? as_text(plan, tense) : CommandOutput{};
  for (auto const& account : plan.accounts)
    if (account.refused && output.exit_code == 0)
      output.exit_code = static_cast<int>(exit_code_of(account.refused->kind));
  if (format == ReportFormat::text) return output;
  boost::json::array accounts;
  for (auto const& account : plan.accounts) accounts.push_back(as_json(account, plan.direction, tense));
  boost::json::object const object{{"directory", adapters::repaired_utf8(plan.shared)}, {"accounts", accounts}};
  output.out = boost::json::serialize(object) + "\n";
  return output;
}

CommandOutput dry_run(core::Config const& config, HistoryPlan const& plan, ReportFormat format) {
  auto output = report(plan, format, Tense::would);
  auto const daemon = plan.changes() ? running_daemon(config) : "";
  if (!daemon.empty()) output.err += "note: " + daemon + "\n";
  return output;
}

}  // namespace

CommandOutput share_history(core::Config const& config, ShareHistoryOptions const& options) {
  std::optional<std::string> directory;
  if (!options.directory.empty()) directory = options.directory;
  auto plan = adapters::plan_history(config, options.direction, directory);
  if (!plan) return failure(plan.error(), options.format);
  if (options.dry_run) return dry_run(config, *plan, options.format);
  if (plan->changes()) {
    auto const lock = keep_daemon_out(config);
    if (!lock) return failure(lock.error(), options.format);
    auto const shown = as_text(*plan, Tense::would);
    auto const consent = options.ask(shown.out + shown.err);
    if (consent != Consent::given) return without(consent, options.format);
    adapters::carry_out(*plan);
  } else {
    adapters::carry_out(*plan);
  }
  return report(*plan, options.format, Tense::did);
}

int run_share_history(core::Config const& config, ShareHistoryOptions const& options) {
  return print(share_history(config, options));
}

}  // namespace failover::daemon
