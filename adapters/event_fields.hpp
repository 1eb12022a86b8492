#pragma once

#include "adapters/live_fields.hpp"
#include "core/event.hpp"

#include <string_view>

/// The fields of the events and of what they hold, for adapters/record_json.hpp. An event or a field that is added does
/// not compile before it stands here, too.
namespace failover::adapters {

template <>
struct LastWord<core::Foreground> {
  static constexpr auto value = core::Foreground::program;
};

template <>
struct Fields<core::PaneInfo> {
  static void visit(auto& archive, auto& value) {
    auto& [pane, session, pid, command, cwd, columns, rows, dead, in_mode, attached, active, owner_mark, foreground,
           tty, started, exit_status] = value;
    archive("pane", pane);
    archive("session", session);
    archive("pid", pid);
    archive("command", command);
    archive("cwd", cwd);
    archive("columns", columns);
    archive("rows", rows);
    archive("dead", dead);
    archive("in_mode", in_mode);
    archive("attached", attached);
    archive("active", active);
    archive("owner_mark", owner_mark);
    archive.added("foreground", foreground);
    archive.added("tty", tty);
    archive.added("started", started);
    archive.added("exit_status", exit_status);
  }
};

template <>
struct Fields<core::ProcessRef> {
  static void visit(auto& archive, auto& value) {
    auto& [pid, started] = value;
    archive("pid", pid);
    archive("started", started);
  }
};

template <>
struct Fields<core::Screen> {
  static void visit(auto& archive, auto& value) {
    auto& [pane, text, typed_at, unchanged, first_row, as_before] = value;
    archive("pane", pane);
    archive("text", text);
    archive.added("typed_at", typed_at);
    archive.added("unchanged", unchanged);
    archive.added("first_row", first_row);
    archive.added("as_before", as_before);
  }
};

template <>
struct Fields<core::Caller> {
  static void visit(auto& archive, auto& value) {
    auto& [server_pid, pane, config_dir] = value;
    archive("server_pid", server_pid);
    archive("pane", pane);
    archive("config_dir", config_dir);
  }
};

template <>
struct Fields<core::HookCall> {
  static void visit(auto& archive, auto& value) {
    auto& [name, conversation, transcript_path, cwd, caller, at, error, message, detail, prompt_id, background,
           of_subagent] = value;
    archive("name", name);
    archive("conversation", conversation);
    archive("transcript_path", transcript_path);
    archive("cwd", cwd);
    archive("caller", caller);
    archive("at", at);
    archive("error", error);
    archive("message", message);
    archive("detail", detail);
    archive("prompt_id", prompt_id);
    archive.added("background", background);
    archive("of_subagent", of_subagent);
  }
};

template <>
struct Fields<core::UsageReport> {
  static void visit(auto& archive, auto& value) {
    auto& [conversation, caller, at, version, five_hour, weekly] = value;
    archive("conversation", conversation);
    archive("caller", caller);
    archive("at", at);
    archive("version", version);
    archive("five_hour", five_hour);
    archive("weekly", weekly);
  }
};

template <>
struct Fields<core::SendFailure> {
  static void visit(auto& archive, auto& value) {
    auto& [error, retry_after, permanent] = value;
    archive("error", error);
    archive("retry_after", retry_after);
    archive("permanent", permanent);
  }
};

// The events. ---

template <>
struct Fields<core::event::Tick> {
  static constexpr std::string_view name = "tick";
  static void visit(auto&, auto&) {}
};

template <>
struct Fields<core::event::QueueTouched> {
  static constexpr std::string_view name = "queue_touched";
  static void visit(auto&, auto&) {}
};

template <>
struct Fields<core::event::Reloaded> {
  static constexpr std::string_view name = "reloaded";
  static void visit(auto&, auto&) {}
};

template <>
struct Fields<core::event::StopRequested> {
  static constexpr std::string_view name = "stop_requested";
  static void visit(auto&, auto&) {}
};

template <>
struct Fields<core::event::SwapAsked> {
  static constexpr std::string_view name = "swap_asked";
  static void visit(auto& archive, auto& value) {
    auto& [to] = value;
    archive("to", to);
  }
};

template <>
struct Fields<core::event::AccountSwitched> {
  static constexpr std::string_view name = "account_switched";
  static void visit(auto& archive, auto& value) {
    auto& [account, enabled] = value;
    archive("account", account);
    archive("enabled", enabled);
  }
};

template <>
struct Fields<core::event::BrakeSet> {
  static constexpr std::string_view name = "brake_set";
  static void visit(auto& archive, auto& value) {
    auto& [on, reason] = value;
    archive("on", on);
    archive("reason", reason);
  }
};

template <>
struct Fields<core::event::SessionSwitched> {
  static constexpr std::string_view name = "session_switched";
  static void visit(auto& archive, auto& value) {
    auto& [session, held] = value;
    archive("session", session);
    archive("held", held);
  }
};

template <>
struct LastWord<core::TaskOrder> {
  static constexpr auto value = core::TaskOrder::fail;
};
template <>
struct Fields<core::event::TaskAsked> {
  static constexpr std::string_view name = "task_asked";
  static void visit(auto& archive, auto& value) {
    auto& [task, order, reason] = value;
    archive("task", task);
    archive("order", order);
    archive("reason", reason);
  }
};

template <>
struct Fields<core::event::AccountsRead> {
  static constexpr std::string_view name = "accounts_read";
  static void visit(auto& archive, auto& value) {
    auto& [listing] = value;
    archive("listing", listing);
  }
};

template <>
struct Fields<core::event::PanesListed> {
  static constexpr std::string_view name = "panes_listed";
  static core::event::PanesListed blank() { return {core::Error{}}; }
  static void visit(auto& archive, auto& value) {
    auto& [panes, running] = value;
    archive("panes", panes);
    archive.added("running", running);
  }
};

template <>
struct Fields<core::event::ScreensCaptured> {
  static constexpr std::string_view name = "screens_captured";
  static core::event::ScreensCaptured blank() { return {core::Error{}}; }
  static void visit(auto& archive, auto& value) {
    auto& [screens] = value;
    archive("screens", screens);
  }
};

template <>
struct Fields<core::event::TranscriptGrew> {
  static constexpr std::string_view name = "transcript_grew";
  static void visit(auto& archive, auto& value) {
    auto& [rows, all_read] = value;
    archive("rows", rows);
    archive.added("all_read", all_read);
  }
};

template <>
struct Fields<core::event::TerminalsTouched> {
  static constexpr std::string_view name = "terminals_touched";
  static void visit(auto& archive, auto& value) {
    auto& [written, closed] = value;
    archive.added("written", written);
    archive.added("closed", closed);
  }
};

template <>
struct Fields<core::event::HookCalled> {
  static constexpr std::string_view name = "hook_called";
  static void visit(auto& archive, auto& value) {
    auto& [call] = value;
    archive("call", call);
  }
};

template <>
struct Fields<core::event::UsageTold> {
  static constexpr std::string_view name = "usage_told";
  static void visit(auto& archive, auto& value) {
    auto& [report] = value;
    archive("report", report);
  }
};

template <>
struct Fields<core::event::SessionStarted> {
  static constexpr std::string_view name = "session_started";
  static core::event::SessionStarted blank() { return {{}, core::Error{}}; }
  static void visit(auto& archive, auto& value) {
    auto& [session, pane] = value;
    archive("session", session);
    archive("pane", pane);
  }
};

template <>
struct Fields<core::event::AgentRestarted> {
  static constexpr std::string_view name = "agent_restarted";
  static void visit(auto& archive, auto& value) {
    auto& [session, outcome] = value;
    archive("session", session);
    archive("outcome", outcome);
  }
};

template <>
struct Fields<core::event::SessionEnded> {
  static constexpr std::string_view name = "session_ended";
  static void visit(auto& archive, auto& value) {
    auto& [session, outcome] = value;
    archive("session", session);
    archive("outcome", outcome);
  }
};

template <>
struct Fields<core::event::EscapePressed> {
  static constexpr std::string_view name = "escape_pressed";
  static void visit(auto& archive, auto& value) {
    auto& [session, outcome] = value;
    archive("session", session);
    archive("outcome", outcome);
  }
};

template <>
struct Fields<core::event::PromptDelivered> {
  static constexpr std::string_view name = "prompt_delivered";
  static core::event::PromptDelivered blank() { return {{}, core::Error{}}; }
  static void visit(auto& archive, auto& value) {
    auto& [session, outcome] = value;
    archive("session", session);
    archive("outcome", outcome);
  }
};

template <>
struct Fields<core::event::LinkFlipped> {
  static constexpr std::string_view name = "link_flipped";
  static void visit(auto& archive, auto& value) {
    auto& [to, outcome] = value;
    archive("to", to);
    archive("outcome", outcome);
  }
};

template <>
struct Fields<core::event::QueueScanned> {
  static constexpr std::string_view name = "queue_scanned";
  static core::event::QueueScanned blank() { return {core::Error{}}; }
  static void visit(auto& archive, auto& value) {
    auto& [listing] = value;
    archive("listing", listing);
  }
};

template <>
struct Fields<core::event::TaskClaimed> {
  static constexpr std::string_view name = "task_claimed";
  static core::event::TaskClaimed blank() { return {{}, core::Error{}}; }
  static void visit(auto& archive, auto& value) {
    auto& [task, path] = value;
    archive("task", task);
    archive("path", path);
  }
};

template <>
struct Fields<core::event::TaskMoved> {
  static constexpr std::string_view name = "task_moved";
  static void visit(auto& archive, auto& value) {
    auto& [task, place, outcome] = value;
    archive("task", task);
    archive("place", place);
    archive("outcome", outcome);
  }
};

template <>
struct Fields<core::event::FinishedRemoved> {
  static constexpr std::string_view name = "finished_removed";
  static core::event::FinishedRemoved blank() { return {core::Error{}}; }
  static void visit(auto& archive, auto& value) {
    auto& [removed] = value;
    archive("removed", removed);
  }
};

template <>
struct Fields<core::event::MessageSent> {
  static constexpr std::string_view name = "message_sent";
  static void visit(auto& archive, auto& value) {
    auto& [id, failure] = value;
    archive("id", id);
    archive("failure", failure);
  }
};

template <>
struct Fields<core::event::StateSaved> {
  static constexpr std::string_view name = "state_saved";
  static void visit(auto& archive, auto& value) {
    auto& [outcome] = value;
    archive("outcome", outcome);
  }
};

}  // namespace failover::adapters
