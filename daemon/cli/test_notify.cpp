#include "daemon/cli/test_notify.hpp"

#include "adapters/notifier.hpp"
#include "core/world.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/core.h>

#include <unistd.h>

namespace failover::daemon {
namespace {

using core::Channel;

constexpr auto all_channels = {Channel::telegram, Channel::resend, Channel::command};

std::optional<Channel> channel_of(std::string_view name) {
  for (auto const channel : all_channels)
    if (core::to_string(channel) == name) return channel;
  return std::nullopt;
}

bool is_configured(core::NotificationsConfig const& config, Channel channel) {
  switch (channel) {
    case Channel::telegram:
      return config.telegram.has_value();
    case Channel::resend:
      return config.resend.has_value();
    case Channel::command:
      return config.command.has_value();
  }
  return false;
}

core::Message test_message(Channel channel) {
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  core::Message message;
  // New at each call: Resend would take a repeated id for a repeated mail and send none.
  message.id =
      fmt::format("test-{}-{}", std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), ::getpid());
  message.channel = channel;
  message.subject = "claude-failover: test message";
  message.body =
      fmt::format("This is a test from claude-failover on {}. If you can read it, this channel works.", host);
  return message;
}

/// Sends and waits.
std::optional<core::SendFailure> send_now(core::NotificationsConfig const& config, Channel channel) {
  boost::asio::io_context io{1};
  adapters::Notifier notifier{io.get_executor(), config};
  std::optional<core::SendFailure> outcome = core::SendFailure{};
  boost::asio::co_spawn(io, notifier.send(test_message(channel)),
                        [&outcome](std::exception_ptr const& failure, std::optional<core::SendFailure> sent) {
                          if (failure) std::rethrow_exception(failure);
                          outcome = std::move(sent);
                        });
  io.run();
  return outcome;
}

/// True where the channel took the message.
bool try_channel(core::NotificationsConfig const& config, Channel channel) {
  auto const failure = send_now(config, channel);
  if (!failure)
    fmt::print("{}: ok\n", core::to_string(channel));
  else
    fmt::print("{}: failed: {}\n", core::to_string(channel), failure->error.detail);
  std::fflush(stdout);  // the next channel may take its time
  return !failure;
}

}  // namespace

int run_test_notify(core::NotificationsConfig const& config, std::string const& channel) {
  std::vector<Channel> chosen;
  if (!channel.empty()) {
    auto const named = channel_of(channel);
    if (!named) {
      fmt::print(stderr, "{}: no such channel; there are telegram, resend and command\n", channel);
      return 64;
    }
    chosen.push_back(*named);
  } else {
    for (auto const each : all_channels)
      if (is_configured(config, each)) chosen.push_back(each);
  }
  if (chosen.empty()) {
    fmt::print(stderr, "no channel is configured; see the section notifications of the configuration\n");
    return 1;
  }
  auto failed = 0;
  for (auto const each : chosen)
    if (!try_channel(config, each)) ++failed;
  return failed == 0 ? 0 : 1;
}

}  // namespace failover::daemon
