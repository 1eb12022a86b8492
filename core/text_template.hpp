#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failover::core {

/// A line of an agent's screen with gaps, matched from the start of a text.
///
/// The language: plain text; `(a|b)` one of several; `(a)?` perhaps; `{n}` one or more digits; `{w}` one or more
/// letters, digits or `-_/+$%'`, also '.' before a digit; `{*}` anything, also nothing; `{end}` the end of a row; `\`
/// before a special character takes it literally. White space means nothing, in the template and in the text, and case
/// neither: an agent breaks its rows anywhere, also inside words. There is no way to write a template whose matching
/// takes more than (length of template × length of text) steps.
class TextTemplate {
 public:
  /// Fails with `invalid` and a detail that begins with the byte offset of the fault in `source`.
  [[nodiscard]] static Result<TextTemplate> compile(std::string_view source);

  /// The end of the shortest match that begins at `from`. `text` is squeezed (see below).
  [[nodiscard]] std::optional<std::size_t> match(std::string_view text, std::size_t from) const;

  /// Strings of which every matching text contains at least one; empty when there is no such set.
  [[nodiscard]] std::vector<std::string> const& required() const { return required_; }

 private:
  friend class TemplateCompiler;
  enum class Op : std::uint8_t { byte, digit, word, any, split, end_of_row, accept };
  struct Step {
    Op op = Op::accept;
    char byte = '\0';
    std::uint16_t next = 0;
    std::uint16_t other = 0;  ///< of a split
  };

  std::vector<Step> steps_;
  std::uint16_t start_ = 0;
  std::vector<std::string> required_;
};

/// Folded text as templates match it: lower case, no spaces, '\n' where a row ended. `origin[i]` is where byte i
/// stood in the text that was squeezed.
struct Squeezed {
  std::string text = {};
  std::vector<std::uint32_t> origin = {};
};

[[nodiscard]] Squeezed squeezed(std::string_view folded);

inline constexpr std::size_t max_template_steps = 1024;

}  // namespace failover::core
