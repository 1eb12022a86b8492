#include "adapters/telegram.hpp"

#include "adapters/message_text.hpp"
#include "test/support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace failover;
using adapters::HttpsReply;
using adapters::read_telegram_reply;
using adapters::Secret;
using adapters::telegram_request;
using core::ErrorKind;
using std::chrono::seconds;

namespace {

Secret const token{"123456:AAE-x_y"};

core::TelegramConfig config() {
  core::TelegramConfig made;
  made.chat_id = "-100200300";
  made.token_file = "/etc/cf/telegram";
  return made;
}

core::Message message(std::string subject, std::string body) {
  return {"m-7", core::Channel::telegram, std::move(subject), std::move(body)};
}

boost::json::object body_of(core::Message const& sent) {
  auto const request = telegram_request(config(), token, sent, seconds{10});
  REQUIRE(request);
  return boost::json::parse(request->body).as_object();
}

std::string text_of(core::Message const& sent) {
  return body_of(sent).at("text").as_string().c_str();
}

core::SendFailure failure(unsigned status, std::string body, std::optional<core::Duration> header = std::nullopt) {
  auto const read = read_telegram_reply({status, std::move(body), header});
  REQUIRE(read);
  return *read;
}

}  // namespace

TEST_CASE("a Telegram message is plain text with subject, body and the message's id", "[adapters][telegram]") {
  auto const request = telegram_request(config(), token, message("Switched", "a -> b\nnow"), seconds{10});
  REQUIRE(request);
  CHECK(request->url == "https://api.telegram.org/bot123456:AAE-x_y/sendMessage");
  CHECK(request->method == "POST");
  CHECK(request->timeout == seconds{10});
  CHECK(request->headers == std::vector<std::pair<std::string, std::string>>{{"Content-Type", "application/json"}});
  auto const expected = boost::json::parse(
      R"({"chat_id":"-100200300","text":"Switched\n\na -> b\nnow\n\n[m-7]","link_preview_options":{"is_disabled":true}})");
  CHECK(boost::json::parse(request->body) == expected);
}

TEST_CASE("markup in a Telegram message is text like any other", "[adapters][telegram]") {
  auto const sent = message("*bold* <b>", "_a_ [x](y) `c` \"quoted\" \\");
  CHECK(text_of(sent) == "*bold* <b>\n\n_a_ [x](y) `c` \"quoted\" \\\n\n[m-7]");
  CHECK_FALSE(body_of(sent).contains("parse_mode"));
}

TEST_CASE("a long Telegram message is cut to the service's bound and keeps its id", "[adapters][telegram]") {
  std::string body;
  auto const unit = GENERATE(as<std::string>{}, "x", "\xE2\x82\xAC", "\xF0\x9F\x98\x80");
  for (auto i = 0; i < 6000; ++i) body += unit;
  auto const text = text_of(message("Subject", body));
  CHECK(adapters::utf16_units(text) <= adapters::telegram_text_units);
  CHECK(adapters::utf16_units(text) >= adapters::telegram_text_units - 1);
  CHECK_THAT(text, CF_CONTAINS("\xE2\x80\xA6\n\n[m-7]"));
  CHECK(adapters::plain_text(text) == text);
}

TEST_CASE("bytes that are no text never reach Telegram", "[adapters][telegram]") {
  CHECK(text_of(message("a\r\nb", "c\xFF\x1b[0m")) == "a b\n\nc\xEF\xBF\xBD[0m\n\n[m-7]");
}

TEST_CASE("another API address is used as given, with or without a slash at its end", "[adapters][telegram]") {
  auto changed = config();
  changed.api_base = GENERATE(as<std::string>{}, "https://localhost:8443", "https://localhost:8443/");
  auto const request = telegram_request(changed, token, message("a", "b"), seconds{1});
  REQUIRE(request);
  CHECK(request->url == "https://localhost:8443/bot123456:AAE-x_y/sendMessage");
}

TEST_CASE("what is no bot token makes no request and is not shown", "[adapters][telegram]") {
  auto const bad = GENERATE(as<std::string>{}, "", "SECRETnocolon", "1:SECRET/../x", "1:SECRET x", "1:SECRET?y");
  auto const request = telegram_request(config(), Secret{bad}, message("a", "b"), seconds{1});
  REQUIRE_FALSE(request);
  CHECK(request.error().kind == ErrorKind::invalid);
  CHECK_THAT(request.error().detail, CF_CONTAINS("/etc/cf/telegram"));
  CHECK(request.error().detail.find("SECRET") == std::string::npos);
}

