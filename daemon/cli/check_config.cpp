#include "daemon/cli/check_config.hpp"

#include "adapters/pattern_file.hpp"
#include "adapters/utf8.hpp"
#include "adapters/yaml_config.hpp"

#include <cstdio>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace failover::daemon {
namespace {

using adapters::ConfigProblem;
using core::ErrorKind;

constexpr int exit_io = 74;      // EX_IOERR
constexpr int exit_config = 78;  // EX_CONFIG

struct Findings {
  int exit_code = 0;
  std::vector<ConfigProblem> problems = {};
};

Findings find_problems(std::string const& path, adapters::PathContext const& context) {
  if (path.empty())
    return {exit_config, {{"claude-failover.yaml", 1, 1, "no file is named and no home directory is known: name one"}}};
  auto loaded = adapters::load_config_file(path, context, adapters::profiles_beside(path));
  if (loaded) {
    auto problems = std::move(loaded->problems);
    auto const more = adapters::check_pattern_files(adapters::pattern_directory(path));
    problems.insert(problems.end(), more.begin(), more.end());
    return {problems.empty() ? 0 : exit_config, std::move(problems)};
  }
  auto const& error = loaded.error();
  bool const unreadable = error.kind == ErrorKind::io || error.kind == ErrorKind::permission;
  auto const message = error.detail.starts_with(path + ": ") ? error.detail.substr(path.size() + 2) : error.detail;
  return {unreadable ? exit_io : exit_config, {{path, 1, 1, message}}};
}

// A file's name is any bytes, JSON is UTF-8.
std::string as_json(std::vector<ConfigProblem> const& problems) {
  boost::json::array list;
  for (auto const& problem : problems) {
    boost::json::object entry;
    entry["file"] = adapters::repaired_utf8(problem.file);
    entry["line"] = problem.line;
    entry["column"] = problem.column;
    entry["message"] = adapters::repaired_utf8(problem.message);
    list.push_back(std::move(entry));
  }
  return boost::json::serialize(list) + "\n";
}

void print(std::FILE* stream, std::string const& text) {
  (void)std::fwrite(text.data(), 1, text.size(), stream);  // a closed pipe leaves nobody to tell
  (void)std::fflush(stream);
}

}  // namespace

CommandOutput check_config(std::string const& path, ReportFormat format, adapters::PathContext const& context) {
  auto const findings = find_problems(path, context);
  CommandOutput output;
  output.exit_code = findings.exit_code;
  if (format == ReportFormat::json) {
    output.out = as_json(findings.problems);
    return output;
  }
  for (auto const& problem : findings.problems) output.err += to_line(problem) + "\n";
  if (findings.problems.empty()) output.out = path + ": ok\n";
  return output;
}

int run_check_config(std::string const& path, bool json) {
  auto const output =
      check_config(path.empty() ? adapters::default_config_path() : path,
                   json ? ReportFormat::json : ReportFormat::text, adapters::path_context_from_environment());
  print(stdout, output.out);
  print(stderr, output.err);
  return output.exit_code;
}

}  // namespace failover::daemon
