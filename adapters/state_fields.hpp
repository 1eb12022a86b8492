#pragma once

#include "adapters/record_json.hpp"
#include "core/state.hpp"

/// The fields of the state's records, for adapters/record_json.hpp.
namespace failover::adapters {

template <>
struct LastWord<core::StandingKind> {
  static constexpr auto value = core::StandingKind::spend_blocked;
};
template <>
struct LastWord<core::Window> {
  static constexpr auto value = core::Window::unknown;
};
template <>
struct LastWord<core::SessionKind> {
  static constexpr auto value = core::SessionKind::adopted;
};
template <>
struct LastWord<core::Phase> {
  static constexpr auto value = core::Phase::dead;
};
template <>
struct LastWord<core::RecoveryStep> {
  static constexpr auto value = core::RecoveryStep::restarting;
};
template <>
struct LastWord<core::TaskPhase> {
  static constexpr auto value = core::TaskPhase::ending;
};
template <>
struct LastWord<core::SwapPhase> {
  static constexpr auto value = core::SwapPhase::aborted;
};
template <>
struct LastWord<core::SwapCause> {
  static constexpr auto value = core::SwapCause::operator_asked;
};
template <>
struct LastWord<core::Fitness> {
  static constexpr auto value = core::Fitness::headroom_unknown;
};
template <>
struct LastWord<core::TaskPlace> {
  static constexpr auto value = core::TaskPlace::held;
};
template <>
struct LastWord<core::ErrorKind> {
  static constexpr auto value = core::ErrorKind::unsupported;
};
template <>
struct LastWord<core::Source> {
  static constexpr auto value = core::Source::transcript;
};
template <>
struct LastWord<core::Ruling> {
  static constexpr auto value = core::Ruling::not_the_account;
};
template <>
struct LastWord<core::ScreenState> {
  static constexpr auto value = core::ScreenState::unknown;
};
template <>
struct LastWord<core::Scope> {
  static constexpr auto value = core::Scope::spend;
};
template <>
struct LastWord<core::Channel> {
  static constexpr auto value = core::Channel::command;
};

template <>
struct Fields<core::Error> {
  static void visit(auto& archive, auto& error) {
    archive("kind", error.kind);
    archive("detail", error.detail);
  }
};

template <>
struct Fields<core::WindowUse> {
  static void visit(auto& archive, auto& use) {
    archive("used_percent", use.used_percent);
    archive("resets_at", use.resets_at);
  }
};

template <>
struct Fields<core::AccountUse> {
  static void visit(auto& archive, auto& use) {
    archive("five_hour", use.five_hour);
    archive("weekly", use.weekly);
    archive("told", use.told);
    archive("told_by", use.told_by);
  }
};

template <>
struct Fields<core::AccountState> {
  static void visit(auto& archive, auto& account) {
    archive("kind", account.kind);
    archive("window", account.window);
    if (account.until_assumed)
      archive.reckoned("until", account.until, account.since);
    else
      archive("until", account.until);
    archive("until_assumed", account.until_assumed);
    archive("since", account.since);
    archive("rule", account.rule);
    archive("reported_by", account.reported_by);
    archive("exhausted_total", account.exhausted_total);
    archive.added("use", account.use);
    archive.added("disabled", account.disabled);
    archive.added("unproven", account.unproven);
    archive.added("model_limited_until", account.model_limited_until);
    archive.added("identity", account.identity);
    archive.added("login_written", account.login_written);
    archive.added("login_seen", account.login_seen);
    archive.added("login_warned", account.login_warned);
    archive.added("login_deaths", account.login_deaths);
  }
};

template <>
struct Fields<core::Observation> {
  static void visit(auto& archive, auto& seen) {
    archive("source", seen.source);
    archive("account", seen.account);
    archive("state", seen.state);
    archive("scope", seen.scope);
    archive("window", seen.window);
    archive("resets_at", seen.resets_at);
    archive("at", seen.at);
    archive("first_seen", seen.first_seen);
    archive("fingerprint", seen.fingerprint);
    archive("rule", seen.rule);
    archive("text", seen.text);
    archive("ruling", seen.ruling);
    archive("why", seen.why);
  }
};

template <>
struct Fields<core::PaneRef> {
  static void visit(auto& archive, auto& pane) {
    archive("server_pid", pane.server_pid);
    archive("server_start", pane.server_start);
    archive("id", pane.id);
  }
};

template <>
struct Fields<core::Recovery> {
  static void visit(auto& archive, auto& recovery) {
    archive("step", recovery.step);
    archive("attempts", recovery.attempts);
    archive("restarted", recovery.restarted);
    archive("began", recovery.began);
    archive("step_since", recovery.step_since);
    archive("last_refusal", recovery.last_refusal);
    archive.added("submitted", recovery.submitted);
    archive.added("replaces", recovery.replaces);
    archive.added("left", recovery.left);
  }
};

template <>
struct Fields<core::Watching> {
  static void visit(auto& archive, auto& watching) {
    auto& [tty, started, missed, look_wanted, whole_wanted, in_look, looked_at, looked_before, read_whole, drawn_since,
           stood_still, draws_on, told_orphan] = watching;
    archive("tty", tty);
    archive("started", started);
    archive("missed", missed);
    archive("look_wanted", look_wanted);
    archive.added("whole_wanted", whole_wanted);
    archive("in_look", in_look);
    archive("looked_at", looked_at);
    archive("looked_before", looked_before);
    archive.added("read_whole", read_whole);
    archive.added("drawn_since", drawn_since);
    archive.added("stood_still", stood_still);
    archive.added("draws_on", draws_on);
    archive("told_orphan", told_orphan);
  }
};

template <>
struct Fields<core::SessionState> {
  static void visit(auto& archive, auto& session) {
    archive("kind", session.kind);
    archive("phase", session.phase);
    archive("since", session.since);
    archive("pane", session.pane);
    archive("cwd", session.cwd);
    archive("account", session.account);
    archive("ours", session.ours);
    archive("conversation", session.conversation);
    archive("conversed", session.conversed);
    archive("task", session.task);
    archive("recovery", session.recovery);
    archive("blocked_until", session.blocked_until);
    archive("void_turn", session.void_turn);
    archive("hold_reason", session.hold_reason);
    archive("starts", session.starts);
    archive.added("account_since", session.account_since);
    archive.added("agent_version", session.agent_version);
    archive.added("begins_on", session.begins_on);
    archive.added("observations", session.observations);
    archive.added("held_by_operator", session.held_by_operator);
    archive.added("resuming", session.resuming);
    if constexpr (std::remove_reference_t<decltype(archive)>::extent == Extent::whole) {
      archive("reading", session.reading);
      archive("read_at", session.read_at);
      archive("changed_at", session.changed_at);
      archive.added("seen_to_change", session.seen_to_change);
      archive("suspicion", session.suspicion);
      archive.added("process", session.process);
      archive.added("ended", session.ended);
      archive.added("stale_looks", session.stale_looks);
      archive.added("stale_listing", session.stale_listing);
      archive.added("bare_shell", session.bare_shell);
      archive("process_cwd", session.process_cwd);
      archive("project", session.project);
      archive.added("typed_at", session.typed_at);
      archive.added("told_of_person", session.told_of_person);
      archive.added("surplus", session.surplus);
      archive.added("end_tried", session.end_tried);
      archive("busy_with_effect", session.busy_with_effect);
      archive.added("refused_prompt", session.refused_prompt);
      archive.added("watching", session.watching);
    }
  }
};

template <>
struct Fields<core::TaskRequest> {
  static void visit(auto& archive, auto& request) {
    archive("session", request.session);
    archive("priority", request.priority);
    archive("timeout", request.timeout);
    archive("retries", request.retries);
    archive("not_before", request.not_before);
    archive.added("kind", request.kind);
    archive.added("workdir", request.workdir);
    archive.added("agent", request.agent);
    archive.added("account", request.account);
    archive.added("after", request.after);
  }
};

template <>
struct Fields<core::TaskFile> {
  static void visit(auto& archive, auto& file) {
    archive("id", file.id);
    archive("place", file.place);
    archive("file_name", file.file_name);
    archive("title", file.title);
    archive("claim", file.claim);
    archive("changed_at", file.changed_at);
    archive("request", file.request);
    archive("unfit", file.unfit);
  }
};

template <>
struct Fields<core::TokenUse> {
  static void visit(auto& archive, auto& use) {
    auto& [input, output, cache_read, cache_written] = use;
    archive("input", input);
    archive("output", output);
    archive("cache_read", cache_read);
    archive("cache_written", cache_written);
  }
};

template <>
struct Fields<core::RefusedPrompt> {
  static void visit(auto& archive, auto& refused) {
    auto& [at, draft] = refused;
    archive("at", at);
    archive("draft", draft);
  }
};

template <>
struct Fields<core::TurnStop> {
  static void visit(auto& archive, auto& stop) {
    auto& [at, background, message] = stop;
    archive("at", at);
    archive("background", background);
    archive("message", message);
  }
};

template <>
struct Fields<core::Comeback> {
  static void visit(auto& archive, auto& comeback) {
    auto& [count, refunded, at] = comeback;
    archive("count", count);
    archive("refunded", refunded);
    archive("at", at);
  }
};

template <>
struct Fields<core::TaskResult> {
  static void visit(auto& archive, auto& result) {
    archive("id", result.id);
    archive("place", result.place);
    archive("reason", result.reason);
    archive("session", result.session);
    archive("account", result.account);
    archive("conversation", result.conversation);
    archive("attempts", result.attempts);
    archive("claimed_at", result.claimed_at);
    archive("ended_at", result.ended_at);
    archive("last_message", result.last_message);
    archive.added("accounts", result.accounts);
    archive.added("swaps", result.swaps);
    archive.added("given_at", result.given_at);
    archive.added("tokens", result.tokens);
  }
};

template <>
struct Fields<core::TaskState> {
  static void visit(auto& archive, auto& task) {
    archive("file", task.file);
    archive("phase", task.phase);
    archive("session", task.session);
    archive("account", task.account);
    archive("claim", task.claim);
    archive("path", task.path);
    archive("claimed_at", task.claimed_at);
    archive("given_at", task.given_at);
    archive("timed_out", task.timed_out);
    archive("ending", task.ending);
    archive.added("doubt", task.doubt);
    archive.added("doubt_since", task.doubt_since);
    archive.added("stop", task.stop);
    archive.added("stands_since", task.stands_since);
    archive.added("stood", task.stood);
    archive.added("accounts", task.accounts);
    archive.added("tokens", task.tokens);
    archive.added("counted", task.counted);
    archive.added("counted_at", task.counted_at);
  }
};

template <>
struct Fields<core::Considered> {
  static void visit(auto& archive, auto& one) {
    archive("account", one.account);
    archive("fitness", one.fitness);
    archive("used_percent", one.used_percent);
  }
};

template <>
struct Fields<core::Brake> {
  static void visit(auto& archive, auto& brake) {
    archive("on", brake.on);
    archive("since", brake.since);
    archive("reason", brake.reason);
  }
};

template <>
struct Fields<core::OperatorChoice> {
  static void visit(auto& archive, auto& choice) {
    archive("account", choice.account);
    archive("at", choice.at);
  }
};

template <>
struct Fields<core::Swap> {
  static void visit(auto& archive, auto& swap) {
    archive("id", swap.id);
    archive("phase", swap.phase);
    archive("from", swap.from);
    archive("to", swap.to);
    archive("trigger_session", swap.trigger_session);
    archive("rule", swap.rule);
    archive("snippet", swap.snippet);
    archive("resets_at", swap.resets_at);
    archive("decided", swap.decided);
    archive("ended", swap.ended);
    archive("sessions", swap.sessions);
    archive("unrecovered", swap.unrecovered);
    archive("abort_reason", swap.abort_reason);
    archive.added("cause", swap.cause);
    archive.added("considered", swap.considered);
  }
};

template <>
struct Fields<core::Message> {
  static void visit(auto& archive, auto& message) {
    archive("id", message.id);
    archive("channel", message.channel);
    archive("subject", message.subject);
    archive("body", message.body);
  }
};

template <>
struct Fields<core::OutboxEntry> {
  static void visit(auto& archive, auto& entry) {
    archive("message", entry.message);
    archive("created", entry.created);
    archive("attempts", entry.attempts);
    archive("next_try", entry.next_try);
    if constexpr (std::remove_reference_t<decltype(archive)>::extent == Extent::whole)
      archive("sending", entry.sending);
  }
};

template <>
struct Fields<core::Counters> {
  static void visit(auto& archive, auto& counters) {
    archive("swaps", counters.swaps);
    archive("swap_failures", counters.swap_failures);
    archive("refusals", counters.refusals);
    archive("detections", counters.detections);
    archive("tasks", counters.tasks);
    archive("notifications", counters.notifications);
    archive("session_changes", counters.session_changes);
    archive("recoveries", counters.recoveries);
    archive("state_write_failures", counters.state_write_failures);
  }
};

template <>
struct Fields<core::State> {
  static void visit(auto& archive, auto& state) {
    archive("accounts", state.accounts);
    archive("active", state.active);
    archive("sessions", state.sessions);
    archive("tasks", state.tasks);
    archive("attempts", state.attempts);
    archive("swap", state.swap);
    archive("past_swaps", state.past_swaps);
    archive("next_swap_id", state.next_swap_id);
    archive("holding", state.holding);
    archive("outbox", state.outbox);
    archive("next_message_id", state.next_message_id);
    archive("counters", state.counters);
    archive("version", state.version);
    archive.added("active_since", state.active_since);
    archive.added("comebacks", state.comebacks);
    archive.added("unrecognised", state.unrecognised);
    archive.added("refused", state.refused);
    archive.added("brake", state.brake);
    archive.added("choice", state.choice);
    archive.added("frozen_since", state.frozen_since);
    if constexpr (std::remove_reference_t<decltype(archive)>::extent == Extent::whole) archive("live", state.live);
  }
};

}  // namespace failover::adapters
