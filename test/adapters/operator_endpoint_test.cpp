#include "adapters/operator_endpoint.hpp"

#include "test/support/catch.hpp"

#include <vector>

using namespace failover;
using namespace failover::adapters;
namespace event = core::event;

namespace {

/// A desk that knows the account spare and the session pool-1.
struct Desk {
  std::vector<core::Event> told = {};
  core::Refusal refusal = core::Refusal::none;
  HttpHandler handler;

  explicit Desk(std::string token = {}) {
    OperatorDesk desk;
    desk.decide = [this](core::AccountName const& to) {
      core::Decision decision;
      decision.refusal = refusal;
      decision.to = to.empty() ? core::AccountName("spare") : to;
      return decision;
    };
    desk.fault = [](core::Event const& asked) -> std::optional<core::Refused> {
      if (auto const* const account = std::get_if<event::AccountSwitched>(&asked))
        if (account->account != core::AccountName("spare")) return core::Refused{"unknown_account", "no such account"};
      if (auto const* const session = std::get_if<event::SessionSwitched>(&asked))
        if (session->session != core::SessionName("pool-1")) return core::Refused{"unknown_session", "no such session"};
      if (auto const* const task = std::get_if<event::TaskAsked>(&asked)) {
        if (task->task != core::TaskId("t1")) return core::Refused{"unknown_task", "no such task"};
        if (task->order == core::TaskOrder::hold) return core::Refused{"claimed", "a session works on it"};
      }
      return std::nullopt;
    };
    desk.next_swap_id = [] { return std::int64_t{7}; };
    desk.tell = [this](core::Event asked) { told.push_back(std::move(asked)); };
    handler = operator_handler(std::move(desk), std::move(token));
  }

  HttpResponse post(std::string path, std::string body = {}) {
    HttpRequest request;
    request.method = "POST";
    request.path = std::move(path);
    request.body = std::move(body);
    request.over_unix_socket = true;
    return handler(request);
  }
};

}  // namespace

TEST_CASE("the operator's requests become events", "[adapters][operator]") {
  Desk desk;
  CHECK(desk.post("/swap", R"({"to":"spare"})").status == 202);
  CHECK(desk.post("/swap").status == 202);
  CHECK(desk.post("/accounts/spare/disable").status == 202);
  CHECK(desk.post("/accounts/spare/enable", "{}").status == 202);
  CHECK(desk.post("/brake", R"({"on":true,"reason":"moving house"})").status == 202);
  CHECK(desk.post("/sessions/pool-1/hold").status == 202);
  CHECK(desk.post("/sessions/pool%2D1/release").status == 202);
  std::vector<core::Event> const expected{
      event::SwapAsked{core::AccountName("spare")},
      event::SwapAsked{core::AccountName("spare")},
      event::AccountSwitched{core::AccountName("spare"), false},
      event::AccountSwitched{core::AccountName("spare"), true},
      event::BrakeSet{true, "moving house"},
      event::SessionSwitched{core::SessionName("pool-1"), true},
      event::SessionSwitched{core::SessionName("pool-1"), false},
  };
  CHECK(desk.told == expected);
}

TEST_CASE("a swap answers with its number, and a dry run of one tells nobody", "[adapters][operator]") {
  Desk desk;
  CHECK(desk.post("/swap", R"({"to":"spare"})").body == R"({"swap":{"id":7,"to":"spare"}})");
  desk.told.clear();
  auto const answer = desk.post("/swap", R"({"dry_run":true})");
  CHECK(answer.status == 200);
  CHECK(desk.told.empty());
}

TEST_CASE("what would be refused is not told, and the answer says why", "[adapters][operator]") {
  Desk desk;
  desk.refusal = core::Refusal::brake;
  auto const answer = desk.post("/swap");
  CHECK(answer.status == 409);
  CHECK_THAT(answer.body, CF_CONTAINS(R"("code":"brake")"));
  CHECK_THAT(answer.body, CF_CONTAINS("brake off"));
  desk.refusal = core::Refusal::unknown_account;
  CHECK(desk.post("/swap", R"({"to":"nobody"})").status == 404);
  CHECK(desk.post("/accounts/nobody/enable").status == 404);
  CHECK(desk.post("/sessions/nobody/hold").status == 404);
  CHECK(desk.told.empty());
}

