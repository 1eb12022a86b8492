#include "adapters/yaml_config.hpp"

#include "adapters/config_reader.hpp"
#include "adapters/yaml_tree.hpp"
#include "core/agent_profile.hpp"
#include "core/config_check.hpp"

#include <algorithm>
#include <utility>

namespace failover::adapters {
namespace {

std::string directory_of_file(std::string const& file_name, PathContext const& context) {
  auto const absolute =
      resolve_path(file_name.starts_with('~') ? "./" + file_name : file_name, context.working_dir, "");
  return absolute && !absolute->empty() ? parent_of(*absolute) : context.working_dir;
}

// What the table calls derived.
void fill_derived_paths(core::Config& config, PathContext const& context) {
  auto const fill = [](std::string& path, std::string const& value) {
    if (path.empty()) path = value;
  };
  auto const below = [](std::string const& directory, std::string_view name) {
    return directory.empty() ? directory : directory + "/" + std::string(name);
  };
  fill(config.switching.link, below(context.home, ".claude"));
  fill(config.state.dir, context.state_dir);
  fill(config.state.runtime, context.runtime_dir);
  fill(config.state.runtime, below(config.state.dir, "run"));
  fill(config.dispatcher.queue, below(config.state.dir, "queue"));
  fill(config.sessions.pool.workdir, context.home);
  for (auto& session : config.sessions.dedicated) fill(session.workdir, context.home);
}

// Places that were not written follow state.dir: what is wrong with it is said once.
bool follows_state_dir(core::ConfigFault const& fault, ConfigReader const& reader) {
  return (fault.path == "dispatcher.queue" || fault.path == "state.runtime") && !reader.stands_in_file(fault.path);
}

void report_faults(core::Config const& config, ConfigReader& reader) {
  auto const faults = core::check_config(config);
  bool const state_dir_faulty =
      std::any_of(faults.begin(), faults.end(), [](auto const& fault) { return fault.path == "state.dir"; });
  for (auto const& fault : faults)
    if (!state_dir_faulty || !follows_state_dir(fault, reader)) reader.report_fault(fault.path, fault.message);
}

// Its file's own faults are told where that file is read.
void take_profile(core::Config& config, ProfileLookup const& find_profile, ConfigReader& reader) {
  auto const& agent = config.sessions.agent;
  if (agent.empty() || agent.find('/') != std::string::npos) return;  // no name of a file, as the check will tell
  auto profile = find_profile(agent);
  if (profile)
    core::use_profile(config, std::move(*profile));
  else if (profile.error().kind == core::ErrorKind::not_found)
    reader.report_fault("sessions.agent", profile.error().detail);
}

std::vector<ConfigProblem> in_file_order(std::vector<TextProblem> problems, std::string const& file_name) {
  std::stable_sort(problems.begin(), problems.end(), [](auto const& a, auto const& b) { return a.at < b.at; });
  std::vector<ConfigProblem> result;
  for (auto& problem : problems) {
    if (result.size() + 1 == max_config_problems && problems.size() > max_config_problems) {
      auto const left = problems.size() - result.size();
      result.push_back({file_name, problem.at.line, problem.at.column,
                        std::to_string(left) + " more problems from here on: cure those above first"});
      break;
    }
    result.push_back({file_name, problem.at.line, problem.at.column, std::move(problem.message)});
  }
  return result;
}

}  // namespace

LoadedConfig load_config(std::string const& yaml_text, std::string const& file_name, PathContext const& context,
                         ProfileLookup const& find_profile) {
  LoadedConfig loaded;
  auto tree = parse_yaml(yaml_text, {.bytes = max_config_bytes});
  auto problems = std::move(tree.problems);
  if (tree.complete) {
    ConfigReader reader(directory_of_file(file_name, context), context.home, problems);
    loaded.config = reader.read(tree.root);
    fill_derived_paths(loaded.config, context);
    if (find_profile) take_profile(loaded.config, find_profile, reader);
    report_faults(loaded.config, reader);
  }
  loaded.problems = in_file_order(std::move(problems), file_name);
  return loaded;
}

std::string to_line(ConfigProblem const& problem) {
  return problem.file + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": " +
         problem.message;
}

}  // namespace failover::adapters