TEST_CASE("Telegram's ok is success", "[adapters][telegram]") {
  CHECK_FALSE(read_telegram_reply({200, R"({"ok":true,"result":{"message_id":5}})", std::nullopt}));
}

TEST_CASE("a status 200 that Telegram did not write is no success, but may pass", "[adapters][telegram]") {
  auto const body = GENERATE(as<std::string>{}, "<html>Please log in</html>", "", "[]", R"({"ok":"true"})",
                             R"({"ok":false})", R"({"result":{}})", "{\"ok\":true");
  auto const read = failure(200, body);
  CHECK(read.error.kind == ErrorKind::unavailable);
  CHECK_FALSE(read.permanent);
}

TEST_CASE("Telegram's retry_after is taken from the reply's body, else from its header", "[adapters][telegram]") {
  auto const text =
      R"({"ok":false,"error_code":429,"description":"Too Many Requests: retry after 37","parameters":{"retry_after":37}})";
  CHECK(failure(429, text, seconds{5}) ==
        core::SendFailure{
            {ErrorKind::refused, "Telegram answered 429: Too Many Requests: retry after 37"}, seconds{37}, false});
  CHECK(failure(429, R"({"ok":false})", seconds{5}).retry_after == core::Duration{seconds{5}});
  auto const odd =
      GENERATE(as<std::string>{}, R"({"parameters":{"retry_after":-1}})", R"({"parameters":{"retry_after":"soon"}})",
               R"({"parameters":{"retry_after":1e300}})", R"({"parameters":[]})", "not JSON");
  CHECK(failure(429, odd).retry_after == std::nullopt);
  CHECK_FALSE(failure(429, odd).permanent);
}

TEST_CASE("Telegram's 400, 401, 403 and 404 are permanent and name a cure", "[adapters][telegram]") {
  auto const bad_chat = failure(400, R"({"ok":false,"error_code":400,"description":"Bad Request: chat not found"})");
  CHECK(bad_chat.permanent);
  CHECK(bad_chat.error.kind == ErrorKind::invalid);
  CHECK(bad_chat.error.detail == "Telegram answered 400: Bad Request: chat not found; check telegram.chat_id");
  auto const bad_token = failure(401, R"({"ok":false,"error_code":401,"description":"Unauthorized"})");
  CHECK(bad_token.permanent);
  CHECK(bad_token.error.kind == ErrorKind::permission);
  CHECK_THAT(bad_token.error.detail, CF_CONTAINS("telegram.token_file"));
  auto const blocked = failure(403, R"({"ok":false,"description":"Forbidden: bot was blocked by the user"})");
  CHECK(blocked.permanent);
  CHECK_THAT(blocked.error.detail, CF_CONTAINS("press Start"));
  auto const no_bot = failure(404, R"({"ok":false,"description":"Not Found"})");
  CHECK(no_bot.permanent);
  CHECK_THAT(no_bot.error.detail, CF_CONTAINS("telegram.token_file"));
}

TEST_CASE("a group that moved tells its new chat id", "[adapters][telegram]") {
  auto const moved = failure(
      400,
      R"({"ok":false,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890}})");
  CHECK_THAT(moved.error.detail, CF_CONTAINS("set telegram.chat_id to -1001234567890"));
}

TEST_CASE("Telegram's own trouble passes", "[adapters][telegram]") {
  auto const status = GENERATE(500U, 502U, 503U, 504U);
  auto const read = failure(status, "<html>Bad Gateway</html>");
  CHECK(read.error == core::Error{ErrorKind::unavailable, "Telegram answered " + std::to_string(status)});
  CHECK_FALSE(read.permanent);
}

TEST_CASE("Telegram's description comes in one short line", "[adapters][telegram]") {
  auto const read = failure(500, R"({"description":"a\r\nlevel=error )" + std::string(5000, 'x') + "\"}");
  CHECK(read.error.detail.find('\n') == std::string::npos);
  CHECK(read.error.detail.size() < 300);
}
