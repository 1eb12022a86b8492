#include "script.hpp"

#include "json_file.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace failover::fake_agent {
namespace {

template <class Enum, std::size_t N>
Enum named(std::array<std::pair<std::string_view, Enum>, N> const& names, std::string const& name) {
  auto const found = std::find_if(names.begin(), names.end(), [&](auto const& entry) { return entry.first == name; });
  if (found == names.end()) throw std::runtime_error{fmt::format("script: \"{}\" is unknown", name)};
  return found->second;
}

Act act_named(std::string const& name) {
  static constexpr std::array<std::pair<std::string_view, Act>, 11> names{{{"answer", Act::answer},
                                                                           {"wall_five_hour", Act::wall_five_hour},
                                                                           {"wall_weekly", Act::wall_weekly},
                                                                           {"error_500", Act::error_500},
                                                                           {"error_529", Act::error_529},
                                                                           {"throttle", Act::throttle},
                                                                           {"login_expired", Act::login_expired},
                                                                           {"permission", Act::permission},
                                                                           {"hang", Act::hang},
                                                                           {"die", Act::die},
                                                                           {"context_limit", Act::context_limit}}};
  return named(names, name);
}

Start start_named(std::string const& name) {
  static constexpr std::array<std::pair<std::string_view, Start>, 4> names{{{"idle", Start::idle},
                                                                            {"trust_dialog", Start::trust_dialog},
                                                                            {"login_expired", Start::login_expired},
                                                                            {"dead", Start::dead}}};
  return named(names, name);
}

bool is_wall(Act act) {
  return act == Act::wall_five_hour || act == Act::wall_weekly;
}

/// A refusal for quota comes after one request, not after a turn's work.
Milliseconds default_length(Act act, Milliseconds turn_lasts) {
  return is_wall(act) ? std::min(turn_lasts, Milliseconds{1000}) : turn_lasts;
}

Turn turn_of(json::object const& entry, Milliseconds turn_lasts) {
  Turn turn;
  turn.match = text_of(entry, "match");
  turn.act = act_named(text_of(entry, "do", "answer"));
  turn.lasts = from_seconds(number_of(entry, "seconds", to_seconds(default_length(turn.act, turn_lasts))));
  turn.text = text_of(entry, "text");
  turn.retries = static_cast<int>(number_of(entry, "retries", turn.retries));
  turn.command = text_of(entry, "command", "rm -rf ./build && make all");
  if (entry.contains("resets_in")) turn.resets_in = from_seconds(number_of(entry, "resets_in", 0));
  if (entry.contains("times")) turn.times_left = static_cast<int>(number_of(entry, "times", 1));
  return turn;
}

}  // namespace

Turn Script::next(std::string_view prompt) {
  auto const fits = [prompt](Turn const& turn) {
    return turn.times_left.value_or(1) > 0 && prompt.find(turn.match) != std::string_view::npos;
  };
  auto const found = std::find_if(turns.begin(), turns.end(), fits);
  if (found == turns.end()) return Turn{.lasts = turn_lasts};
  if (found->times_left) --*found->times_left;
  return *found;
}

Script load_script(std::string const& path) {
  Script script;
  if (path.empty()) return script;
  auto const file = read_object(path);
  if (!file) throw std::runtime_error{fmt::format("{}: no script, a JSON object is expected", path)};
  script.version = text_of(*file, "version", script.version);
  script.start = start_named(text_of(*file, "start", "idle"));
  script.turn_lasts = from_seconds(number_of(*file, "turn_seconds", to_seconds(script.turn_lasts)));
  script.auto_continue_delay =
      from_seconds(number_of(*file, "auto_continue_delay", to_seconds(script.auto_continue_delay)));
  script.permission_notice_after =
      from_seconds(number_of(*file, "permission_notice_after", to_seconds(script.permission_notice_after)));
  script.lost_enters = static_cast<int>(number_of(*file, "lost_enters", 0));
  if (auto const* turns = array_of(*file, "turns")) {
    for (auto const& turn : *turns) {
      if (turn.is_object()) script.turns.push_back(turn_of(turn.as_object(), script.turn_lasts));
    }
  }
  return script;
}

}  // namespace failover::fake_agent
