#include "daemon/recorder.hpp"

#include "adapters/acting_effects.hpp"

#include <utility>

namespace failover::daemon {

Recorder::Recorder(adapters::Journal& journal, Options options)
    : journal_(journal), options_(std::move(options)), heard_(std::make_shared<adapters::Heard>()) {}

core::AgentReader Recorder::listening(core::AgentReader reader) const {
  return options_.dry_run ? std::move(reader) : adapters::overheard(std::move(reader), heard_);
}

void Recorder::begin(std::string_view because, core::Engine const& engine, core::State const& state, core::Now now) {
  if (options_.dry_run) return;
  journal_.begin(encoder_.segment({options_.program, std::string(because), journal_.lost(), engine.options().dry_run,
                                   now, engine.config(), state}));
}

void Recorder::stepped(core::Engine const& engine, core::State const& state, SeenStep const& step) {
  if (options_.dry_run) return;
  auto const heard = std::exchange(*heard_, {});
  auto const deeds = adapters::acting_effects(step.effects);
  auto const haste = deeds.empty() ? adapters::Haste::some_time : adapters::Haste::soon;
  journal_.add(encoder_.step(++steps_, step.news, step.now, heard, deeds), haste);
  if (journal_.wants_beginning()) begin(journal_.lost() > 0 ? "gap" : "new file", engine, state, step.now);
}

}  // namespace failover::daemon
