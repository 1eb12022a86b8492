#include "adapters/resend.hpp"

#include "test/support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace failover;
using adapters::HttpsReply;
using adapters::read_resend_reply;
using adapters::resend_request;
using adapters::Secret;
using core::ErrorKind;
using std::chrono::seconds;

namespace {

Secret const key{"re_SECRET123"};

core::ResendConfig config() {
  core::ResendConfig made;
  made.from = "failover <failover@example.org>";
  made.to = "me@example.org";
  made.key_file = "/etc/cf/resend";
  return made;
}

core::Message message(std::string subject, std::string body, std::string id = "m-7") {
  return {std::move(id), core::Channel::resend, std::move(subject), std::move(body)};
}

core::SendFailure failure(unsigned status, std::string body, std::optional<core::Duration> header = std::nullopt) {
  auto const read = read_resend_reply({status, std::move(body), header});
  REQUIRE(read);
  return *read;
}

}  // namespace

TEST_CASE("a Resend mail is plain text and carries the message's id as idempotency key", "[adapters][resend]") {
  auto const request = resend_request(config(), key, message("Switched", "a -> b\nnow"), seconds{10});
  REQUIRE(request);
  CHECK(request->url == "https://api.resend.com/emails");
  CHECK(request->method == "POST");
  CHECK(request->timeout == seconds{10});
  CHECK(request->headers == std::vector<std::pair<std::string, std::string>>{{"Authorization", "Bearer re_SECRET123"},
                                                                             {"Content-Type", "application/json"},
                                                                             {"Idempotency-Key", "m-7"}});
  auto const expected = boost::json::parse(
      R"({"from":"failover <failover@example.org>","to":["me@example.org"],"subject":"Switched","text":"a -> b\nnow"})");
  CHECK(boost::json::parse(request->body) == expected);
}

TEST_CASE("a repeated Resend mail is the same request", "[adapters][resend]") {
  auto const first = resend_request(config(), key, message("a", "b"), seconds{10});
  auto const second = resend_request(config(), key, message("a", "b"), seconds{10});
  CHECK(first->headers == second->headers);
  CHECK(first->body == second->body);
}

TEST_CASE("a subject cannot add headers to a mail", "[adapters][resend]") {
  auto const request = resend_request(config(), key, message("a\r\nBcc: x@example.org", "b\xFF"), seconds{1});
  REQUIRE(request);
  auto const body = boost::json::parse(request->body);
  CHECK(body.at("subject").as_string() == "a Bcc: x@example.org");
  CHECK(body.at("text").as_string() == "b\xEF\xBF\xBD");
  auto const longer = resend_request(config(), key, message(std::string(5000, 'x'), "b"), seconds{1});
  CHECK(boost::json::parse(longer->body).at("subject").as_string().size() <= 203);
}

TEST_CASE("what is no API key or no id makes no Resend request and is not shown", "[adapters][resend]") {
  auto const bad_key = GENERATE(as<std::string>{}, "", "re_SECRET x", "re_SECRET\xC3\xA9");
  auto const request = resend_request(config(), Secret{bad_key}, message("a", "b"), seconds{1});
  REQUIRE_FALSE(request);
  CHECK(request.error().kind == ErrorKind::invalid);
  CHECK_THAT(request.error().detail, CF_CONTAINS("/etc/cf/resend"));
  CHECK(request.error().detail.find("SECRET") == std::string::npos);
  CHECK_FALSE(resend_request(config(), key, message("a", "b", ""), seconds{1}));
  CHECK_FALSE(resend_request(config(), key, message("a", "b", "x\r\ny"), seconds{1}));
  CHECK_FALSE(resend_request(config(), key, message("a", "b", std::string(257, 'x')), seconds{1}));
}

TEST_CASE("Resend's id is success, a bare 200 is none", "[adapters][resend]") {
  CHECK_FALSE(read_resend_reply({200, R"({"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"})", std::nullopt}));
  auto const body = GENERATE(as<std::string>{}, "<html>Please log in</html>", "", R"({"id":5})", R"({"id":""})");
  auto const read = failure(200, body);
  CHECK(read.error.kind == ErrorKind::unavailable);
  CHECK_FALSE(read.permanent);
}

TEST_CASE("Resend's retry-after header is passed on", "[adapters][resend]") {
  CHECK(failure(429, R"({"statusCode":429,"name":"rate_limit_exceeded","message":"Too many requests."})", seconds{2}) ==
        core::SendFailure{{ErrorKind::refused, "Resend answered 429: Too many requests."}, seconds{2}, false});
  CHECK(failure(429, "").retry_after == std::nullopt);
}

TEST_CASE("Resend's 400, 401, 403, 404 and 422 are permanent and name a cure", "[adapters][resend]") {
  auto const check = [](unsigned status, std::string const& body, std::string const& cure) {
    auto const read = failure(status, body);
    CHECK(read.permanent);
    CHECK_THAT(read.error.detail, CF_CONTAINS(cure));
  };
  check(400, R"({"name":"validation_error","message":"x"})", "resend.from");
  check(401, R"({"name":"missing_api_key","message":"x"})", "resend.key_file");
  check(403, R"({"name":"invalid_api_key","message":"API key is invalid"})", "resend.key_file");
  check(403, R"({"name":"validation_error","message":"x"})", "verified");
  check(404, R"({"name":"not_found","message":"x"})", "resend.api_base");
  check(422, R"({"name":"invalid_to_address","message":"x"})", "resend.to");
}

TEST_CASE("an id that Resend knows with other words is permanent, one still in work is not", "[adapters][resend]") {
  CHECK(failure(409, R"({"name":"invalid_idempotent_request","message":"x"})").permanent);
  CHECK_FALSE(failure(409, R"({"name":"concurrent_idempotent_requests","message":"x"})").permanent);
}

TEST_CASE("Resend's own trouble passes", "[adapters][resend]") {
  auto const read = failure(500, R"({"name":"internal_server_error","message":"An unexpected error occurred."})");
  CHECK(read == core::SendFailure{{ErrorKind::unavailable, "Resend answered 500: An unexpected error occurred."},
                                  std::nullopt,
                                  false});
}
