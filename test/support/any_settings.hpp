#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace failover::test {

/// Settings of an agent as people and programs write them: any layout, hooks of their own, any status line. The same
/// seed gives the same text.
class AnySettings {
 public:
  explicit AnySettings(unsigned seed) : engine_(seed) {}

  std::string text() {
    choose_layout();
    std::vector<std::string> members;
    for (auto count = pick(4); count > 0; --count) members.push_back(name(pick(1000)) + value(1, 3));
    if (pick(3) > 0) members.push_back(key("hooks") + hooks());
    if (pick(2) > 0) members.push_back(key("statusLine") + status_line());
    if (pick(4) == 0) members.push_back(key("permissions") + list(1, {edit_here(), string()}));
    std::shuffle(members.begin(), members.end(), engine_);
    std::string const mark = pick(8) == 0 ? "\xEF\xBB\xBF" : "";
    return mark + (pick(6) == 0 ? any_space() : "") + object(0, members) + end();
  }

  /// A string that stands in about every fourth text, for an edit in between.
  static constexpr std::string_view edited_word = "EDIT-HERE";

  std::size_t pick(std::size_t count) { return engine_() % count; }

 private:
  enum class Spacing { pretty, compact, spaced, chaos };

  void choose_layout() {
    static std::vector<std::string> const units = {"  ", "    ", "\t", "", "   "};
    spacing_ = static_cast<Spacing>(pick(4));
    unit_ = units[pick(units.size())];
    line_break_ = pick(4) == 0 ? "\r\n" : "\n";
    colon_ = spacing_ == Spacing::compact || pick(4) == 0 ? ":" : ": ";
  }

  std::string end() {
    static std::vector<std::string> const ends = {"", "\n", "\r\n", "\n\n", "  ", " \t\n"};
    return ends[pick(ends.size())];
  }

  std::string any_space() {
    static std::vector<std::string> const spaces = {"", "", " ", "\n", "\r\n", "\t", "\n  ", "   ", "\n\n\t", " \r"};
    return spaces[pick(spaces.size())];
  }

  /// White space before an element, or before the closing bracket.
  std::string space(int depth) {
    if (spacing_ == Spacing::chaos) return any_space();
    if (spacing_ != Spacing::pretty) return "";
    auto text = line_break_;
    for (int level = 0; level < depth; ++level) text += unit_;
    return text;
  }

  std::string enclosed(char open, char close, int depth, std::vector<std::string> const& children) {
    std::string text(1, open);
    if (children.empty()) return text + (pick(3) == 0 ? any_space() : "") + close;
    for (std::size_t at = 0; at < children.size(); ++at) {
      if (at > 0) text += spacing_ == Spacing::chaos ? any_space() + "," : spacing_ == Spacing::spaced ? ", " : ",";
      text += space(depth + 1) + children[at];
    }
    return text + space(depth) + close;
  }

  std::string object(int depth, std::vector<std::string> const& members) { return enclosed('{', '}', depth, members); }
  std::string list(int depth, std::vector<std::string> const& elements) { return enclosed('[', ']', depth, elements); }

  /// A name with its colon; now and then its first letter is an escape.
  std::string key(std::string const& name) {
    static constexpr std::string_view digits = "0123456789abcdef";
    auto const first = static_cast<unsigned char>(name[0]);
    auto const escape = std::string("\\u00") + digits[first >> 4] + digits[first & 15];
    auto const written = pick(12) == 0 ? escape + name.substr(1) : name;
    auto const colon = spacing_ == Spacing::chaos ? any_space() + ":" + any_space() : colon_;
    return "\"" + written + "\"" + colon;
  }
  std::string name(std::size_t number) { return key("k" + std::to_string(number) + "_" + std::to_string(names_++)); }

  std::string string() {
    static std::vector<std::string> const pieces = {
        "a", "é", "日本", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u0027", "\\u00e9",        "'",
        " ", "{", "]",    ",", ":",   "/bin", "$x",   "\\t", "//x",     "\\ud83d\\ude00", "\\u0000"};
    std::string text = "\"";
    for (auto count = pick(6); count > 0; --count) text += pieces[pick(pieces.size())];
    return text + "\"";
  }

  std::string edit_here() { return "\"" + std::string(edited_word) + "\""; }

  std::string value(int depth, int levels) {
    static std::vector<std::string> const scalars = {
        "0",    "-1",   "2.50",  "1e3", "-0.0E-2",         "123456789012345678901",
        "true", "null", "false", "1.0", "9007199254740993"};
    auto const kind = pick(levels > 0 ? 5 : 3);
    if (kind == 0) return scalars[pick(scalars.size())];
    if (kind < 3) return string();
    std::vector<std::string> children;
    for (auto count = pick(4); count > 0; --count)
      children.push_back((kind == 3 ? name(pick(9)) : std::string()) + value(depth + 1, levels - 1));
    return kind == 3 ? object(depth, children) : list(depth, children);
  }

  std::string hooks() {
    static std::vector<std::string> const events = {"SessionStart", "UserPromptSubmit", "Stop",       "StopFailure",
                                                    "Notification", "SessionEnd",       "PreToolUse", "PostToolUse"};
    std::vector<std::string> members;
    auto const share = pick(4);
    for (auto const& event : events)
      if (pick(4) < share) members.push_back(key(event) + groups());
    std::shuffle(members.begin(), members.end(), engine_);
    return object(1, members);
  }

  std::string groups() {
    std::vector<std::string> elements;
    for (auto count = pick(3); count > 0; --count) elements.push_back(group());
    return list(2, elements);
  }

  std::string group() {
    std::vector<std::string> hooks;
    for (auto count = pick(3); count > 0; --count) hooks.push_back(hook());
    std::vector<std::string> members = {key("hooks") + list(4, hooks)};
    if (pick(2) == 0) members.push_back(key("matcher") + string());
    std::shuffle(members.begin(), members.end(), engine_);
    return object(3, members);
  }

  std::string hook() {
    std::vector<std::string> members = {key("type") + "\"command\"", key("command") + string()};
    if (pick(2) == 0) members.push_back(key("timeout") + "5");
    std::shuffle(members.begin(), members.end(), engine_);
    return object(5, members);
  }

  std::string status_line() {
    if (pick(8) == 0) return pick(2) == 0 ? "null" : "{}";
    std::vector<std::string> members = {key("type") + "\"command\"", key("command") + string()};
    if (pick(2) == 0) members.push_back(key("padding") + "0");
    std::shuffle(members.begin(), members.end(), engine_);
    return object(1, members);
  }

  std::mt19937 engine_;
  Spacing spacing_ = Spacing::pretty;
  std::string unit_ = {};
  std::string line_break_ = {};
  std::string colon_ = {};
  int names_ = 0;
};

}  // namespace failover::test
