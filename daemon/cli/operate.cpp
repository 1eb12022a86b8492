#include "daemon/cli/operate.hpp"

#include "adapters/control_client.hpp"
#include "adapters/percent.hpp"
#include "daemon/exit_code.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

#include <boost/json.hpp>

#include <unistd.h>

namespace failover::daemon {
namespace {

namespace json = boost::json;

constexpr core::Duration answer_time = std::chrono::seconds{5};
constexpr auto change_time = std::chrono::seconds{15};
constexpr auto look_interval = std::chrono::milliseconds{100};

int code(ExitCode exit_code) {
  return static_cast<int>(exit_code);
}

int complain(std::string const& line, ExitCode exit_code) {
  std::fprintf(stderr, "claude-failover: %s\n", line.c_str());
  return code(exit_code);
}

std::string socket_of(core::Config const& config) {
  return config.state.runtime + "/control.sock";
}

json::object object_in(std::string const& text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  return !error && value.is_object() ? std::move(value.get_object()) : json::object{};
}

json::object member(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : json::object{};
}

std::string text(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

std::int64_t number(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

struct Answer {
  int exit_code = 0;
  json::object body = {};
};

/// Complains where the daemon did not do it.
Answer ask(core::Config const& config, std::string const& target, json::object const& body) {
  auto const reply = adapters::control_send(socket_of(config), target, json::serialize(body), answer_time);
  if (!reply) return {complain(reply.error().detail, exit_code_of(reply.error().kind)), {}};
  auto answer = object_in(reply->body);
  if (reply->status == 200 || reply->status == 202) return {0, std::move(answer)};
  auto const why = text(member(answer, "error"), "message");
  return {complain(why.empty() ? "the daemon answered " + std::to_string(reply->status) : why, ExitCode::failed), {}};
}

bool confirmed(std::string const& question) {
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::fflush(stderr);
  int const answer = std::getchar();
  return answer == 'y' || answer == 'Y';
}

/// The swap of that id as /status shows it, once it is more than planned; empty when that takes too long.
json::object changed_swap(core::Config const& config, std::int64_t id) {
  auto const last = std::chrono::steady_clock::now() + change_time;
  while (std::chrono::steady_clock::now() < last) {
    auto const reply = adapters::control_get(socket_of(config), "/status?format=json", "application/json", answer_time);
    auto const status = reply ? object_in(reply->body) : json::object{};
    auto const* swaps = status.if_contains("swaps");
    if (swaps != nullptr && swaps->is_array())
      for (auto const& swap : swaps->get_array())
        if (swap.is_object() && number(swap.get_object(), "id") == id && text(swap.get_object(), "phase") != "planned")
          return swap.get_object();
    std::this_thread::sleep_for(look_interval);
  }
  return {};
}

int tell_swap(json::object const& swap, bool as_json) {
  if (swap.empty())
    return complain("the swap was accepted and is not made yet; `claude-failover status` shows it", ExitCode::failed);
  if (as_json) {
    std::printf("%s\n", json::serialize(swap).c_str());
  } else {
    std::printf("%s -> %s: %s\n", text(swap, "from").c_str(), text(swap, "to").c_str(), text(swap, "phase").c_str());
  }
  if (text(swap, "phase") != "aborted") return 0;
  return complain("the swap was aborted: " + text(swap, "abort_reason"), ExitCode::failed);
}

json::object swap_body(SwapOptions const& options, bool dry_run) {
  json::object body{{"dry_run", dry_run}};
  if (!options.to.empty()) body["to"] = options.to;
  return body;
}

}  // namespace

int run_swap(core::Config const& config, SwapOptions const& options) {
  auto const plan = ask(config, "/swap", swap_body(options, true));
  if (plan.exit_code != 0) return plan.exit_code;
  auto const to = text(member(plan.body, "swap"), "to");
  if (options.dry_run) {
    std::printf("would switch to %s\n", to.c_str());
    return 0;
  }
  if (!options.yes) {
    if (::isatty(STDIN_FILENO) != 1)
      return complain("would switch to " + to + "; without a terminal to ask on, say --yes", ExitCode::usage);
    if (!confirmed("Switch to " + to + "?")) return complain("nothing was switched", ExitCode::failed);
  }
  SwapOptions named = options;
  named.to = to;
  auto const answer = ask(config, "/swap", swap_body(named, false));
  if (answer.exit_code != 0) return answer.exit_code;
  return tell_swap(changed_swap(config, number(member(answer.body, "swap"), "id")), options.json);
}

int run_account(core::Config const& config, std::string const& account, bool enable) {
  auto const verb = enable ? "enable" : "disable";
  auto const answer = ask(config, "/accounts/" + adapters::percent_encoded(account) + "/" + verb, {});
  if (answer.exit_code == 0) std::printf("account %s is %sd\n", account.c_str(), verb);
  return answer.exit_code;
}

int run_brake(core::Config const& config, bool on, std::string const& reason) {
  auto const answer = ask(config, "/brake", {{"on", on}, {"reason", reason}});
  if (answer.exit_code == 0)
    std::printf("%s\n", on ? "the brake is on: everything is watched, nothing is changed" : "the brake is off");
  return answer.exit_code;
}

int run_session(core::Config const& config, std::string const& session, bool hold) {
  auto const verb = hold ? "hold" : "release";
  auto const answer = ask(config, "/sessions/" + adapters::percent_encoded(session) + "/" + verb, {});
  if (answer.exit_code == 0) std::printf("session %s is %s\n", session.c_str(), hold ? "held" : "released");
  return answer.exit_code;
}

}  // namespace failover::daemon
