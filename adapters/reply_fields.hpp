#pragma once

#include "core/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace failover::adapters {

/// What the services' JSON replies say, as far as we ask. Fields that are absent or of another type stay empty.
struct ReplyFields {
  bool ok = false;                                 ///< Telegram: `ok`
  std::string id = {};                             ///< Resend: `id` of the accepted mail
  std::string name = {};                           ///< Resend: the error's short name
  std::string text = {};                           ///< `description` or `message`, one line, ≤ 200 characters
  std::string migrate_to_chat_id = {};             ///< Telegram: `parameters.migrate_to_chat_id`
  std::optional<core::Duration> retry_after = {};  ///< Telegram: `parameters.retry_after`
  bool operator==(ReplyFields const&) const = default;
};

/// Reads a reply's body; anything that is not one JSON object gives the empty value.
[[nodiscard]] ReplyFields read_reply_fields(std::string_view body);

}  // namespace failover::adapters
