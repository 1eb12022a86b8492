#include "daemon/cli/classify.hpp"

#include "adapters/pattern_file.hpp"
#include "adapters/zone_lookup.hpp"
#include "core/classify.hpp"
#include "core/rfc3339.hpp"

#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <string_view>

#include <boost/json.hpp>

namespace failover::daemon {
namespace {

namespace json = boost::json;
using core::Error;
using core::ErrorKind;
using core::Result;
using core::WallTime;

constexpr int exit_usage = 64;
constexpr int exit_io = 74;
constexpr std::size_t longest_line = 16UL << 20U;

WallTime clock_now() {
  return std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
}

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object answer_of(json::value id, core::Classification const& seen) {
  json::object out;
  out["id"] = std::move(id);
  out["state"] = core::to_string(seen.state);
  out["scope"] = text_or_null(core::to_string(seen.scope));
  out["window"] = text_or_null(core::to_string(seen.window));
  out["resets_at"] = seen.resets_at ? json::value(core::to_rfc3339(*seen.resets_at)) : json::value(nullptr);
  out["rule"] = text_or_null(seen.rule);
  json::value evidence = nullptr;
  if (seen.evidence.row > 0) evidence = {{"row", seen.evidence.row}, {"text", seen.evidence.text}};
  out["evidence"] = std::move(evidence);
  return out;
}

/// Tables and zones, loaded once and kept for a whole run.
class Detector {
 public:
  Result<core::PatternTable const*> table(std::string const& agent) {
    auto const known = tables_.find(agent);
    if (known != tables_.end()) return &known->second;
    auto loaded = adapters::builtin_pattern_table(agent);
    if (!loaded) return loaded.error();
    return &tables_.emplace(agent, std::move(*loaded)).first->second;
  }

  /// Uses the table in a file for `agent`.
  Result<void> take_table(std::string const& agent, std::string const& path) {
    auto loaded = adapters::load_pattern_file(path);
    if (!loaded) return loaded.error();
    tables_.insert_or_assign(agent, std::move(*loaded));
    return {};
  }

  [[nodiscard]] bool knows_zone(std::string const& zone) const { return zones_(zone, WallTime{}).has_value(); }

  Result<core::Classification> read(std::string const& agent, std::string_view text, WallTime now,
                                    std::string const& tz) {
    auto const found = table(agent);
    if (!found) return found.error();
    if (!tz.empty() && !knows_zone(tz)) return Error{ErrorKind::invalid, "unknown time zone '" + tz + "'"};
    return core::read_screen(**found, text, now, zones_, tz).seen;
  }

