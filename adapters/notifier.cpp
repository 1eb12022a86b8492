#include "adapters/notifier.hpp"

#include "adapters/command_channel.hpp"
#include "adapters/https_client.hpp"
#include "adapters/resend.hpp"
#include "adapters/secret_file.hpp"
#include "adapters/send_verdict.hpp"
#include "adapters/telegram.hpp"

#include <string>

namespace failover::adapters {
namespace {

using boost::asio::any_io_executor;
using Sending = boost::asio::awaitable<std::optional<core::SendFailure>>;
using ReadReply = std::optional<core::SendFailure> (*)(HttpsReply const&);

/// `invalid` means the request: no later attempt makes the address better.
core::SendFailure verdict_of(core::Error const& error) {
  return error.kind == core::ErrorKind::invalid ? permanent_failure(error) : passing_failure(error);
}

Sending post(any_io_executor executor, core::Result<HttpsRequest> request, Secret secret, ReadReply read_reply) {
  if (!request) co_return permanent_failure(request.error());
  HttpsClient client{executor};
  auto reply = co_await client.post(std::move(*request));
  auto failure = reply ? read_reply(*reply) : verdict_of(reply.error());
  if (failure) failure->error.detail = secret.hidden_in(std::move(failure->error.detail));
  co_return failure;
}

Sending fail(core::SendFailure failure) {
  co_return failure;
}

Sending not_configured(core::Channel channel) {
  return fail(permanent_failure(
      {core::ErrorKind::unsupported, "notifications." + std::string{core::to_string(channel)} + " is not configured"}));
}

Sending send_telegram(any_io_executor const& executor, core::NotificationsConfig const& config,
                      core::Message const& message) {
  auto token = read_secret(config.telegram->token_file);
  if (!token) return fail(passing_failure(token.error()));
  auto request = telegram_request(*config.telegram, *token, message, config.timeout);
  return post(executor, std::move(request), std::move(*token), read_telegram_reply);
}

Sending send_resend(any_io_executor const& executor, core::NotificationsConfig const& config,
                    core::Message const& message) {
  auto key = read_secret(config.resend->key_file);
  if (!key) return fail(passing_failure(key.error()));
  auto request = resend_request(*config.resend, *key, message, config.timeout);
  return post(executor, std::move(request), std::move(*key), read_resend_reply);
}

}  // namespace

Sending Notifier::send(core::Message message) {
  switch (message.channel) {
    case core::Channel::telegram:
      return config_.telegram ? send_telegram(executor_, config_, message) : not_configured(message.channel);
    case core::Channel::resend:
      return config_.resend ? send_resend(executor_, config_, message) : not_configured(message.channel);
    case core::Channel::command:
      return config_.command ? run_command_channel(executor_, *config_.command, std::move(message), config_.timeout)
                             : not_configured(message.channel);
  }
  return not_configured(message.channel);
}

}  // namespace failover::adapters
