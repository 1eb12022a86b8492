#include "daemon/cli/queue.hpp"

#include "adapters/control_client.hpp"
#include "adapters/queue_signal.hpp"
#include "adapters/task_file.hpp"
#include "adapters/utf8.hpp"
#include "core/in_quotes.hpp"
#include "daemon/cli/print.hpp"

#include <chrono>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace failover::daemon {
namespace {

namespace json = boost::json;

constexpr core::Duration answer_time = std::chrono::seconds{5};
constexpr std::size_t longest_reason = 1000;

/// Why the daemon did not do it: the word and the sentence of its answer.
struct Refusal {
  std::string code = {};
  std::string text = {};
};

Refusal refusal_in(adapters::HttpReply const& reply) {
  Refusal refusal{{}, "the daemon answered " + std::to_string(reply.status)};
  boost::system::error_code failed;
  auto const value = json::parse(reply.body, failed);
  auto const* const error = !failed && value.is_object() ? value.get_object().if_contains("error") : nullptr;
  if (error == nullptr || !error->is_object()) return refusal;
  auto const take = [&](std::string_view key, std::string& into) {
    auto const* const member = error->get_object().if_contains(key);
    if (member != nullptr && member->is_string()) into = std::string{member->get_string()};
  };
  take("code", refusal.code);
  take("message", refusal.text);
  return refusal;
}

std::string outcome_of(core::TaskOrder order) {
  switch (order) {
    case core::TaskOrder::retry:
    case core::TaskOrder::release:
      return "goes back to the queue";
    case core::TaskOrder::hold:
      return "is held";
    case core::TaskOrder::cancel:
      return "is cancelled";
    case core::TaskOrder::done:
      return "is done";
    case core::TaskOrder::fail:
      return "has failed";
  }
  return "is left";
}

CommandOutput told(QueueOrderOptions const& options) {
  CommandOutput output;
  output.out = "task " + options.id + " " + outcome_of(options.order) + "\n";
  return output;
}

bool is_of_its_agent(core::TaskOrder order) {
  return order == core::TaskOrder::done || order == core::TaskOrder::fail;
}

/// What the daemon cannot take now waits for it where an agent's own signal would.
CommandOutput leave_signal(core::Config const& config, QueueOrderOptions const& options, std::string const& why) {
  auto const end = options.order == core::TaskOrder::done ? adapters::TaskEnd::done : adapters::TaskEnd::failed;
  auto const path = adapters::write_task_signal(config.dispatcher.queue, core::TaskId{options.id}, end, options.reason);
  if (!path && path.error().kind == core::ErrorKind::not_found)
    return failure(why + "; and " + path.error().detail, ExitCode::failed, ReportFormat::text);
  if (!path) return failure(path.error(), ReportFormat::text);
  auto output = told(options);
  output.err = "claude-failover: " + why + "; the daemon will take it from " + *path + "\n";
  return output;
}

}  // namespace

CommandOutput queue_order(core::Config const& config, QueueOrderOptions const& options) {
  if (!adapters::is_task_id(options.id))
    return failure(core::in_quotes(options.id) + " is no task's id; `claude-failover queue list` shows them",
                   ExitCode::usage, ReportFormat::text);
  auto const target = "/queue/" + options.id + "/" + std::string(to_string(options.order));
  json::object body;
  if (!options.reason.empty())
    body["reason"] = adapters::cut_utf8(adapters::repaired_utf8(options.reason), longest_reason);
  auto const reply =
      adapters::control_send(config.state.runtime + "/control.sock", target, json::serialize(body), answer_time);
  if (!reply) {
    auto const& error = reply.error();
    bool const down = error.kind == core::ErrorKind::unavailable || error.kind == core::ErrorKind::timed_out;
    if (down && is_of_its_agent(options.order)) return leave_signal(config, options, error.detail);
    return failure(error, ReportFormat::text);
  }
  if (reply->status == 202) return told(options);
  auto const refusal = refusal_in(*reply);
  if (refusal.code == "queue_unread" && is_of_its_agent(options.order))
    return leave_signal(config, options, refusal.text);
  return failure(refusal.text, ExitCode::failed, ReportFormat::text);
}

}  // namespace failover::daemon