 private:
  std::map<std::string, core::PatternTable> tables_;
  core::ZoneLookup zones_ = adapters::system_zones();
};

/// One line of `--jsonl`.
struct Request {
  json::value id = nullptr;
  std::string agent = {};
  std::string text = {};
  WallTime now = {};
  std::string tz = {};
};

Result<std::string> string_field(json::object const& object, char const* name, std::string fallback) {
  auto const* const value = object.if_contains(name);
  if (!value || value->is_null()) return fallback;
  if (!value->is_string()) return Error{ErrorKind::invalid, std::string{name} + ": expected a string"};
  return std::string{value->get_string()};
}

Result<Request> request_of(json::object const& object, ClassifyOptions const& options, WallTime fallback_now) {
  Request request;
  auto agent = string_field(object, "agent", options.agent);
  auto now = string_field(object, "now", {});
  auto tz = string_field(object, "tz", options.tz.value_or(""));
  auto text = string_field(object, "text", {});
  for (auto const* field : {&agent, &now, &tz, &text})
    if (!*field) return field->error();
  if (!object.contains("text")) return Error{ErrorKind::invalid, "text: missing"};
  request.agent = std::move(*agent);
  request.text = std::move(*text);
  request.tz = std::move(*tz);
  request.now = fallback_now;
  if (!now->empty()) {
    auto const parsed = core::from_rfc3339(*now);
    if (!parsed) return Error{ErrorKind::invalid, "now: expected RFC 3339 like 2026-11-22T19:50:19Z"};
    request.now = *parsed;
  }
  return request;
}

json::object answer_line(Detector& detector, std::string_view line, ClassifyOptions const& options,
                         WallTime fallback_now) {
  json::value id = nullptr;
  auto const failed = [&id](std::string const& why) { return json::object{{"id", id}, {"error", why}}; };
  boost::system::error_code error;
  json::value const parsed = json::parse(line, error);
  if (error) return failed("not JSON: " + error.message());
  if (!parsed.is_object()) return failed("expected a JSON object");
  if (auto const* const given = parsed.get_object().if_contains("id")) id = *given;
  auto const request = request_of(parsed.get_object(), options, fallback_now);
  if (!request) return failed(request.error().detail);
  auto const seen = detector.read(request->agent, request->text, request->now, request->tz);
  if (!seen) return failed(seen.error().detail);
  return answer_of(id, *seen);
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

bool print(json::object const& object) {
  std::string line = json::serialize(object);
  line += '\n';
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fflush(stdout) == 0;
}

int complain(int code, std::string const& what) {
  std::fprintf(stderr, "claude-failover: classify: %s\n", what.c_str());
  return code;
}

/// One line without its end; false at the end of the input. What is longer than `longest_line` is read and dropped.
bool read_line(std::FILE* in, std::string& line, bool& too_long) {
  line.clear();
  too_long = false;
  int c = 0;
  while ((c = getc_unlocked(in)) != EOF) {
    if (c == '\n') return true;
    if (line.size() < longest_line)
      line += static_cast<char>(c);
    else
      too_long = true;
  }
  return !line.empty();
}

int classify_lines(Detector& detector, std::FILE* in, ClassifyOptions const& options, std::optional<WallTime> now) {
  std::string line;
  bool too_long = false;
  while (read_line(in, line, too_long)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    json::object answer = too_long ? json::object{{"id", nullptr}, {"error", "line longer than 16 MiB"}}
                                   : answer_line(detector, line, options, now.value_or(clock_now()));
    if (!print(answer)) return complain(exit_io, "cannot write to standard output");
  }
  return std::ferror(in) ? complain(exit_io, "reading failed") : 0;
}

int classify_whole(Detector& detector, std::FILE* in, ClassifyOptions const& options, std::optional<WallTime> now) {
  std::string text;
  char chunk[65536];
  for (std::size_t got = 0; (got = std::fread(chunk, 1, sizeof chunk, in)) > 0;) {
    text.append(chunk, got);
    if (text.size() > 2 * core::max_screen_bytes) text.erase(0, text.size() - core::max_screen_bytes);
  }
  if (std::ferror(in)) return complain(exit_io, "reading failed");
  auto const seen = detector.read(options.agent, text, now.value_or(clock_now()), options.tz.value_or(""));
  if (!seen) return complain(exit_usage, seen.error().detail);
  json::value id = options.file == "-" ? json::value(nullptr) : json::value(options.file);
  return print(answer_of(std::move(id), *seen)) ? 0 : complain(exit_io, "cannot write to standard output");
}

}  // namespace

int run_classify(ClassifyOptions const& options) {
  Detector detector;
  if (!options.patterns.empty())
    if (auto const taken = detector.take_table(options.agent, options.patterns); !taken)
      return complain(exit_usage, "--patterns: " + taken.error().detail);
  auto const table = detector.table(options.agent);
  if (!table) return complain(exit_usage, table.error().detail);
  std::optional<WallTime> now;
  if (options.now) {
    now = core::from_rfc3339(*options.now);
    if (!now) return complain(exit_usage, "--now: expected RFC 3339 like 2026-11-22T19:50:19Z");
  }
  if (options.tz && !options.tz->empty() && !detector.knows_zone(*options.tz))
    return complain(exit_usage, "--tz: unknown time zone '" + *options.tz + "'");
  File opened;
  if (options.file != "-") {
    opened.reset(std::fopen(options.file.c_str(), "rbe"));
    if (!opened) return complain(exit_io, "cannot open " + options.file);
  }
  std::FILE* const in = opened ? opened.get() : stdin;
  return options.jsonl ? classify_lines(detector, in, options, now) : classify_whole(detector, in, options, now);
}

}  // namespace failover::daemon
