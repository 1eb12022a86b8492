#pragma once

#include "adapters/https_client.hpp"
#include "adapters/secret.hpp"
#include "core/config.hpp"
#include "core/world.hpp"

#include <optional>

/// Resend's API, POST /emails (resend.com/docs/api-reference/emails/send-email). Pure: makes and reads values.
namespace failover::adapters {

/// A text mail. The message's id is the Idempotency-Key: for 24 hours a repeated message is not sent twice.
/// `invalid` where the key is none or the message has no id.
[[nodiscard]] core::Result<HttpsRequest> resend_request(core::ResendConfig const& config, Secret const& key,
                                                        core::Message const& message, core::Duration timeout);

/// Nothing where Resend took the mail, which it says with the mail's id.
[[nodiscard]] std::optional<core::SendFailure> read_resend_reply(HttpsReply const& reply);

}  // namespace failover::adapters
