#include "news.hpp"

#include "command.hpp"

#include <cmath>

namespace failover::fake_agent {
namespace {
constexpr Milliseconds status_line_limit{5000};
}

json::object News::common() const {
  return {{"session_id", transcript_.session_id()}, {"transcript_path", transcript_.path().string()}, {"cwd", cwd_}};
}

void News::tell(std::string_view event, std::string const& about, json::object const& fields) const {
  auto input = common();
  input["hook_event_name"] = event;
  for (auto const& [key, value] : fields) input[key] = value;
  auto const text = json::serialize(input);
  for (auto const& hook : settings_.hooks) {
    if (hook.event != event || !matches(hook.matcher, about)) continue;
    (void)run_command(hook.command, text, hook.limit);  // the real one goes on whatever these hooks answer
  }
}

std::string News::status_line(std::optional<Usage> const& usage) const {
  if (settings_.status_line_command.empty()) return {};
  auto input = common();
  input["model"] = json::object{{"id", "claude-opus-5-5"}, {"display_name", "Opus 5.5"}};
  input["workspace"] = json::object{{"current_dir", cwd_}, {"project_dir", cwd_}};
  input["version"] = version_;
  if (usage) {
    auto const resets_at =
        std::chrono::duration_cast<std::chrono::seconds>(usage->resets_at.time_since_epoch()).count();
    input["rate_limits"] =
        json::object{{usage->window.starts_with("seven_day") ? "seven_day" : "five_hour",
                      json::object{{"used_percentage", std::lround(usage->percent)}, {"resets_at", resets_at}}}};
  }
  auto const result = run_command(settings_.status_line_command, json::serialize(input), status_line_limit);
  return result.output.substr(0, result.output.find('\n'));
}

}  // namespace failover::fake_agent
