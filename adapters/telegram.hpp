#pragma once

#include "adapters/https_client.hpp"
#include "adapters/secret.hpp"
#include "core/config.hpp"
#include "core/world.hpp"

#include <cstddef>
#include <optional>

/// Telegram's Bot API, method sendMessage (core.telegram.org/bots/api#sendmessage). Pure: makes and reads values.
namespace failover::adapters {

/// The service's bound for one message, in UTF-16 code units.
constexpr std::size_t telegram_text_units = 4096;

/// Plain text without parse_mode, so nothing in it is markup: subject, body, and the message's id in the last line,
/// for Telegram cannot tell a repeated message from a new one. A long body is cut, the id is not.
/// `invalid` where the token is none.
[[nodiscard]] core::Result<HttpsRequest> telegram_request(core::TelegramConfig const& config, Secret const& token,
                                                          core::Message const& message, core::Duration timeout);

/// Nothing where Telegram took the message, which it says in JSON (`"ok": true`); a status 200 alone is not believed.
[[nodiscard]] std::optional<core::SendFailure> read_telegram_reply(HttpsReply const& reply);

}  // namespace failover::adapters
