#include "daemon/cli/adopt.hpp"

#include "adapters/utf8.hpp"
#include "daemon/cli/print.hpp"

#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace failover::daemon {
namespace {

using adapters::AdoptDirection;
using adapters::AdoptPlan;

bool adopts(AdoptPlan const& plan) {
  return plan.direction == AdoptDirection::adopt;
}

std::string sentence(AdoptPlan const& plan, bool done) {
  auto const account = " (account " + plan.account.str() + ")";
  if (!plan.changes())
    return adopts(plan) ? plan.link + " leads to " + plan.config_dir + account + " already: nothing to do"
                        : plan.link + " is a directory already: nothing to undo";
  if (adopts(plan))
    return done ? "moved " + plan.link + " to " + plan.config_dir + account + "; " + plan.link + " is a link to it now"
                : "would move " + plan.link + " to " + plan.config_dir + account + " and leave a link to it there";
  return (done ? "moved " : "would move ") + plan.config_dir + account + " back to " + plan.link;
}

std::string notes_of(AdoptPlan const& plan) {
  std::string lines;
  for (auto const& note : plan.notes) lines += "note: " + note + "\n";
  return lines;
}

CommandOutput report(AdoptPlan const& plan, AdoptOptions const& options, bool done) {
  CommandOutput output;
  if (options.format == ReportFormat::text) {
    output.out = sentence(plan, done) + "\n";
    output.err = notes_of(plan);
    return output;
  }
  boost::json::array notes;
  for (auto const& note : plan.notes) notes.emplace_back(adapters::repaired_utf8(note));
  boost::json::object const object{{"account", plan.account.str()},
                                   {"link", adapters::repaired_utf8(plan.link)},
                                   {"config_dir", adapters::repaired_utf8(plan.config_dir)},
                                   {"action", adopts(plan) ? "adopt" : "undo"},
                                   {"changed", done && plan.changes()},
                                   {"notes", notes}};
  output.out = boost::json::serialize(object) + "\n";
  return output;
}

CommandOutput dry_run(core::Config const& config, AdoptPlan const& plan, AdoptOptions const& options) {
  auto output = report(plan, options, false);
  auto const daemon = plan.changes() ? running_daemon(config) : "";
  if (!daemon.empty()) output.err += "note: " + daemon + "\n";
  return output;
}

}  // namespace

CommandOutput adopt(core::Config const& config, AdoptOptions const& options) {
  std::optional<core::AccountName> wish;
  if (!options.account.empty()) wish = core::AccountName{options.account};
  if (wish && core::find_account(config, *wish) == nullptr)
    return failure(options.account + ": no account of the configuration has this name", ExitCode::usage,
                   options.format);
  auto const plan = options.direction == AdoptDirection::adopt ? adapters::plan_adopting(config, wish)
                                                               : adapters::plan_undoing(config, wish);
  if (!plan) return failure(plan.error(), options.format);
  if (options.dry_run) return dry_run(config, *plan, options);
  if (plan->changes()) {
    auto const lock = keep_daemon_out(config);
    if (!lock) return failure(lock.error(), options.format);
    auto const consent = options.ask(sentence(*plan, false) + "\n" + notes_of(*plan));
    if (consent != Consent::given) return without(consent, options.format);
    if (auto done = adapters::carry_out(*plan); !done) return failure(done.error(), options.format);
  } else if (auto synced = adapters::carry_out(*plan); !synced) {
    return failure(synced.error(), options.format);
  }
  return report(*plan, options, true);
}

int run_adopt(core::Config const& config, AdoptOptions const& options) {
  return print(adopt(config, options));
}

}  // namespace failover::daemon