TEST_CASE("orders for a task become events, or are refused with the reason", "[adapters][operator]") {
  Desk desk;
  CHECK(desk.post("/queue/t1/retry").status == 202);
  CHECK(desk.post("/queue/t1/release", "{}").status == 202);
  CHECK(desk.post("/queue/t1/cancel", R"({"reason":"not needed"})").status == 202);
  CHECK(desk.post("/queue/t1/done").body == R"({"task":"t1","order":"done"})");
  CHECK(desk.post("/queue/t1/fail", R"({"reason":"no disk"})").status == 202);
  core::TaskId const t1{"t1"};
  std::vector<core::Event> const expected{
      event::TaskAsked{t1, core::TaskOrder::retry, {}},
      event::TaskAsked{t1, core::TaskOrder::release, {}},
      event::TaskAsked{t1, core::TaskOrder::cancel, "not needed"},
      event::TaskAsked{t1, core::TaskOrder::done, {}},
      event::TaskAsked{t1, core::TaskOrder::fail, "no disk"},
  };
  CHECK(desk.told == expected);
  desk.told.clear();
  auto const refused = desk.post("/queue/t1/hold");
  CHECK(refused.status == 409);
  CHECK_THAT(refused.body, CF_CONTAINS(R"("code":"claimed")"));
  CHECK(desk.post("/queue/t2/retry").status == 404);
  CHECK(desk.told.empty());
}

TEST_CASE("an order that is none, or for what is no id, is told to nobody", "[adapters][operator]") {
  Desk desk;
  for (char const* const path : {"/queue/t1", "/queue/t1/", "/queue/t1/eat", "/queue/", "/queue/%zz/retry"})
    CHECK(desk.post(path).status == 404);
  for (char const* const id : {"..", "a.b", "a%2Fb", "a%00b", "-rf", "%C3%A9", ""})
    CHECK(desk.post("/queue/" + std::string(id) + "/retry").status == 400);
  CHECK(desk.post("/queue/" + std::string(65, 'x') + "/retry").status == 400);
  for (char const* const body : {"[]", R"({"reason":3})", R"({"why":"x"})"})
    CHECK(desk.post("/queue/t1/fail", body).status == 400);
  CHECK(desk.post("/queue/t1/fail", R"({"reason":")" + std::string(4097, 'x') + "\"}").status == 400);
  CHECK(desk.told.empty());
}

TEST_CASE("a body that is not understood changes nothing", "[adapters][operator]") {
  Desk desk;
  for (char const* const body : {"[]", "{", R"({"to":3})", R"({"too":"spare"})", "\xFF"})
    CHECK(desk.post("/swap", body).status == 400);
  for (char const* const body : {"", "{}", R"({"on":"yes"})", R"({"on":true,"reason":1})"})
    CHECK(desk.post("/brake", body).status == 400);
  CHECK(desk.post("/brake", R"({"on":true,"reason":")" + std::string(201, 'x') + "\"}").status == 400);
  CHECK(desk.post("/accounts/spare").status == 404);
  CHECK(desk.post("/accounts/spare/remove").status == 404);
  CHECK(desk.post("/sessions/%zz/hold").status == 404);
  CHECK(desk.told.empty());
}

TEST_CASE("over TCP the operator needs the token, on a loopback address too", "[adapters][operator]") {
  HttpRequest request;
  request.method = "POST";
  request.path = "/accounts/spare/disable";
  Desk without;
  CHECK(without.handler(request).status == 403);
  Desk with{"secret"};
  CHECK(with.handler(request).status == 401);
  request.headers = {{"authorization", "Bearer wrong"}};
  CHECK(with.handler(request).status == 401);
  request.headers = {{"authorization", "Bearer "}};
  CHECK(without.handler(request).status == 403);
  request.headers = {{"authorization", "Bearer secret"}};
  CHECK(with.handler(request).status == 202);
  request.method = "GET";
  CHECK(with.handler(request).status == 405);
}
