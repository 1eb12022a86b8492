#include "adapters/command_channel.hpp"

#include "adapters/child_process.hpp"
#include "adapters/message_text.hpp"
#include "adapters/send_verdict.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace failover::adapters {
namespace {

constexpr std::size_t max_quoted_units = 200;

std::string json_of(core::Message const& message) {
  boost::json::object object;
  object["id"] = plain_text(message.id);
  auto const channel = core::to_string(message.channel);
  object["channel"] = boost::json::string_view{channel.data(), channel.size()};
  object["subject"] = one_line(message.subject, message.subject.size());
  object["body"] = plain_text(message.body);
  return boost::json::serialize(object) + "\n";
}

std::optional<core::SendFailure> verdict_of(ChildResult const& result, std::string const& program,
                                            core::Duration timeout) {
  if (result.timed_out)
    return passing_failure(
        {core::ErrorKind::timed_out, program + ": killed after " + std::to_string(timeout.count()) + " ms"});
  if (result.status == 0) return std::nullopt;
  auto const said = one_line(result.err, max_quoted_units);
  return passing_failure({core::ErrorKind::refused, program + ": exit code " + std::to_string(result.status) +
                                                        (said.empty() ? "" : ": " + said)});
}

}  // namespace

boost::asio::awaitable<std::optional<core::SendFailure>> run_command_channel(boost::asio::any_io_executor executor,
                                                                             core::CommandChannelConfig config,
                                                                             core::Message message,
                                                                             core::Duration timeout) {
  if (config.argv.empty())
    co_return permanent_failure({core::ErrorKind::invalid, "notifications.command.argv names no program"});
  auto const program = config.argv.front();
  auto text = json_of(message);
  ChildLimits limits;
  limits.time = timeout;
  limits.bytes = 4096;
  auto result = co_await run_child(executor, std::move(config.argv), std::move(text), limits);
  if (!result) co_return passing_failure(result.error());
  co_return verdict_of(*result, program, timeout);
}

}  // namespace failover::adapters
