#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace failover::adapters {

/// 1-based; columns count bytes, as compilers count them.
struct TextPosition {
  int line = 1;
  int column = 1;
  auto operator<=>(TextPosition const&) const = default;
};

struct TextProblem {
  TextPosition at = {};
  std::string message = {};
  bool operator==(TextProblem const&) const = default;
};

/// One node of a YAML document, with the place it was read from.
struct YamlNode {
  enum class Kind {
    nothing,  ///< no value, or `null`
    scalar,
    list,
    map,
    alias  ///< `*name`: reported as a problem, never followed
  };
  Kind kind = Kind::nothing;
  std::string text = {};        ///< of a scalar; of nothing `~` when that is what stands there
  bool quoted = false;          ///< a scalar in quotes or a block is text, whatever it looks like
  TextPosition at = {};         ///< of the value
  std::string key = {};         ///< of a map's entry
  TextPosition key_at = {};     ///< of that key
  std::vector<YamlNode> items;  ///< of a list or a map, in the file's order, each key once
};

struct YamlLimits {
  std::size_t bytes = 1 << 20;
  std::size_t nodes = 10'000;
  std::size_t depth = 16;
};

struct YamlTree {
  YamlNode root = {};  ///< what could be read
  std::vector<TextProblem> problems = {};
  bool complete = false;  ///< false: reading stopped at the last problem
};

/// Reads one YAML document of untrusted text, in time linear in it.
///
/// What yaml-cpp passes over in silence is a problem here: repeated keys, a second document, an unclosed quote, bytes
/// that are not UTF-8. Anchors, aliases and tags are refused, and so is what exceeds the limits. An empty text is a
/// complete tree of nothing. Every place is told as of a file in whose line `first_line` the text begins. Never throws.
[[nodiscard]] YamlTree parse_yaml(std::string_view text, YamlLimits limits = {}, int first_line = 1);

}  // namespace failover::adapters
