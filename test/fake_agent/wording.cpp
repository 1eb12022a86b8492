#include "wording.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace failover::fake_agent {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

std::string limit_name(Version const& version, std::string const& window) {
  if (window == "five_hour") return std::string{version.five_hour};
  if (window == "seven_day") return "weekly limit";
  if (window == "seven_day_opus") return "Opus limit";
  if (window == "seven_day_sonnet") return "Sonnet limit";
  return "limit";
}

std::string wall_text(Version const& version, Wall const& wall, Instant at) {
  auto const when = reset_time(wall.resets_at, at);
  if (!version.name.starts_with("1."))
    return fmt::format("You've hit your {} · resets {} ({})", limit_name(version, wall.window), when, zone_name());
  if (wall.window == "seven_day_opus")
    return fmt::format("Claude usage limit reached. Your limit will reset at {}.", when);
  auto const name = wall.window == "seven_day"          ? "Weekly limit"
                    : wall.window == "seven_day_sonnet" ? "Usage limit"
                                                        : version.five_hour;
  return fmt::format("{} reached ∙ resets {}", name, when);
}

std::string_view spinner_glyph(Milliseconds elapsed) {
  static constexpr std::array<std::string_view, 6> glyphs{"·", "✢", "*", "✶", "✻", "✽"};
  return glyphs[static_cast<std::size_t>(elapsed.count() / 200) % glyphs.size()];
}

std::string_view reason_of(Act act) {
  if (act == Act::error_500) return "500 Internal server error";
  if (act == Act::error_529) return "529 Overloaded";
  return "API error";
}

Ending server_error(int status, std::string_view what, std::string_view type) {
  return {
      .kind = BlockKind::api_error,
      .text = fmt::format("API Error: {} {}. This is a server-side issue, usually temporary — try again in a moment. "
                          "If it persists, check https://status.claude.com.",
                          status, what),
      .error = "server_error",
      .status = status,
      .type = std::string{type},
      .suggestion = "Resend your message to try again"};
}

}  // namespace

bool is_wall_text(std::string_view text) {
  return text.starts_with("You've hit your ") || text.find("imit reached ∙ resets ") != std::string_view::npos ||
         text.starts_with("Claude usage limit reached.");
}

Ending wall_ending(Version const& version, Wall const& wall, Instant at) {
  return {.kind = BlockKind::wall,
          .text = wall_text(version, wall, at),
          .below = std::string{version.plan_hint},
          .error = "rate_limit",
          .status = 429,
          .type = "rate_limit_error",
          .wall = wall};
}

Ending ending_of(Version const& version, Act act, AccountReading const& reading, Milliseconds resets_in, Instant at) {
  if (reading.wall) return wall_ending(version, *reading.wall, at);
  switch (act) {
    case Act::wall_five_hour:
      return wall_ending(version, {.window = "five_hour", .resets_at = at + resets_in}, at);
    case Act::wall_weekly:
      return wall_ending(version, {.window = "seven_day", .resets_at = at + resets_in}, at);
    case Act::error_500:
      return server_error(500, "Internal server error", "api_error");
    case Act::error_529:
      return server_error(529, "Overloaded", "overloaded_error");
    case Act::throttle:
      return {.kind = BlockKind::api_error,
              .text =
                  "API Error: Server is temporarily limiting requests (not your usage limit) · Number of request "
                  "tokens has exceeded your per-minute rate limit",
              .error = "rate_limit",
              .status = 429,
              .type = "rate_limit_error",
              .transient = true,
              .suggestion = "Resend your message to try again"};
    case Act::login_expired:
      return {.kind = BlockKind::api_error,
              .text = "Login expired · Please run /login",
              .error = "authentication_failed",
              .status = 401,
              .type = "authentication_error",
              .suggestion = "Once fixed, resend your message"};
    case Act::context_limit:
      return {.kind = BlockKind::api_error,
              .text = "Context limit reached · /clear to continue",
              .error = "invalid_request",
              .status = 400,
              .type = "invalid_request_error"};
    case Act::answer:
    case Act::permission:
    case Act::hang:
    case Act::die:
      break;
  }
  return {};
}

