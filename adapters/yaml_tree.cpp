#include "adapters/yaml_tree.hpp"

#include "adapters/utf8.hpp"
#include "core/in_quotes.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace failover::adapters {
namespace {

using core::in_quotes;

TextPosition position_of(YAML::Mark const& mark) {
  return mark.is_null() ? TextPosition{} : TextPosition{mark.line + 1, mark.column + 1};
}

/// Ends the parse from within a handler: yaml-cpp knows no other way.
struct Stop {};

// yaml-cpp 0.7 takes the end of the text for a missing closing quote.
bool is_closed(std::string_view text, std::size_t quote_at) {
  char const quote = text[quote_at];
  for (std::size_t at = quote_at + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\')
      ++at;
    else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != '\'') return true;
      ++at;
    }
  }
  return false;
}

/// Builds the tree from yaml-cpp's events. The events of an alias carry its number only, so nothing is ever expanded;
/// the budgets end a parse before its size can hurt.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, YamlLimits limits, int first_line, YamlTree& tree)
      : text_(text), limits_(limits), first_line_(first_line), tree_(tree) {}

  void OnDocumentStart(YAML::Mark const& mark) override {
    if (++documents_ > 1)
      stop(position_of(mark), "a second document begins here: the file must hold one, check '---' and the indentation");
  }
  void OnDocumentEnd() override {}

  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    YamlNode node;
    node.at = position_of(mark);
    if (auto const byte = byte_at(mark); byte == '~') node.text = "~";
    take_scalar(std::move(node));
  }

  void OnAlias(YAML::Mark const& mark, YAML::anchor_t /*anchor*/) override {
    add_problem(position_of(mark), "aliases (*name) are not supported: write the value itself");
    YamlNode node;
    node.kind = YamlNode::Kind::alias;
    node.at = position_of(mark);
    take_scalar(std::move(node));
  }

  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    auto const byte = byte_at(mark);
    if (tag == "!" && (byte == '"' || byte == '\'') && !is_closed(text_, static_cast<std::size_t>(mark.pos)))
      stop(position_of(mark), "the quote that opens here is never closed");
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = value;
    node.quoted = tag == "!";
    node.at = position_of(mark);
    take_scalar(std::move(node));
  }

  void OnSequenceStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::list, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::map, mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    YamlNode node = {};
    bool has_key = false;
    std::string key = {};
    TextPosition key_at = {};
    std::map<std::string, int, std::less<>> lines = {};  ///< of the keys so far
  };

  [[noreturn]] void stop(TextPosition at, std::string message) {
    add_problem(at, std::move(message));
    throw Stop{};
  }

  void add_problem(TextPosition at, std::string message) { tree_.problems.push_back({at, std::move(message)}); }

  // NUL past the end: refused before the parse, so never a byte of the text.
  char byte_at(YAML::Mark const& mark) const {
    auto const at = static_cast<std::size_t>(mark.pos);
    return mark.pos >= 0 && at < text_.size() ? text_[at] : '\0';
  }

  void refuse_anchor(YAML::Mark const& mark, YAML::anchor_t anchor) {
    if (anchor != 0) add_problem(position_of(mark), "anchors (&name) are not supported: write the value alone");
  }

  void refuse_tag(YAML::Mark const& mark, std::string const& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      add_problem(position_of(mark), "tags (!name) are not supported: write the value alone");
  }

  void count_node(TextPosition at) {
    if (++nodes_ > limits_.nodes)
      stop(at, "the file is too large: it has more than " + std::to_string(limits_.nodes) + " keys and values");
  }

  void open(YamlNode::Kind kind, YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor) {
    auto const at = position_of(mark);
    count_node(at);
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (expects_key()) stop(at, "a key must be one word");
    if (frames_.size() >= limits_.depth)
      stop(at, "nested too deep: more than " + std::to_string(limits_.depth) + " levels");
    Frame frame;
    frame.node.kind = kind;
    frame.node.at = at;
    frames_.push_back(std::move(frame));
  }

  void close() {
    auto node = std::move(frames_.back().node);
    frames_.pop_back();
    attach(std::move(node));
  }

  bool expects_key() const {
    return !frames_.empty() && frames_.back().node.kind == YamlNode::Kind::map && !frames_.back().has_key;
  }

  void take_scalar(YamlNode node) {
    count_node(node.at);
    if (!expects_key()) return attach(std::move(node));
    if (node.kind != YamlNode::Kind::scalar) stop(node.at, "a key must be one word");
    auto& frame = frames_.back();
    frame.has_key = true;
    frame.key = std::move(node.text);
    frame.key_at = node.at;
  }

  void attach(YamlNode node) {
    if (frames_.empty()) {
      tree_.root = std::move(node);
      return;
    }
    auto& frame = frames_.back();
    if (frame.node.kind == YamlNode::Kind::map) {
      node.key = std::move(frame.key);
      node.key_at = frame.key_at;
      frame.has_key = false;
      auto const [earlier, fresh] = frame.lines.emplace(node.key, node.key_at.line);
      if (!fresh) {
        add_problem(node.key_at, in_quotes(node.key) + " is written twice: it stands in line " +
                                     std::to_string(earlier->second + first_line_ - 1) + " already");
        return;
      }
    }
    frame.node.items.push_back(std::move(node));
  }

  std::string_view text_;
  YamlLimits limits_;
  int first_line_;
  YamlTree& tree_;
  std::vector<Frame> frames_ = {};
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

