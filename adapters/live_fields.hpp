#pragma once

#include "adapters/state_fields.hpp"

/// The fields of what is known only from looking: not saved, but part of what a journal begins with. A field that is
/// added to one of these records does not compile before it stands here, too.
namespace failover::adapters {

template <>
struct LastWord<core::RowKind> {
  static constexpr auto value = core::RowKind::notice;
};
template <>
struct LastWord<core::Credentials> {
  static constexpr auto value = core::Credentials::other;
};
template <>
struct LastWord<core::LinkPlace> {
  static constexpr auto value = core::LinkPlace::loop;
};
template <>
struct LastWord<core::DriftKind> {
  static constexpr auto value = core::DriftKind::login_changed;
};
template <>
struct LastWord<core::Delivery> {
  static constexpr auto value = core::Delivery::unknown;
};

template <>
struct Fields<core::Evidence> {
  static void visit(auto& archive, auto& evidence) {
    archive("row", evidence.row);
    archive("text", evidence.text);
  }
};

template <>
struct Fields<core::Classification> {
  static void visit(auto& archive, auto& seen) {
    auto& [state, scope, window, resets_at, rule, evidence] = seen;
    archive("state", state);
    archive("scope", scope);
    archive("window", window);
    archive("resets_at", resets_at);
    archive("rule", rule);
    archive("evidence", evidence);
  }
};

template <>
struct Fields<core::Reading> {
  static void visit(auto& archive, auto& reading) {
    auto& [seen, limit_menu, auto_continue_armed, has_input_box, input_text, agent_version, turn_hash, prompts_seen,
           newest_prompt, unrecognised, resume_refused, works_from] = reading;
    archive("seen", seen);
    archive("limit_menu", limit_menu);
    archive("auto_continue_armed", auto_continue_armed);
    archive("has_input_box", has_input_box);
    archive("input_text", input_text);
    archive("agent_version", agent_version);
    archive("turn_hash", turn_hash);
    archive("prompts_seen", prompts_seen);
    archive("newest_prompt", newest_prompt);
    archive("unrecognised", unrecognised);
    archive.added("resume_refused", resume_refused);
    archive.added("works_from", works_from);
  }
};

template <>
struct Fields<core::Suspicion> {
  static void visit(auto& archive, auto& suspicion) {
    auto& [turn_hash, first_seen, looks, refuted] = suspicion;
    archive("turn_hash", turn_hash);
    archive("first_seen", first_seen);
    archive("looks", looks);
    archive("refuted", refuted);
  }
};

template <>
struct Fields<core::RowPlace> {
  static void visit(auto& archive, auto& value) {
    auto& [file, offset] = value;
    archive("file", file);
    archive("offset", offset);
  }
};

template <>
struct Fields<core::TranscriptRow> {
  static void visit(auto& archive, auto& row) {
    auto& [kind, conversation, uuid, cwd, version, at, sidechain, text, error, status, usage_limit, transient,
           limit_type, resets_at, place, ends_turn, answer, tokens, said] = row;
    archive("kind", kind);
    archive("conversation", conversation);
    archive("uuid", uuid);
    archive("cwd", cwd);
    archive("version", version);
    archive("at", at);
    archive("sidechain", sidechain);
    archive("text", text);
    archive("error", error);
    archive("status", status);
    archive("usage_limit", usage_limit);
    archive("transient", transient);
    archive("limit_type", limit_type);
    archive("resets_at", resets_at);
    archive.added("place", place);
    archive.added("ends_turn", ends_turn);
    archive.added("answer", answer);
    archive.added("tokens", tokens);
    archive.added("said", said);
  }
};

template <>
struct Fields<core::Conversation> {
  static void visit(auto& archive, auto& conversation) {
    auto& [newest, wall, prompt, prompt_at, prompt_place, request, said] = conversation;
    archive("newest", newest);
    archive("wall", wall);
    archive("prompt", prompt);
    archive("prompt_at", prompt_at);
    archive.added("prompt_place", prompt_place);
    archive.added("request", request);
    archive.added("said", said);
  }
};

template <>
struct Fields<core::AccountDirectory> {
  static void visit(auto& archive, auto& directory) {
    auto& [name, present, logged_in, real_path, identity, is_symlink, readable, credentials, credentials_written] =
        directory;
    archive("name", name);
    archive("present", present);
    archive("logged_in", logged_in);
    archive("real_path", real_path);
    archive("identity", identity);
    archive("is_symlink", is_symlink);
    archive("readable", readable);
    archive("credentials", credentials);
    archive("credentials_written", credentials_written);
  }
};

template <>
struct Fields<core::LinkView> {
  static void visit(auto& archive, auto& view) {
    auto& [place, over_link, target_present, real_path] = view;
    archive("place", place);
    archive("over_link", over_link);
    archive("target_present", target_present);
    archive("real_path", real_path);
  }
};

template <>
struct Fields<core::AccountsListing> {
  static void visit(auto& archive, auto& listing) {
    auto& [link_target, link_since, directories, link] = listing;
    archive("link_target", link_target);
    archive("link_since", link_since);
    archive("directories", directories);
    archive("link", link);
  }
};

template <>
struct Fields<core::TaskSignal> {
  static void visit(auto& archive, auto& signal) {
    auto& [task, claim, done, reason] = signal;
    archive("task", task);
    archive("claim", claim);
    archive("done", done);
    archive.added("reason", reason);
  }
};

template <>
struct Fields<core::QueueListing> {
  static void visit(auto& archive, auto& listing) {
    auto& [tasks, signals, settling] = listing;
    archive("tasks", tasks);
    archive("signals", signals);
    archive("settling", settling);
  }
};

template <>
struct Fields<core::Drift> {
  static void visit(auto& archive, auto& drift) {
    auto& [kind, accounts, text] = drift;
    archive("kind", kind);
    archive("accounts", accounts);
    archive("text", text);
  }
};

template <>
struct Fields<core::Terminal> {
  static void visit(auto& archive, auto& terminal) {
    auto& [pane, path] = terminal;
    archive("pane", pane);
    archive("path", path);
  }
};

template <>
struct Fields<core::Live> {
  static void visit(auto& archive, auto& live) {
    auto& [accounts_known, accounts, accounts_at, drifts, tmux_up, tmux_problem, listing_panes, capturing,
           scanning_queue, queue_dirty, reading_accounts, accounts_asked, removing_finished, listed_at, captured_at,
           capturing_all, panes_changed, starts_wait, watched, scanned_at, janitor_at, queue, queue_problem,
           state_problem, followed, reading_transcripts, conversations, refused_tasks, failed_claims, saved_at, entropy,
           stopping, proven_recoveries, last_refusal, leaving_since, tasks_reconciled] = live;
    archive("accounts_known", accounts_known);
    archive("accounts", accounts);
    archive.added("accounts_at", accounts_at);
    archive("drifts", drifts);
    archive("tmux_up", tmux_up);
    archive("tmux_problem", tmux_problem);
    archive("listing_panes", listing_panes);
    archive("capturing", capturing);
    archive("scanning_queue", scanning_queue);
    archive("queue_dirty", queue_dirty);
    archive("reading_accounts", reading_accounts);
    archive.added("accounts_asked", accounts_asked);
    archive("removing_finished", removing_finished);
    archive("listed_at", listed_at);
    archive("captured_at", captured_at);
    archive.added("capturing_all", capturing_all);
    archive.added("panes_changed", panes_changed);
    archive.added("starts_wait", starts_wait);
    archive.added("watched", watched);
    archive("scanned_at", scanned_at);
    archive("janitor_at", janitor_at);
    archive("queue", queue);
    archive("queue_problem", queue_problem);
    archive("state_problem", state_problem);
    archive("followed", followed);
    archive.added("reading_transcripts", reading_transcripts);
    archive("conversations", conversations);
    archive("refused_tasks", refused_tasks);
    archive.added("failed_claims", failed_claims);
    archive.added("saved_at", saved_at);
    archive("entropy", entropy);
    archive("stopping", stopping);
    archive.added("proven_recoveries", proven_recoveries);
    archive("last_refusal", last_refusal);
    archive("leaving_since", leaving_since);
    archive("tasks_reconciled", tasks_reconciled);
  }
};

}  // namespace failover::adapters
