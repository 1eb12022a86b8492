#include "adapters/pattern_file.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/embedded.hpp"
#include "adapters/profile_reader.hpp"
#include "core/fold.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

namespace failover::adapters {
namespace {

using core::Error;
using core::ErrorKind;
using core::Layout;
using core::PatternTable;
using core::Result;
using core::Rule;

constexpr int deepest_macro = 4;
constexpr std::size_t longest_template = 4096;
constexpr std::size_t most_macros = 100;

class TableReader {
 public:
  /// `agent`: whose table it must be; "" = anybody's.
  explicit TableReader(std::string source, std::string agent = "")
      : source_(std::move(source)), wanted_(std::move(agent)) {}

  void read(YAML::Node const& root) {
    if (!root.IsMap()) return fault(root, "expected a map with agent, layout, rules");
    for (auto const& entry : root)
      if (!known_.count(entry.first.Scalar())) fault(entry.first, "unknown key '" + entry.first.Scalar() + "'");
    agent_ = text(root["agent"], root, "agent");
    if (!wanted_.empty() && !agent_.empty() && agent_ != wanted_)
      fault(root["agent"], "agent: '" + agent_ + "' in a file named " + wanted_ + ".yaml");
    if (root["extends"])
      begin_from(root["extends"]);
    else if (!root["profile"])
      profile_ = builtin_profile(agent_);
    if (root["layout"]) read_layout(root["layout"]);
    read_list(root["reset_after"], layout_.reset_after);
    if (root["macros"])
      for (auto const& entry : root["macros"]) macros_[entry.first.Scalar()] = entry.second.Scalar();
    if (macros_.size() > most_macros) return fault(root["macros"], "macros: more than 100");
    read_rules(root["rules"]);
    if (root["profile"])
      read_profile(root["profile"], profile_,
                   [this](YAML::Node const& at, std::string const& what) { fault(at, what); });
  }

  void fault(YAML::Mark const& mark, std::string const& what) {
    if (problems_.size() < max_config_problems)
      problems_.push_back({source_, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1, what});
  }

  [[nodiscard]] std::vector<ConfigProblem> const& problems() const { return problems_; }

  PatternTable table() { return {agent_, layout_, std::move(rules_)}; }
  [[nodiscard]] core::AgentProfile const& profile() const { return profile_; }

  /// Whatever the bytes are: takes them, or notes what is wrong with them.
  void read_text(std::string const& yaml_text) {
    if (yaml_text.size() > max_pattern_bytes) return fault(YAML::Mark::null_mark(), "larger than 1 MiB");
    if (yaml_text.find('\0') != std::string::npos) return fault(YAML::Mark::null_mark(), "a NUL byte: no text file");
    try {
      read(YAML::Load(yaml_text));
    } catch (YAML::Exception const& e) {
      fault(e.mark, e.msg);
    } catch (std::exception const& e) {
      fault(YAML::Mark::null_mark(), e.what());
    }
  }

 private:
  void fault(YAML::Node const& node, std::string const& what) { fault(node.Mark(), what); }

  void begin_from(YAML::Node const& name) {
    auto base = builtin_pattern_table(name.Scalar());
    if (!base) {
      fault(name, base.error().detail);
      return;
    }
    layout_ = base->layout();
    inherited_ = base->rules();
    profile_ = builtin_profile(name.Scalar());
  }

  /// What a file without a profile of its own leaves as it is: that of the built-in table of this name, if any.
  static core::AgentProfile builtin_profile(std::string const& agent) {
    if (!embedded_agents().contains(agent)) return unknown_profile();
    auto profile = find_agent_profile(agent, "");
    return profile ? std::move(*profile) : unknown_profile();
  }

