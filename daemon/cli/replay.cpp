#include "daemon/cli/replay.hpp"

#include "adapters/acting_effects.hpp"
#include "adapters/atomic_file.hpp"
#include "adapters/replay.hpp"
#include "core/fold.hpp"
#include "core/rfc3339.hpp"
#include "daemon/exit_code.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace failover::daemon {
namespace {

namespace json = boost::json;

constexpr std::size_t max_journal_bytes = std::size_t{256} << 20;
constexpr std::size_t differences_shown = 5;

void complain(std::string const& text) {
  std::fprintf(stderr, "claude-failover: %s\n", text.c_str());
}

void print(std::string const& line) {
  std::printf("%s\n", line.c_str());
}

struct Tally {
  std::size_t segments = 0;
  std::size_t steps = 0;
  std::size_t different = 0;
  std::size_t unreadable = 0;
  std::uint64_t lost = 0;
  bool newer = false;
};

/// One decision or deed of a step.
struct Told {
  std::string what = {};
  std::vector<std::pair<std::string, std::string>> why = {};
};

/// The log's own lines say what was decided and why; of the other requests those that change the world.
std::vector<Told> told_by(core::Effects const& effects) {
  std::vector<Told> told;
  for (auto const& effect : effects) {
    if (auto const* const line = std::get_if<core::effect::Log>(&effect)) {
      if (line->level >= core::LogLevel::info) told.push_back({line->message, line->fields});
      continue;
    }
    for (auto& deed : adapters::acting_effects({effect})) told.push_back({"-> " + std::move(deed), {}});
  }
  return told;
}

json::array array_of(std::vector<std::string> const& lines) {
  return json::array(lines.begin(), lines.end());
}

std::string as_text(adapters::ReplayedStep const& step, Told const& told) {
  auto line = core::to_rfc3339(step.now.wall) + "  " + told.what;
  for (auto const& [key, value] : told.why)
    if (!value.empty()) line += "  " + key + "=" + value;
  return core::without_controls(line);
}

std::string as_json(adapters::ReplayedStep const& step, Told const& told) {
  json::object why;
  for (auto const& [key, value] : told.why) why[key] = value;
  return json::serialize(json::object{{"step", step.number},
                                      {"at", core::to_rfc3339(step.now.wall)},
                                      {"news", step.event},
                                      {"what", told.what},
                                      {"why", std::move(why)}});
}

void print_difference(ReplayOptions const& options, adapters::ReplayedStep const& step, std::size_t line_number) {
  if (options.json)
    return print(json::serialize(json::object{{"step", step.number},
                                              {"line", line_number},
                                              {"news", step.event},
                                              {"expected", array_of(step.expected)},
                                              {"got", array_of(step.got)},
                                              {"unknown_texts", step.unknown_texts}}));
  print("line " + std::to_string(line_number) + ", step " + std::to_string(step.number) + " (" + step.event +
        ") differs:");
  for (auto const& line : step.expected) print("  expected  " + core::without_controls(line));
  if (step.expected.empty()) print("  expected  nothing");
  for (auto const& line : step.got) print("  got       " + core::without_controls(line));
  if (step.got.empty()) print("  got       nothing");
  if (step.unknown_texts > 0)
    print("  texts that the journal does not have were looked at: " + std::to_string(step.unknown_texts));
}

void print_sum(ReplayOptions const& options, Tally const& sum) {
  if (options.json)
    return print(json::serialize(json::object{{"segments", sum.segments},
                                              {"steps", sum.steps},
                                              {"different", sum.different},
                                              {"unreadable", sum.unreadable},
                                              {"lost", sum.lost}}));
  auto const steps = std::to_string(sum.steps) + " steps in " + std::to_string(sum.segments) + " segments";
  if (sum.different > 0)
    print(std::to_string(sum.different) + " of " + steps + " differ");
  else if (!options.quiet)
    print(steps + ": the same decisions");
  if (sum.lost > 0) complain(std::to_string(sum.lost) + " steps were never written: the disk failed or was too slow");
}

class Reading {
 public:
  explicit Reading(ReplayOptions const& options) : options_(options) {}

  void take(std::string_view line, std::size_t number) {
    auto taken = replay_.take(line);
    if (!taken) return refuse(taken.error(), number);
    if (!*taken) return begin_segment();
    settle_torn();
    auto const& step = **taken;
    ++sum_.steps;
    if (!options_.quiet)
      for (auto const& told : told_by(step.effects)) print(options_.json ? as_json(step, told) : as_text(step, told));
    if (step.differs() && sum_.different++ < differences_shown) print_difference(options_, step, number);
  }

  Tally end(bool torn_end) {
    if (torn_end && torn_)
      torn_.reset();
    else
      settle_torn();
    return sum_;
  }

  [[nodiscard]] bool newer() const { return sum_.newer; }

 private:
  void refuse(core::Error const& error, std::size_t number) {
    if (error.kind == core::ErrorKind::unsupported) {
      sum_.newer = true;
      complain("line " + std::to_string(number) + ": " + error.detail);
      return;
    }
    settle_torn();
    torn_ = "line " + std::to_string(number) + ": " + error.detail + "; skipped";
  }

  void begin_segment() {
    torn_.reset();  // a crash or a full disk cut it, and what comes stands for itself
    ++sum_.segments;
    sum_.lost += replay_.segment()->lost;
  }

  void settle_torn() {
    if (!torn_) return;
    complain(*torn_);
    torn_.reset();
    ++sum_.unreadable;
  }

  ReplayOptions const& options_;
  adapters::Replay replay_ = {};
  Tally sum_ = {};
  std::optional<std::string> torn_ = {};  ///< a line that could not be read: perhaps only torn
};

}  // namespace

int run_replay(ReplayOptions const& options) {
  auto const bytes = adapters::read_file(options.path, max_journal_bytes);
  if (!bytes) {
    complain(bytes.error().detail);
    return static_cast<int>(exit_code_of(bytes.error().kind));
  }
  Reading reading(options);
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < bytes->size();) {
    auto const end = std::min(bytes->find('\n', begin), bytes->size());
    auto const line = std::string_view{*bytes}.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (!line.empty()) reading.take(line, number);
    if (reading.newer()) return static_cast<int>(ExitCode::configuration);
  }
  auto const sum = reading.end(!bytes->empty() && bytes->back() != '\n');
  if (sum.segments == 0) complain(options.path + " is no journal: no line in it says what a replay begins from");
  if (sum.segments > 0) print_sum(options, sum);
  bool const good = sum.segments > 0 && sum.different == 0 && sum.unreadable == 0;
  return static_cast<int>(good ? ExitCode::ok : ExitCode::failed);
}

}  // namespace failover::daemon
