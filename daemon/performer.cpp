#include "daemon/performer.hpp"

#include "adapters/agent_restart.hpp"
#include "adapters/atomic_file.hpp"
#include "adapters/briefing_file.hpp"
#include "adapters/clock.hpp"
#include "adapters/prepare_trust.hpp"
#include "adapters/prompt_delivery.hpp"
#include "adapters/state_file.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

namespace failover::daemon {

namespace event = core::event;
namespace effect = core::effect;

namespace {

std::string value_of(std::vector<std::pair<std::string, std::string>> const& environment, std::string_view name) {
  for (auto const& [key, value] : environment)
    if (key == name) return value;
  return {};
}

effect::Log told_of_trust(core::SessionName const& session, std::string const& workdir,
                          core::Result<bool> const& outcome) {
  if (outcome)
    return {core::LogLevel::info,
            "trusted the session's directory in its account beforehand",
            {{"session", session.str()}, {"directory", workdir}}};
  return {core::LogLevel::warning,
          "cannot trust the session's directory beforehand, so the agent may stop at its question: answer it there",
          {{"session", session.str()}, {"directory", workdir}, {"detail", outcome.error().detail}}};
}

}  // namespace

Performer::Answer Performer::perform(core::Effect effect) {
  return std::visit([this](auto& request) { return carry_out(std::move(request)); }, effect);
}

Performer::Answer Performer::carry_out(effect::ReadAccounts) {
  // Lost hints are made good at every second sweep.
  if (std::exchange(rescans_, !rescans_)) use_.transcripts.rescan();
  std::function<core::Result<core::AccountsListing>()> job = [reader = accounts_, config = use_.config()] {
    return core::Result<core::AccountsListing>(reader->read(config));
  };
  auto listing = co_await use_.writer.run<core::AccountsListing>(std::move(job));
  if (!listing) co_return event::AccountsRead{{listing.error(), {}}};
  co_return event::AccountsRead{std::move(*listing)};
}

Performer::Answer Performer::carry_out(effect::ListPanes request) {
  auto panes = co_await use_.tmux.list_panes();
  // Where nobody can tell, they run.
  event::PanesListed listed{std::move(panes), request.processes};
  if (pane_processes_.add_at_once(listed, use_.config().sessions)) co_return std::move(listed);
  std::function<core::Result<event::PanesListed>()> job = [listed, sessions = use_.config().sessions]() mutable {
    adapters::add_processes(listed, sessions);
    return core::Result<event::PanesListed>(std::move(listed));
  };
  auto looked_at = co_await use_.writer.run<event::PanesListed>(std::move(job));
  if (looked_at) listed = std::move(*looked_at);
  co_return std::move(listed);
}

Performer::Answer Performer::carry_out(effect::CapturePanes request) {
  // Before: what is written from now on may not be on the screens any more.
  use_.terminals.arm(request.panes, request.drawing);
  auto screens = co_await use_.tmux.look(std::move(request));
  if (screens) screen_changes_.note(*screens);
  co_return event::ScreensCaptured{std::move(screens)};
}

boost::asio::awaitable<void> Performer::prepare_trust(core::SessionName session, std::string workdir,
                                                      Environment environment) {
  auto const config_dir = value_of(environment, "CLAUDE_CONFIG_DIR");
  if (!use_.config().sessions.prepare_trust || use_.dry_run || config_dir.empty()) co_return;
  std::function<core::Result<bool>()> job = [config_dir, workdir] {
    return adapters::prepare_trust(config_dir, workdir);
  };
  auto const outcome = co_await use_.writer.run<bool>(std::move(job));
  bool const nothing_to_tell = outcome && !*outcome;
  if (!nothing_to_tell) use_.write_log(told_of_trust(session, workdir, outcome));
}

Performer::Answer Performer::carry_out(effect::StartSession request) {
  core::SessionName const session = request.session;
  auto workdir = request.workdir;
  auto environment = request.environment;
  co_await prepare_trust(session, std::move(workdir), std::move(environment));
  auto carrying = carry(request.resumes, request.environment, std::nullopt);
  auto const carried = co_await std::move(carrying);
  if (!carried) co_return event::SessionStarted{session, carried.error()};
  auto pane = co_await use_.tmux.start_session(std::move(request));
  co_return event::SessionStarted{session, std::move(pane)};
}

Performer::Answer Performer::carry_out(effect::RestartAgent request) {
  core::SessionName const session = request.session;
  auto workdir = request.workdir;
  auto environment = request.environment;
  co_await prepare_trust(session, std::move(workdir), std::move(environment));
  auto carrying = carry(request.resumes, request.environment, request.pane);
  auto const carried = co_await std::move(carrying);
  if (!carried) co_return event::AgentRestarted{session, carried.error()};
  auto briefing = request.briefing;
  auto writing = brief(std::move(briefing));
  auto const written = co_await std::move(writing);
  if (!written) co_return event::AgentRestarted{session, written.error()};
  std::function<core::Reading(std::string const&)> read = [reader = use_.read_screen](std::string const& screen) {
    return reader(screen, adapters::read_clock().wall);
  };
  auto outcome = co_await adapters::restart_agent(use_.tmux, std::move(request), std::move(read));
  co_return event::AgentRestarted{session, std::move(outcome)};
}

Performer::Answer Performer::carry_out(effect::EndSession request) {
  core::SessionName const session = request.session;
  auto ending = use_.tmux.end_pane(std::move(request.pane));
  auto outcome = co_await std::move(ending);
  co_return event::SessionEnded{session, std::move(outcome)};
}

adapters::Async<void> Performer::carry(std::optional<core::ConversationId> resumes, core::Environment environment,
                                       std::optional<core::PaneRef> pane) {
  if (!resumes) co_return core::Result<void>{};
  auto const named = std::find_if(environment.begin(), environment.end(),
                                  [](auto const& variable) { return variable.first == "CLAUDE_CONFIG_DIR"; });
  if (named == environment.end()) co_return core::Result<void>{};
  auto finding = process_of(std::move(pane));
  auto const ending = co_await std::move(finding);
  if (!ending) co_return ending.error();
  std::vector<std::string> account_dirs;
  for (auto const& account : use_.config().accounts) account_dirs.push_back(account.config_dir);
  std::string const to_dir = named->second;
  core::ConversationId const conversation = *resumes;
  std::function<core::Result<adapters::CarryReport>()> job = [conversation, account_dirs, to_dir, pid = *ending] {
    return adapters::carry_conversation(conversation, account_dirs, to_dir, pid);
  };
  auto const report = co_await use_.writer.run<adapters::CarryReport>(std::move(job));
  tell(conversation, to_dir, report);
  if (!report) co_return report.error();
  co_return core::Result<void>{};
}

adapters::Async<void> Performer::brief(std::optional<core::Briefing> briefing) {
  if (!briefing) co_return core::Result<void>{};
  std::vector<std::string> account_dirs;
  for (auto const& account : use_.config().accounts) account_dirs.push_back(account.config_dir);
  std::function<core::Result<void>()> job = [briefing = std::move(*briefing), account_dirs] {
    return adapters::write_briefing(briefing, account_dirs);
  };
  auto outcome = co_await use_.writer.run(std::move(job));
  co_return outcome;
}

/// The first process of the pane as it is now; 0 without a pane.
adapters::Async<pid_t> Performer::process_of(std::optional<core::PaneRef> pane) {
  if (!pane) co_return 0;
  auto const panes = co_await use_.tmux.list_panes();
  if (!panes) co_return panes.error();
  for (auto const& info : *panes)
    if (info.pane == *pane) co_return static_cast<pid_t>(info.pid);
  co_return 0;  // the restart itself tells that the pane is gone
}

void Performer::tell(core::ConversationId const& conversation, std::string const& to_dir,
                     core::Result<adapters::CarryReport> const& report) const {
  effect::Log line{core::LogLevel::info, {}, {{"conversation", conversation.str()}, {"to", to_dir}}};
  if (!report) {
    line.level = core::LogLevel::error;
    line.message = "conversation not carried over";
    line.fields.emplace_back("detail", report.error().detail);
  } else if (report->files > 0) {
    line.message = "conversation carried over";
    line.fields.emplace_back("files", std::to_string(report->files));
    line.fields.emplace_back("bytes", std::to_string(report->bytes));
    line.fields.emplace_back("left", std::to_string(report->left.size()));
  } else {
    return;
  }
  use_.write_log(line);
}

Performer::Answer Performer::carry_out(effect::PressEscape request) {
  auto outcome = co_await use_.tmux.press_escape(request.pane);
  co_return event::EscapePressed{request.session, std::move(outcome)};
}

Performer::Answer Performer::carry_out(effect::DeliverPrompt request) {
  core::SessionName const session = request.session;
  std::function<core::Reading(std::string const&)> read = [reader = use_.read_screen](std::string const& screen) {
    return reader(screen, adapters::read_clock().wall);
  };
  adapters::DeliveryTimes const times{};
  auto outcome =
      co_await adapters::deliver_prompt(use_.tmux, use_.executor, std::move(request), std::move(read), times);
  co_return event::PromptDelivered{session, std::move(outcome)};
}

Performer::Answer Performer::carry_out(effect::FlipLink request) {
  std::function<core::Result<void>()> job = [link = use_.config().switching.link, target = request.target] {
    return adapters::flip_symlink(link, target);
  };
  auto outcome = co_await use_.writer.run(std::move(job));
  use_.transcripts.rescan();  // conversations go on below the new account's directory
  co_return event::LinkFlipped{request.to, std::move(outcome)};
}

Performer::Answer Performer::carry_out(effect::ScanQueue) {
  use_.before_scan();
  std::function<core::Result<core::QueueListing>()> job = [&queue = use_.queue] { return queue.scan(); };
  auto listing = co_await use_.writer.run<core::QueueListing>(std::move(job));
  co_return event::QueueScanned{std::move(listing)};
}

Performer::Answer Performer::carry_out(effect::ClaimTask request) {
  core::TaskId const id = request.task.id;
  std::function<core::Result<std::string>()> job = [&queue = use_.queue, request = std::move(request)] {
    return queue.claim(request.task, request.claim);
  };
  auto path = co_await use_.writer.run<std::string>(std::move(job));
  co_return event::TaskClaimed{id, std::move(path)};
}

Performer::Answer Performer::carry_out(effect::MoveTask request) {
  core::TaskId const id = request.task.id;
  core::TaskPlace const place = request.result.place;
  std::function<core::Result<void>()> job = [&queue = use_.queue, request = std::move(request)] {
    return queue.move(request.task, request.result);
  };
  auto outcome = co_await use_.writer.run(std::move(job));
  co_return event::TaskMoved{id, place, std::move(outcome)};
}

Performer::Answer Performer::carry_out(effect::RemoveFinished request) {
  std::function<core::Result<std::size_t>()> job = [&queue = use_.queue, request = std::move(request)] {
    return queue.remove_finished(request.tasks);
  };
  auto removed = co_await use_.writer.run<std::size_t>(std::move(job));
  co_return event::FinishedRemoved{std::move(removed)};
}

Performer::Answer Performer::carry_out(effect::SendMessage request) {
  std::string const id = request.message.id;
  auto failure = co_await use_.notifier.send(std::move(request.message));
  co_return event::MessageSent{id, std::move(failure)};
}

Performer::Answer Performer::carry_out(effect::SaveState) {
  if (use_.dry_run) co_return event::StateSaved{};
  std::function<core::Result<void>()> job = [dir = use_.config().state.dir, bytes = use_.encode_state()] {
    return adapters::save_state(dir, bytes);
  };
  auto outcome = co_await use_.writer.run(std::move(job));
  co_return event::StateSaved{std::move(outcome)};
}

Performer::Answer Performer::carry_out(effect::FollowTranscripts request) {
  use_.transcripts.follow(std::move(request.directories));
  co_return std::nullopt;
}

Performer::Answer Performer::carry_out(effect::WatchTerminals request) {
  use_.terminals.follow(request.terminals);
  co_return std::nullopt;
}

Performer::Answer Performer::carry_out(effect::Log) {
  co_return std::nullopt;
}

}  // namespace failover::daemon
