#include "daemon/cli/explain.hpp"

#include "adapters/clock.hpp"
#include "adapters/control_client.hpp"
#include "adapters/explain_endpoint.hpp"
#include "adapters/percent.hpp"
#include "adapters/state_file.hpp"
#include "core/explain.hpp"
#include "daemon/exit_code.hpp"

#include <cstdio>
#include <optional>

namespace failover::daemon {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

constexpr core::Duration answer_time = std::chrono::seconds{5};

void complain(std::string const& line) {
  std::fprintf(stderr, "claude-failover: %s\n", line.c_str());
}

Error no_such(ExplainOptions const& options) {
  if (options.swap)
    return {ErrorKind::not_found, "there is no swap " + std::to_string(*options.swap) +
                                      " (any more); `claude-failover status --json` lists them"};
  return {ErrorKind::not_found, "there is no session " + options.session + "; `claude-failover sessions` lists them"};
}

Result<std::string> ask_daemon(core::Config const& config, ExplainOptions const& options) {
  std::string target = "/explain";
  if (!options.session.empty()) target += "?session=" + adapters::percent_encoded(options.session);
  if (options.swap) target += "?swap=" + std::to_string(*options.swap);
  auto reply = adapters::control_get(config.state.runtime + "/control.sock", target,
                                     options.json ? "application/json" : "text/plain", answer_time);
  if (!reply) return reply.error();
  if (reply->status == 404) return no_such(options);
  if (reply->status != 200)
    return Error{ErrorKind::invalid, "the daemon answered " + std::to_string(reply->status) + " on " + target};
  return std::move(reply->body);
}

Result<std::string> from_saved(core::Config const& config, ExplainOptions const& options) {
  auto const now = adapters::read_clock();
  auto const state = adapters::peek_state(config.state.dir, now);
  if (!state) return state.error();
  core::ExplainWhat what;
  if (!options.session.empty()) what.session = core::SessionName(options.session);
  what.swap = options.swap;
  auto const explanation = core::explain(config, *state, what, now);
  bool const missing = (what.session && explanation.sessions.empty()) || (what.swap && explanation.swaps.empty());
  if (missing) return no_such(options);
  return options.json ? adapters::to_json(explanation) : core::explanation_text(explanation);
}

bool is_down(Error const& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out;
}

int failed(Error const& error) {
  complain(error.detail);
  return static_cast<int>(error.kind == ErrorKind::not_found ? ExitCode::failed : exit_code_of(error.kind));
}

}  // namespace

int run_explain(core::Config const& config, ExplainOptions const& options) {
  auto text = ask_daemon(config, options);
  if (!text && is_down(text.error())) {
    complain(text.error().detail);
    auto saved = from_saved(config, options);
    bool const nothing_saved = !saved && saved.error().kind == ErrorKind::not_found && options.session.empty();
    if (nothing_saved) return static_cast<int>(exit_code_of(text.error().kind));
    if (saved) complain("showing what was saved last in " + config.state.dir);
    text = std::move(saved);
  }
  if (!text) return failed(text.error());
  std::printf("%s%s", text->c_str(), options.json ? "\n" : "");
  return static_cast<int>(ExitCode::ok);
}

}  // namespace failover::daemon