std::string_view line_of(std::string_view text, int line) {
  for (; line > 1 && !text.empty(); --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

bool is_indented_by_tab(std::string_view line) {
  return line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

TextProblem syntax_problem(YAML::Exception const& failure, std::string_view text) {
  auto const at = position_of(failure.mark);
  if (is_indented_by_tab(line_of(text, at.line)))
    return {at, "a tab cannot indent YAML: use spaces (" + failure.msg + ")"};
  return {at, "not valid YAML: " + failure.msg};
}

TextPosition position_at(std::string_view text, std::size_t byte) {
  auto const before = text.substr(0, byte);
  auto const last_break = before.rfind('\n');
  auto const column = last_break == std::string_view::npos ? byte : byte - last_break - 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1, static_cast<int>(column) + 1};
}

bool is_unprintable(char byte) {
  return static_cast<unsigned char>(byte) < 0x20U && byte != '\t' && byte != '\n' && byte != '\r';
}

std::size_t sound_length(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    auto const next = first_code_point(text.substr(at));
    if (!next.valid) break;
    at += next.length;
  }
  return at;
}

// Whether the bytes are fit for yaml-cpp, which replaces or cuts what it cannot read.
bool bytes_are_sound(std::string_view text, YamlLimits limits, YamlTree& tree) {
  if (text.size() > limits.bytes) {
    tree.problems.push_back({{}, "the file is too large: more than " + std::to_string(limits.bytes) + " bytes"});
    return false;
  }
  auto const control = std::find_if(text.begin(), text.end(), is_unprintable);
  if (control != text.end()) {
    auto const at = static_cast<std::size_t>(control - text.begin());
    tree.problems.push_back({position_at(text, at), "a control character stands here: the file must be plain text"});
    return false;
  }
  auto const sound = sound_length(text);
  if (sound < text.size()) {
    tree.problems.push_back({position_at(text, sound), "the text is not UTF-8 from here on: save the file as UTF-8"});
    return false;
  }
  return true;
}

void shift(YamlNode& node, int lines) {
  node.at.line += lines;
  node.key_at.line += lines;
  for (auto& item : node.items) shift(item, lines);
}

/// As if the text began in its own first line.
YamlTree parse(std::string_view text, YamlLimits limits, int first_line) {
  YamlTree tree;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!bytes_are_sound(text, limits, tree)) return tree;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(text, limits, first_line, tree);
    while (parser.HandleNextDocument(builder)) {
    }
    tree.complete = true;
  } catch (Stop const&) {  // the builder has said why
  } catch (YAML::Exception const& failure) {
    tree.problems.push_back(syntax_problem(failure, text));
  } catch (std::exception const& failure) {
    tree.problems.push_back({{}, std::string("not valid YAML: ") + failure.what()});
  }
  return tree;
}

}  // namespace

YamlTree parse_yaml(std::string_view text, YamlLimits limits, int first_line) {
  auto tree = parse(text, limits, first_line);
  shift(tree.root, first_line - 1);
  for (auto& problem : tree.problems) problem.at.line += first_line - 1;
  return tree;
}

}  // namespace failover::adapters
