#include "adapters/telegram.hpp"

#include "adapters/message_text.hpp"
#include "adapters/reply_fields.hpp"
#include "adapters/send_verdict.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace failover::adapters {
namespace {

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '-';
}

/// `123456:AAE…`: it becomes part of a path, so nothing else may stand in it.
bool is_token(std::string const& text) {
  return text.find(':') != std::string::npos && std::ranges::all_of(text, is_token_character);
}

std::string text_of(core::Message const& message) {
  auto const mark = "\n\n[" + one_line(message.id, 64) + "]";
  auto const room = telegram_text_units - utf16_units(mark);
  auto const subject = one_line(message.subject, 256);
  auto const body = plain_text(message.body);
  return cut_text(subject + (subject.empty() || body.empty() ? "" : "\n\n") + body, room) + mark;
}

std::string cure_of(unsigned status, ReplyFields const& fields) {
  if (!fields.migrate_to_chat_id.empty())
    return "; the group became a supergroup: set telegram.chat_id to " + fields.migrate_to_chat_id;
  if (status == 400) return "; check telegram.chat_id";
  if (status == 401 || status == 404) return "; check the token in telegram.token_file";
  if (status == 403) return "; open the chat with the bot and press Start";
  return "";
}

}  // namespace

core::Result<HttpsRequest> telegram_request(core::TelegramConfig const& config, Secret const& token,
                                            core::Message const& message, core::Duration timeout) {
  if (!is_token(token.reveal()))
    return core::Error{core::ErrorKind::invalid,
                       config.token_file + ": this is no bot token (digits, a colon, letters and digits)"};
  auto const base = std::string_view{config.api_base}.substr(0, config.api_base.find_last_not_of('/') + 1);
  boost::json::object body;
  body["chat_id"] = config.chat_id;
  body["text"] = text_of(message);
  body["link_preview_options"] = boost::json::object{{"is_disabled", true}};

  HttpsRequest request;
  request.url = std::string{base} + "/bot" + token.reveal() + "/sendMessage";
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = boost::json::serialize(body);
  request.timeout = timeout;
  return request;
}

std::optional<core::SendFailure> read_telegram_reply(HttpsReply const& reply) {
  auto const fields = read_reply_fields(reply.body);
  if (reply.status == 200 && fields.ok) return std::nullopt;
  if (reply.status == 200)
    return passing_failure({core::ErrorKind::unavailable,
                            "Telegram's address answered 200, but not as Telegram does; check telegram.api_base"});
  auto const retry_after = fields.retry_after ? fields.retry_after : reply.retry_after;
  return refused_by_status("Telegram", reply.status, fields.text + cure_of(reply.status, fields), retry_after);
}

}  // namespace failover::adapters
