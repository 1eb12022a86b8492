#pragma once

#include "test/support/engine_world.hpp"

#include <string>
#include <utility>

namespace failover::test {

/// A running fleet whose agents keep transcripts and call hooks.
class Agents : public EngineWorld {
 public:
  Agents() : EngineWorld(fleet()) { pass(std::chrono::seconds{20}); }

  TranscriptRow row(std::string const& name, RowKind kind, std::string text = {}) {
    TranscriptRow row;
    row.kind = kind;
    row.conversation = *session(name).conversation;
    row.uuid = "u" + std::to_string(++rows_);
    row.cwd = "/work";
    row.version = "2.1.330";
    row.at = now.wall;
    row.text = std::move(text);
    if (kind == RowKind::api_error) row.error = "rate_limit";
    return row;
  }
  void write(TranscriptRow const& row) { tell(event::TranscriptGrew{{row}}); }
  void write(std::string const& name, RowKind kind, std::string text = {}) { write(row(name, kind, std::move(text))); }

  HookCall call(std::string const& name, std::string const& hook) {
    HookCall call;
    call.name = hook;
    call.conversation = *session(name).conversation;
    call.caller = {77, session(name).pane->id, ""};
    call.at = now.wall;
    call.prompt_id = "p1";
    return call;
  }
  HookCall failure(std::string const& name, std::string message) {
    auto failed = call(name, "StopFailure");
    failed.error = "rate_limit";
    failed.message = std::move(message);
    return failed;
  }

  StandingKind standing(std::string const& account) {
    auto const known = state.accounts.find(AccountName(account));
    return known == state.accounts.end() ? StandingKind::available : known->second.kind;
  }
  Ruling newest_ruling(std::string const& name) { return session(name).observations.back().ruling; }

 private:
  int rows_ = 0;
};

}  // namespace failover::test
