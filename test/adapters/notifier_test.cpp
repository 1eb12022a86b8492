#include "adapters/notifier.hpp"

#include "test/support/catch.hpp"
#include "test/support/certificates.hpp"
#include "test/support/environment.hpp"
#include "test/support/run_to_end.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/tls_server.hpp"

#include <chrono>

#include <boost/asio/io_context.hpp>

#include <sys/stat.h>

using namespace failover;
using core::Channel;
using core::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::http_reply;
using test::Manner;
using test::TlsServer;

namespace {

using Outcome = std::optional<core::SendFailure>;

std::string const took_telegram = http_reply("200 OK", R"({"ok":true,"result":{}})");
std::string const took_resend = http_reply("200 OK", R"({"id":"49a3999c"})");

/// A loop, a trusted authority, and token files.
struct World {
  test::ScratchDirectory directory = {};
  test::Authority authority{};
  test::Environment trusted{"SSL_CERT_FILE", directory / "ca.pem"};
  boost::asio::io_context loop{1};

  World() {
    test::put_file(directory / "ca.pem", authority.certificate());
    put_secret("telegram", "123456:SECRET\n");
    put_secret("resend", "re_SECRET\n");
  }

  void put_secret(std::string const& name, std::string const& value) const {
    test::put_file(directory / name, value);
    ::chmod((directory / name).c_str(), 0600);
  }

  core::NotificationsConfig config(TlsServer const& server) const {
    core::NotificationsConfig made;
    made.timeout = seconds{20};
    made.telegram.emplace();
    made.telegram->chat_id = "42";
    made.telegram->token_file = directory / "telegram";
    made.telegram->api_base = server.base();
    made.resend.emplace();
    made.resend->from = "a@example.org";
    made.resend->to = "b@example.org";
    made.resend->key_file = directory / "resend";
    made.resend->api_base = server.base();
    return made;
  }

  Outcome send(adapters::Notifier& notifier, Channel channel) {
    core::Message message{"m-7", channel, "Switched", "a -> b"};
    return test::run_to_end(loop, notifier.send(std::move(message)));
  }
};

}  // namespace

TEST_CASE("a Telegram message arrives", "[adapters][notifier]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers, took_telegram};
  adapters::Notifier notifier{world.loop.get_executor(), world.config(server)};
  CHECK_FALSE(world.send(notifier, Channel::telegram));
  REQUIRE(server.seen().size() == 1);
  CHECK(server.seen()[0].target == "/bot123456:SECRET/sendMessage");
  CHECK_THAT(server.seen()[0].body, CF_CONTAINS("a -> b"));
}

TEST_CASE("a Resend mail arrives, and a repeated one has the same key", "[adapters][notifier]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers, took_resend};
  adapters::Notifier notifier{world.loop.get_executor(), world.config(server)};
  CHECK_FALSE(world.send(notifier, Channel::resend));
  CHECK_FALSE(world.send(notifier, Channel::resend));
  REQUIRE(server.seen().size() == 2);
  CHECK(server.seen()[0].target == "/emails");
  CHECK(server.seen()[0].headers.at("Authorization") == "Bearer re_SECRET");
  CHECK(server.seen()[0].headers.at("Idempotency-Key") == "m-7");
  CHECK(server.seen()[1].headers.at("Idempotency-Key") == "m-7");
}

TEST_CASE("a command gets its message from the notifier", "[adapters][notifier]") {
  World world;
  auto const path = world.directory / "got";
  core::NotificationsConfig config;
  config.command.emplace();
  config.command->argv = {"/bin/sh", "-c", "cat > \"$0\"", path};
  adapters::Notifier notifier{world.loop.get_executor(), config};
  CHECK_FALSE(world.send(notifier, Channel::command));
  CHECK_THAT(test::file_bytes(path), CF_CONTAINS("\"id\":\"m-7\""));
}

TEST_CASE("a channel that is not configured is a permanent failure", "[adapters][notifier]") {
  World world;
  adapters::Notifier notifier{world.loop.get_executor(), {}};
  auto const channel = GENERATE(Channel::telegram, Channel::resend, Channel::command);
  auto const failure = world.send(notifier, channel);
  REQUIRE(failure);
  CHECK(failure->permanent);
  CHECK_THAT(failure->error.detail, CF_CONTAINS(std::string{core::to_string(channel)}));
}

TEST_CASE("a changed token file and a changed configuration work at the next message", "[adapters][notifier]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers, took_telegram};
  adapters::Notifier notifier{world.loop.get_executor(), {}};
  CHECK(world.send(notifier, Channel::telegram));
  notifier.replace(world.config(server));
  CHECK_FALSE(world.send(notifier, Channel::telegram));
  world.put_secret("telegram", "654321:NEWER\n");
  CHECK_FALSE(world.send(notifier, Channel::telegram));
  REQUIRE(server.seen().size() == 2);
  CHECK(server.seen()[0].target == "/bot123456:SECRET/sendMessage");
  CHECK(server.seen()[1].target == "/bot654321:NEWER/sendMessage");
}

