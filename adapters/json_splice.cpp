#include "adapters/json_splice.hpp"

#include "core/expects.hpp"

#include <algorithm>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/string_view.hpp>

namespace failover::adapters {
namespace {

constexpr std::string_view default_unit = "  ";

struct Layout {
  std::string line_break = {};  ///< "" = all on one line
  std::string unit = {};        ///< of indentation
  std::string indent = {};      ///< of the line that a piece begins on
  std::string colon = ": ";
};

std::string_view between(std::string_view text, std::size_t begin, std::size_t end) {
  return text.substr(begin, end - begin);
}

std::vector<TextRange> child_ranges(JsonText const& json, JsonValue const& container) {
  std::vector<TextRange> ranges;
  if (container.kind == JsonKind::object)
    for (auto const& member : json.members(container)) ranges.push_back(member.range);
  else
    for (auto const& element : json.elements(container)) ranges.push_back(element.range);
  return ranges;
}

/// The white space before a child.
std::string_view lead_of(std::string_view text, JsonValue const& container, std::vector<TextRange> const& children,
                         std::size_t index) {
  auto const begin =
      index == 0 ? container.range.begin + 1 : skip_json_space(text, children[index - 1].end) + 1;  // after the comma
  return between(text, begin, children[index].begin);
}

std::string line_break_in(std::string_view space) {
  auto const at = space.find('\n');
  if (at == std::string_view::npos) return {};
  return at > 0 && space[at - 1] == '\r' ? "\r\n" : "\n";
}

std::string after_last_break(std::string_view space) {
  return std::string(space.substr(space.rfind('\n') + 1));
}

/// The indentation of the line that a byte stands on.
std::string line_indent(std::string_view text, std::size_t offset) {
  auto const line_break = text.substr(0, offset).rfind('\n');
  auto const begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  auto const end = std::min(text.find_first_not_of(" \t", begin), offset);
  return std::string(between(text, begin, end));
}

std::string without_prefix(std::string text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// How the outermost members are written: the whole file's style.
Layout layout_of(JsonText const& json) {
  auto const text = json.text();
  auto const root = json.root();
  auto const members = json.members(root);
  if (members.empty()) {
    auto const line_break = line_break_in(text);
    return {line_break.empty() ? "\n" : line_break, std::string(default_unit), "", ": "};
  }
  auto const lead = between(text, root.range.begin + 1, members[0].range.begin);
  Layout layout;
  layout.line_break = line_break_in(lead);
  if (!layout.line_break.empty())
    layout.unit = without_prefix(after_last_break(lead), line_indent(text, root.range.begin));
  auto const value = members[0].value.range.begin;
  auto const colon = between(text, text.rfind(':', value - 1), value);
  layout.colon = colon.find('\n') == std::string_view::npos ? colon : ": ";
  return layout;
}

/// Lays out JSON that has no white space outside of its strings.
class Writer {
 public:
  explicit Writer(Layout const& layout) : layout_(layout) {}

  std::string run(std::string_view compact) {
    for (std::size_t at = 0; at < compact.size(); ++at) {
      char const c = compact[at];
      if (in_string_)
        inside_string(c);
      else
        outside(c, at > 0 && (compact[at - 1] == '{' || compact[at - 1] == '['));
    }
    return std::move(out_);
  }

 private:
  void inside_string(char c) {
    out_.push_back(c);
    if (!escaped_ && c == '"') in_string_ = false;
    escaped_ = !escaped_ && c == '\\';
  }

  void outside(char c, bool first) {
    bool const closes = c == '}' || c == ']';
    if (closes) --depth_;
    if (closes ? !first : first) new_line();
    if (c == ':') {
      out_ += layout_.colon;
      return;
    }
    out_.push_back(c);
    in_string_ = c == '"';
    if (c == '{' || c == '[') ++depth_;
    if (c != ',') return;
    if (layout_.line_break.empty() && layout_.colon != ":") out_.push_back(' ');
    new_line();
  }

  void new_line() {
    if (layout_.line_break.empty()) return;
    out_ += layout_.line_break + layout_.indent;
    for (int level = 0; level < depth_; ++level) out_ += layout_.unit;
  }

  Layout const& layout_;
  std::string out_ = {};
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

std::string inserted(std::string_view text, std::size_t at, std::string const& bytes) {
  return with_replaced(text, {at, at}, bytes);
}

std::string in_empty(JsonText const& json, JsonValue const& container, std::string_view piece) {
  auto const text = json.text();
  auto layout = layout_of(json);
  auto const at = container.range.begin + 1;
  if (layout.line_break.empty()) return inserted(text, at, Writer{layout}.run(piece));
  auto const closing = layout.line_break + line_indent(text, container.range.begin);
  layout.indent = line_indent(text, container.range.begin) + layout.unit;
  return inserted(text, at, layout.line_break + layout.indent + Writer{layout}.run(piece) + closing);
}

/// The line break and indentation that in_empty put before the closing bracket; none where a person wrote otherwise.
std::size_t closing_size(std::string_view text, JsonValue const& container, TextRange child) {
  auto const line_break = line_break_in(between(text, container.range.begin + 1, child.begin));
  if (line_break.empty()) return 0;
  auto const closing = line_break + line_indent(text, container.range.begin);
  return text.substr(child.end).starts_with(closing) ? closing.size() : 0;
}

}  // namespace

std::string json_quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view{text.data(), text.size()});
}

std::string with_appended(JsonText const& json, JsonValue const& container, std::string_view piece) {
  auto const text = json.text();
  auto const children = child_ranges(json, container);
  if (children.empty()) return in_empty(json, container, piece);
  auto layout = layout_of(json);
  auto const lead = lead_of(text, container, children, children.size() - 1);
  layout.line_break = line_break_in(lead);
  auto separator = std::string(lead);
  if (layout.line_break.empty()) {
    if (lead.empty() && layout.colon != ":") separator = " ";
  } else {
    layout.indent = after_last_break(lead);
    if (layout.unit.empty()) layout.unit = default_unit;
    separator = layout.line_break + layout.indent;
  }
  return inserted(text, children.back().end, "," + separator + Writer{layout}.run(piece));
}

std::string without_element(JsonText const& json, JsonValue const& container, std::size_t index) {
  auto const text = json.text();
  auto const children = child_ranges(json, container);
  EXPECTS(index < children.size());
  if (index > 0) return with_replaced(text, {children[index - 1].end, children[index].end}, "");
  if (children.size() > 1) return with_replaced(text, {children[0].begin, children[1].begin}, "");
  auto const end = children[0].end + closing_size(text, container, children[0]);
  return with_replaced(text, {container.range.begin + 1, end}, "");
}

std::string with_replaced(std::string_view text, TextRange range, std::string_view bytes) {
  std::string result;
  result.reserve(text.size() + bytes.size());
  result.append(text.substr(0, range.begin)).append(bytes).append(text.substr(range.end));
  return result;
}

}  // namespace failover::adapters
