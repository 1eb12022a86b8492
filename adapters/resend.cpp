#include "adapters/resend.hpp"

#include "adapters/message_text.hpp"
#include "adapters/reply_fields.hpp"
#include "adapters/send_verdict.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace failover::adapters {
namespace {

constexpr std::size_t max_subject_units = 200;
constexpr std::size_t max_body_units = std::size_t{64} * 1024;
constexpr std::size_t max_idempotency_key = 256;  // resend.com/docs/dashboard/emails/idempotency-keys

bool is_printable(std::string const& text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string cure_of(unsigned status, ReplyFields const& fields) {
  if (status == 401 || fields.name == "invalid_api_key") return "; check the key in resend.key_file";
  if (status == 403) return "; check resend.from: its domain must be verified";
  if (status == 422 || status == 400) return "; check resend.from and resend.to";
  if (status == 404) return "; check resend.api_base";
  return "";
}

}  // namespace

core::Result<HttpsRequest> resend_request(core::ResendConfig const& config, Secret const& key,
                                          core::Message const& message, core::Duration timeout) {
  if (key.reveal().empty() || !is_printable(key.reveal()))
    return core::Error{core::ErrorKind::invalid, config.key_file + ": this is no API key (re_ and letters)"};
  if (message.id.empty() || message.id.size() > max_idempotency_key || !is_printable(message.id))
    return core::Error{core::ErrorKind::invalid, "the message's id cannot be an idempotency key"};
  auto const base = std::string_view{config.api_base}.substr(0, config.api_base.find_last_not_of('/') + 1);
  boost::json::object body;
  body["from"] = config.from;
  body["to"] = boost::json::array{boost::json::string{config.to}};
  body["subject"] = one_line(message.subject, max_subject_units);
  body["text"] = cut_text(plain_text(message.body), max_body_units);

  HttpsRequest request;
  request.url = std::string{base} + "/emails";
  request.headers.emplace_back("Authorization", "Bearer " + key.reveal());
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("Idempotency-Key", message.id);
  request.body = boost::json::serialize(body);
  request.timeout = timeout;
  return request;
}

std::optional<core::SendFailure> read_resend_reply(HttpsReply const& reply) {
  auto const fields = read_reply_fields(reply.body);
  if (reply.status == 200 && !fields.id.empty()) return std::nullopt;
  if (reply.status == 200)
    return passing_failure(
        {core::ErrorKind::unavailable, "Resend's address answered 200, but not as Resend does; check resend.api_base"});
  auto failure =
      refused_by_status("Resend", reply.status, fields.text + cure_of(reply.status, fields), reply.retry_after);
  // The same id came before with other words: that mail went out, and this one never will.
  if (fields.name == "invalid_idempotent_request") failure.permanent = true;
  return failure;
}

}  // namespace failover::adapters