  std::string text(YAML::Node const& node, YAML::Node const& owner, char const* name) {
    if (node && node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
    fault(node ? node : owner, std::string{name} + ": a text is missing here");
    return {};
  }

  static std::u32string marks(std::string const& utf8) {
    std::u32string marks;
    for (std::size_t at = 0; at < utf8.size();)
      if (char32_t const c = core::next_code_point(utf8, at); c != U' ' && c != 0xFE0F) marks.push_back(c);
    return marks;
  }

  void read_layout(YAML::Node const& node) {
    std::map<std::string, std::u32string*> const sets{
        {"prompts", &layout_.prompts},   {"bullets", &layout_.bullets},      {"gutters", &layout_.gutters},
        {"spinners", &layout_.spinners}, {"marks", &layout_.marks},          {"selectors", &layout_.selectors},
        {"shells", &layout_.shells},     {"tool_boxes", &layout_.tool_boxes}};
    for (auto const& entry : node) {
      std::string const key = entry.first.Scalar();
      if (auto const set = sets.find(key); set != sets.end())
        *set->second = marks(entry.second.Scalar());
      else if (key == "last_prompt_is_input")
        layout_.last_prompt_is_input = truth(entry.second);
      else if (key == "input_panel")
        layout_.input_panel = truth(entry.second);
      else if (key == "version_after")
        layout_.version_after = core::squeezed(core::fold(entry.second.Scalar())).text;
      else if (key == "output_tools")
        layout_.output_tools = entry.second.as<std::vector<std::string>>();
      else if (key == "footers")
        read_list(entry.second, layout_.footers);
      else if (key == "own_prompts")
        for (auto const& prompt : entry.second) layout_.own_prompts.push_back(prompt.Scalar());
      else if (key == "placeholders")
        layout_.placeholders = entry.second.as<std::vector<std::string>>();
      else
        fault(entry.first, "unknown key '" + key + "' in layout");
    }
  }

  void read_list(YAML::Node const& node, std::vector<std::string>& out) {
    if (!node) return;
    for (auto const& item : node) out.push_back(core::squeezed(core::fold(item.Scalar())).text);
  }

  bool truth(YAML::Node const& node) {
    if (node.Scalar() != "true" && node.Scalar() != "false") fault(node, "expected true or false");
    return node.Scalar() == "true";
  }

  void read_rules(YAML::Node const& node) {
    if (node && !node.IsSequence()) fault(node, "rules: expected a list");
    if (node && node.size() > max_pattern_rules) return fault(node, "rules: more than 1000");
    std::set<std::string> ids;
    if (node && node.IsSequence())
      for (auto const& item : node) {
        if (!item.IsMap()) {
          fault(item, "expected {id: …, class: …, where: […], text: …}");
          continue;
        }
        Rule rule = read_rule(item);
        if (!ids.insert(rule.id).second) fault(item, "a second rule with the id '" + rule.id + "'");
        rules_.push_back(std::move(rule));
      }
    for (auto& rule : inherited_)
      if (!ids.count(rule.id)) rules_.push_back(std::move(rule));
  }

  Rule read_rule(YAML::Node const& item) {
    Rule rule;
    rule.id = text(item["id"], item, "id");
    std::string const meaning = text(item["class"], item, "class");
    for (auto const& entry : item) read_field(entry.first.Scalar(), entry.first, entry.second, rule);
    if (meaning == "companion")
      rule.meaning = core::Meaning::companion;
    else if (meaning == "recovered") {
      rule.meaning = core::Meaning::recovered;
      rule.state = core::ScreenState::idle;
    } else if (meaning == "resume_refused") {
      rule.meaning = core::Meaning::resume_refused;
    } else if (auto const state = core::screen_state_from(meaning))
      rule.state = *state;
    else if (!meaning.empty())
      fault(item["class"], "unknown class '" + meaning + "'");
    if (rule.places == 0) fault(item, "where: at least one place is needed");
    if (!item["text"]) fault(item, "text: a text is missing here");
    if (rule.menu && rule.state != core::ScreenState::quota_exhausted)
      fault(item["menu"], "menu: only a limit's own menu is answered: a rule of class " + meaning + " gets no key");
    return rule;
  }

  void read_field(std::string const& key, YAML::Node const& at, YAML::Node const& value, Rule& rule) {
    if (key == "scope")
      take(core::scope_from(value.Scalar()), rule.scope, value, "scope");
    else if (key == "window")
      take(core::window_from(value.Scalar()), rule.window, value, "window");
    else if (key == "where")
      read_places(value, rule);
    else if (key == "text")
      read_template(value, rule);
    else if (key == "closed")
      rule.closed = truth(value);
    else if (key == "timed")
      rule.timed = truth(value);
    else if (key == "menu")
      rule.menu = truth(value);
    else if (key == "armed")
      rule.armed = truth(value);
    else if (key != "id" && key != "class" && key != "versions" && key != "source")
      fault(at, "unknown key '" + key + "' in a rule");
  }

  template <class T>
  void take(std::optional<T> found, T& field, YAML::Node const& at, char const* what) {
    if (found)
      field = *found;
    else
      fault(at, std::string{"unknown "} + what + " '" + at.Scalar() + "'");
  }

  void read_places(YAML::Node const& node, Rule& rule) {
    if (!node.IsSequence()) fault(node, "where: expected a list of places");
    for (auto const& word : node) {
      auto const place = core::place_from(word.Scalar());
      if (!place)
        fault(word, "unknown place '" + word.Scalar() + "'");
      else
        rule.places = static_cast<std::uint16_t>(rule.places | static_cast<std::uint16_t>(*place));
    }
  }

  void read_template(YAML::Node const& node, Rule& rule) {
    std::size_t const faults = problems_.size();
    std::string const source = expanded(node, node.Scalar(), 0);
    if (problems_.size() > faults) return;
    if (source.size() > longest_template) {
      fault(node, "text: too long with its macros");
      return;
    }
    auto compiled = core::TextTemplate::compile(source);
    if (compiled)
      rule.text = std::move(*compiled);
    else
      fault(node, "text: at byte " + compiled.error().detail);
  }

  std::string expanded(YAML::Node const& node, std::string source, int depth) {
    if (depth > deepest_macro) {
      fault(node, "text: macros nested too deep");
      return {};
    }
    for (auto const& [name, body] : macros_) {
      std::string const gap = "{" + name + "}";
      for (std::size_t at = source.find(gap); at != std::string::npos && source.size() <= longest_template;
           at = source.find(gap, at)) {
        std::size_t const faults = problems_.size();
        std::string const inner = expanded(node, body, depth + 1);
        if (problems_.size() > faults) return {};
        source.replace(at, gap.size(), inner);
        at += inner.size();
      }
    }
    return source;
  }

  std::string source_;
  std::string wanted_;
  std::vector<ConfigProblem> problems_;
  std::string agent_;
  Layout layout_;
  core::AgentProfile profile_ = unknown_profile();
  std::map<std::string, std::string> macros_;
  std::vector<Rule> rules_;
  std::vector<Rule> inherited_;
  std::set<std::string> const known_{"agent", "extends", "layout", "reset_after", "macros", "rules", "profile"};
};

}  // namespace

namespace {

/// What a sound file says, as `take` picks it.
template <class Take>
auto answer(TableReader&& reader, Take take) -> Result<decltype(take(reader))> {
  if (reader.problems().empty()) return take(reader);
  std::string lines;
  for (auto const& problem : reader.problems()) lines += (lines.empty() ? "" : "\n") + to_line(problem);
  return Error{ErrorKind::invalid, std::move(lines)};
}

PatternTable table_of(TableReader& reader) {
  return reader.table();
}

core::AgentProfile profile_of(TableReader& reader) {
  return reader.profile();
}

template <class Take>
auto read_text(std::string const& yaml_text, std::string const& source, Take take) {
  TableReader reader{source};
  reader.read_text(yaml_text);
  return answer(std::move(reader), take);
}

template <class Take>
auto read_builtin(std::string const& agent, Take take) -> decltype(read_text({}, {}, take)) {
  auto const& tables = embedded_agents();
  auto const found = tables.find(agent);
  if (found != tables.end()) return read_text(found->second, "conf/agents/" + agent + ".yaml", take);
  std::string known;
  for (auto const& [name, text] : tables) known += (known.empty() ? "" : ", ") + name;
  return Error{ErrorKind::not_found, "no pattern table for agent '" + agent + "'; known are " + known};
}

template <class Take>
auto read_path(std::string const& path, std::string const& agent, Take take) -> decltype(read_text({}, {}, take)) {
  auto const text = read_file(path, max_pattern_bytes);
  if (!text) return Error{text.error().kind, path + ":1:1: " + text.error().detail};
  TableReader reader{path, agent};
  reader.read_text(*text);
  return answer(std::move(reader), take);
}

template <class Take>
auto find(std::string const& agent, std::string const& directory, Take take) {
  if (directory.empty()) return read_builtin(agent, take);
  auto const path = (std::filesystem::path(directory) / (agent + ".yaml")).string();
  auto found = read_path(path, agent, take);
  if (!found && found.error().kind == ErrorKind::not_found) return read_builtin(agent, take);
  return found;
}

}  // namespace

Result<PatternTable> load_pattern_table(std::string const& yaml_text, std::string const& source_name) {
  return read_text(yaml_text, source_name, table_of);
}

Result<core::AgentProfile> load_agent_profile(std::string const& yaml_text, std::string const& source_name) {
  return read_text(yaml_text, source_name, profile_of);
}

Result<PatternTable> builtin_pattern_table(std::string const& agent) {
  return read_builtin(agent, table_of);
}

Result<PatternTable> load_pattern_file(std::string const& path) {
  return read_path(path, "", table_of);
}

std::string pattern_directory(std::string const& config_path) {
  return config_path.empty() ? "" : (std::filesystem::path(config_path).parent_path() / "agents").string();
}

Result<PatternTable> find_pattern_table(std::string const& agent, std::string const& directory) {
  return find(agent, directory, table_of);
}

Result<core::AgentProfile> find_agent_profile(std::string const& agent, std::string const& directory) {
  return find(agent, directory, profile_of);
}

ProfileLookup profiles_beside(std::string const& config_path) {
  return [directory = pattern_directory(config_path)](std::string const& agent) {
    return find_agent_profile(agent, directory);
  };
}

std::vector<ConfigProblem> check_pattern_files(std::string const& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(directory, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (entry->path().extension() == ".yaml") paths.push_back(entry->path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<ConfigProblem> problems;
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
    problems.push_back({directory, 1, 1, "cannot be listed: " + error.message()});
  for (auto const& path : paths) {
    auto const text = read_file(path, max_pattern_bytes);
    if (!text) {
      problems.push_back({path, 1, 1, text.error().detail});
      continue;
    }
    TableReader reader{path, std::filesystem::path(path).stem().string()};
    reader.read_text(*text);
    problems.insert(problems.end(), reader.problems().begin(), reader.problems().end());
  }
  return problems;
}

}  // namespace failover::adapters
