#pragma once

#include "adapters/yaml_tree.hpp"
#include "core/config_keys.hpp"
#include "core/result.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace failover::adapters {

/// Walks a YAML tree by the table of core/config_keys: what the table knows becomes a typed value, everything else a
/// problem at its place in the text. Remembers where each key stood.
class ConfigReader {
 public:
  /// Appends to `problems`, which must outlive the reader.
  ConfigReader(std::string base_dir, std::string home, std::vector<TextProblem>& problems)
      : base_dir_(std::move(base_dir)), home_(std::move(home)), problems_(problems) {}

  [[nodiscard]] core::Config read(YamlNode const& root);

  /// Reports a fault of the key `path` at its place, or at that of the section around it when it was not written.
  /// Silent where that key, or what is around it, was already reported as unreadable.
  void report_fault(std::string const& path, std::string const& message);

  [[nodiscard]] bool stands_in_file(std::string const& path) const;

 private:
  void read_section(YamlNode const& node, std::string const& section, core::Config& config);
  void read_entry(YamlNode const& node, std::string const& path, core::Config& config);
  template <class Owner>
  void read_elements(YamlNode const& node, std::string const& path, std::span<core::Key<Owner> const> keys,
                     std::vector<Owner>& elements);
  template <class Owner>
  void read_element(YamlNode const& node, std::string const& path, std::span<core::Key<Owner> const> keys,
                    Owner& element);
  template <class Owner>
  void read_value(YamlNode const& node, std::string const& path, core::Key<Owner> const& key, Owner& owner);
  bool expect(YamlNode const& node, YamlNode::Kind kind, std::string const& path, std::string const& expected);
  void report_unknown(YamlNode const& node, std::string const& section, std::vector<std::string_view> const& known);
  void report_unreadable(YamlNode const& node, std::string const& path, std::string const& message);
  void remember(std::string const& path, TextPosition at);

  std::string base_dir_;
  std::string home_;
  std::vector<TextProblem>& problems_;
  std::map<std::string, TextPosition> places_ = {};
  std::set<std::string> unreadable_ = {};
};

}  // namespace failover::adapters