TEST_CASE("a sending keeps the configuration it began with", "[adapters][notifier]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers, took_telegram};
  std::optional<adapters::Notifier> notifier{std::in_place, world.loop.get_executor(), world.config(server)};
  core::Message message{"m-7", Channel::telegram, "Switched", "a -> b"};
  auto sending = notifier->send(std::move(message));
  notifier->replace({});
  notifier.reset();
  CHECK_FALSE(test::run_to_end(world.loop, std::move(sending)));
  CHECK(server.seen().size() == 1);
}

TEST_CASE("a service that asks for a pause is obeyed", "[adapters][notifier]") {
  World world;
  TlsServer server{
      world.loop, world.authority.issue(), Manner::answers,
      http_reply("429 Too Many Requests",
                 R"({"ok":false,"description":"Too Many Requests: retry after 9","parameters":{"retry_after":9}})")};
  adapters::Notifier notifier{world.loop.get_executor(), world.config(server)};
  auto const telegram = world.send(notifier, Channel::telegram);
  REQUIRE(telegram);
  CHECK(telegram->retry_after == core::Duration{seconds{9}});
  CHECK_FALSE(telegram->permanent);
  server.reply_with(http_reply("429 Too Many Requests", R"({"name":"rate_limit_exceeded"})", "retry-after: 3\r\n"));
  auto const resend = world.send(notifier, Channel::resend);
  REQUIRE(resend);
  CHECK(resend->retry_after == core::Duration{seconds{3}});
  CHECK_FALSE(resend->permanent);
}

TEST_CASE("a refused token is a permanent failure", "[adapters][notifier]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers,
                         http_reply("401 Unauthorized", R"({"ok":false,"description":"Unauthorized"})")};
  adapters::Notifier notifier{world.loop.get_executor(), world.config(server)};
  auto const channel = GENERATE(Channel::telegram, Channel::resend);
  auto const failure = world.send(notifier, channel);
  REQUIRE(failure);
  CHECK(failure->permanent);
  CHECK(failure->error.kind == ErrorKind::permission);
}

TEST_CASE("no failure shows a token, not even one that the service quotes", "[adapters][notifier]") {
  World world;
  TlsServer const server{
      world.loop, world.authority.issue(), Manner::answers,
      http_reply("404 Not Found",
                 R"({"description":"no such path: /bot123456:SECRET/sendMessage, key re_SECRET","message":"x"})")};
  adapters::Notifier notifier{world.loop.get_executor(), world.config(server)};
  auto const telegram = world.send(notifier, Channel::telegram);
  REQUIRE(telegram);
  CHECK(telegram->error.detail.find("123456:SECRET") == std::string::npos);
  CHECK_THAT(telegram->error.detail, CF_CONTAINS("/bot***/sendMessage"));
  auto const resend = world.send(notifier, Channel::resend);
  REQUIRE(resend);
  CHECK(resend->error.detail.find("re_SECRET") == std::string::npos);
}

TEST_CASE("a token file that is missing or open to others fails the sending, until it is mended",
          "[adapters][notifier]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::answers, took_telegram};
  adapters::Notifier notifier{world.loop.get_executor(), world.config(server)};
  REQUIRE(::chmod((world.directory / "telegram").c_str(), 0644) == 0);
  auto const open = world.send(notifier, Channel::telegram);
  REQUIRE(open);
  CHECK(open->error.kind == ErrorKind::permission);
  CHECK_FALSE(open->permanent);
  CHECK(server.seen().empty());
  world.put_secret("telegram", "123456:SECRET\n");
  CHECK_FALSE(world.send(notifier, Channel::telegram));
}

TEST_CASE("an address that is not https is a permanent failure and gets no token", "[adapters][notifier]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::plain_http};
  auto config = world.config(server);
  config.telegram->api_base = "http://localhost:" + std::to_string(server.port());
  adapters::Notifier notifier{world.loop.get_executor(), config};
  auto const failure = world.send(notifier, Channel::telegram);
  REQUIRE(failure);
  CHECK(failure->permanent);
  CHECK(failure->error.kind == ErrorKind::invalid);
  CHECK(failure->error.detail.find("SECRET") == std::string::npos);
}

TEST_CASE("a dead service costs the configured time and may pass", "[adapters][notifier]") {
  World world;
  TlsServer const server{world.loop, world.authority.issue(), Manner::silent};
  auto config = world.config(server);
  config.timeout = milliseconds{300};
  adapters::Notifier notifier{world.loop.get_executor(), config};
  auto const failure = world.send(notifier, Channel::telegram);
  REQUIRE(failure);
  CHECK(failure->error.kind == ErrorKind::timed_out);
  CHECK_FALSE(failure->permanent);
}