std::string working_line(Version const& version, int turn, Milliseconds elapsed) {
  static constexpr std::array<std::string_view, 5> verbs{"Processing", "Deliberating", "Swooping", "Contemplating",
                                                         "Propagating"};
  auto const verb = verbs[static_cast<std::size_t>(turn) % verbs.size()];
  if (!version.working_in_footer) return fmt::format("{} {}… (esc to interrupt)", spinner_glyph(elapsed), verb);
  auto const whole = floor<seconds>(elapsed).count();
  if (whole == 0) return fmt::format("{} {}…", spinner_glyph(elapsed), verb);
  return fmt::format("{} {}… ({}s · ↓ {} tokens)", spinner_glyph(elapsed), verb, whole, 2 + 3 * whole);
}

std::string retry_line(Act act, int attempt, int attempts, Milliseconds left) {
  auto const whole = floor<seconds>(left).count();
  return fmt::format("✻ {} · retrying{} · attempt {}/{}", attempt > 2 ? reason_of(act) : "API error",
                     whole > 0 ? fmt::format(" in {}s", whole) : "…", attempt, attempts);
}

std::string finished_line(int turn, Milliseconds elapsed, Instant at) {
  static constexpr std::array<std::string_view, 8> verbs{"Crunched", "Brewed",  "Baked",     "Sautéed",
                                                         "Cooked",   "Churned", "Cogitated", "Worked"};
  return fmt::format("{} for {}s · done {}", verbs[static_cast<std::size_t>(turn) % verbs.size()],
                     floor<seconds>(elapsed).count(), done_time(at));
}

std::string armed_notice(Instant resets_at, Instant seen_at) {
  return fmt::format("Usage limit reached · set to continue automatically at {}", reset_time(resets_at, seen_at));
}

std::vector<std::string> armed_banner(Instant resets_at, Instant seen_at) {
  auto const at = reset_time(resets_at, seen_at);
  return {fmt::format("⚠ Usage limit reached · limit resets {}", at),
          fmt::format("  Continuing automatically at {} · Esc to cancel", at)};
}

Menu limit_menu(Version const& version, Instant resets_at, Instant seen_at, bool armed) {
  if (!version.continues_by_itself)
    return {.kind = MenuKind::limit, .options = {"Stop and wait for limit to reset", "Switch to extra usage"}};
  return {
      .kind = MenuKind::limit,
      .options = {"Stop and wait for limit to reset",
                  armed ? "Don’t continue automatically"
                        : fmt::format("Wait here, then continue automatically at {}", reset_time(resets_at, seen_at)),
                  "Switch to usage credits"}};
}

Menu permission_menu(Version const& version, std::string const& command, std::string const& directory) {
  if (!version.continues_by_itself)
    return {.kind = MenuKind::permission,
            .options = {"Yes", fmt::format("Yes, and don't ask again for {} commands in {}", command, directory),
                        "No, and tell Claude what to do differently (esc)"},
            .subject = command};
  return {.kind = MenuKind::permission,
          .options = {"Yes",
                      fmt::format(
                          "Yes, and don't ask again for {} commands in {}",
                          [&] {
                            auto names = command;
                            if (auto const at = names.find(" && "); at != std::string::npos) {
                              names.replace(at, 4, " and ");
                            }
                            return names;
                          }(),
                          directory),
                      "Yes, and switch to auto mode · auto mode handles these prompts for you", "No"},
          .subject = command};
}

Menu trust_menu(Version const& version) {
  if (version.trust_first) {
    auto const* yes = version.name.starts_with("2.1") ? "Yes, I trust this folder" : "Yes, proceed";
    return {.kind = MenuKind::trust, .options = {yes, "No, exit"}};
  }
  return {.kind = MenuKind::trust, .options = {"No, exit", "Yes, I trust this folder"}};
}

}  // namespace failover::fake_agent
