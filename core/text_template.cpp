#include "core/text_template.hpp"

#include "core/fold.hpp"

#include <algorithm>
#include <array>

namespace failover::core {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || std::string_view{"-_./+$%'"}.find(c) != std::string_view::npos;
}

/// What one part of a template demands: strings one of which must occur, and whether the part is one plain string.
struct Demand {
  std::vector<std::string> strings = {};
  bool literal = false;
  [[nodiscard]] std::size_t strength() const {
    std::size_t weakest = strings.empty() ? 0 : std::string::npos;
    for (auto const& s : strings) weakest = std::min(weakest, s.size());
    return weakest;
  }
};

}  // namespace

/// Recursive descent over the template; each part is compiled with the step that follows it, so back to front.
class TemplateCompiler {
 public:
  explicit TemplateCompiler(std::string_view source) : source_(source) {}

  Result<TextTemplate> run() {
    auto tree = alternatives(0);
    if (error_.empty() && at_ < source_.size()) fail("unmatched ')'");
    if (!error_.empty()) return Error{ErrorKind::invalid, std::to_string(at_) + ": " + error_};
    std::uint16_t const accept = emit({TextTemplate::Op::accept, '\0', 0, 0});
    out_.start_ = build(tree, accept);
    if (out_.steps_.size() > max_template_steps) return Error{ErrorKind::invalid, "0: template too long"};
    if (out_.steps_.size() < 2) return Error{ErrorKind::invalid, "0: empty template"};
    Demand const demand = demanded(tree);
    out_.required_ = demand.strings;
    return std::move(out_);
  }

 private:
  using Op = TextTemplate::Op;
  enum class Form { text, digits, word, anything, end_of_row, sequence, choice };
  struct Node {
    Form form = Form::text;
    std::string text = {};
    std::vector<Node> parts = {};
    bool optional = false;
  };

  void fail(char const* why) {
    if (error_.empty()) error_ = why;
  }

  Node alternatives(int depth) {
    Node choice{Form::choice, {}, {}, false};
    if (depth > 16) {
      fail("nested too deep");
      return choice;
    }
    choice.parts.push_back(sequence(depth));
    while (error_.empty() && at_ < source_.size() && source_[at_] == '|') {
      ++at_;
      choice.parts.push_back(sequence(depth));
    }
    return choice.parts.size() == 1 ? choice.parts.front() : choice;
  }

  Node sequence(int depth) {
    Node all{Form::sequence, {}, {}, false};
    while (error_.empty() && at_ < source_.size() && source_[at_] != '|' && source_[at_] != ')') {
      if (source_[at_] == '(')
        all.parts.push_back(group(depth));
      else if (source_[at_] == '{')
        all.parts.push_back(gap());
      else
        all.parts.push_back(plain());
    }
    return all;
  }

  Node group(int depth) {
    ++at_;
    Node inner = alternatives(depth + 1);
    if (at_ >= source_.size() || source_[at_] != ')') {
      fail("'(' without ')'");
      return inner;
    }
    ++at_;
    if (at_ < source_.size() && source_[at_] == '?') {
      ++at_;
      Node maybe{Form::sequence, {}, {}, true};
      maybe.parts.push_back(std::move(inner));
      return maybe;
    }
    return inner;
  }

  Node gap() {
    std::size_t const close = source_.find('}', at_);
    if (close == std::string_view::npos) {
      fail("'{' without '}'");
      return {};
    }
    std::string_view const name = source_.substr(at_ + 1, close - at_ - 1);
    Form form = Form::text;
    if (name == "n")
      form = Form::digits;
    else if (name == "w")
      form = Form::word;
    else if (name == "*")
      form = Form::anything;
    else if (name == "end")
      form = Form::end_of_row;
    else {
      fail("unknown gap; known are {n}, {w}, {*}, {end} and the file's macros");
      return {};
    }
    at_ = close + 1;
    return {form, {}, {}, false};
  }

  Node plain() {
    std::string text;
    if (source_[at_] == '?') {
      fail("'?' stands only after ')'; write \\? for the sign itself");
      return {};
    }
    while (at_ < source_.size() && std::string_view{"(){}|?"}.find(source_[at_]) == std::string_view::npos) {
      if (source_[at_] == '\\' && at_ + 1 < source_.size()) ++at_;
      text += source_[at_++];
    }
    if (text.empty()) fail("unexpected '}'");
    return {Form::text, squeezed(fold(text)).text, {}, false};
  }

  std::uint16_t emit(TextTemplate::Step step) {
    if (out_.steps_.size() <= max_template_steps) out_.steps_.push_back(step);
    return static_cast<std::uint16_t>(out_.steps_.size() - 1);
  }

  /// One or more of what `op` takes, then `next`.
  std::uint16_t repeated(Op op, std::uint16_t next) {
    std::uint16_t const split = emit({Op::split, '\0', 0, next});
    std::uint16_t const take = emit({op, '\0', split, 0});
    out_.steps_[split].next = take;
    return op == Op::any ? split : take;
  }

  std::uint16_t build(Node const& node, std::uint16_t next) {
    std::uint16_t const entry = build_once(node, next);
    return node.optional ? emit({Op::split, '\0', entry, next}) : entry;
  }

  std::uint16_t build_once(Node const& node, std::uint16_t next) {
    switch (node.form) {
      case Form::text:
        for (auto c = node.text.rbegin(); c != node.text.rend(); ++c) next = emit({Op::byte, *c, next, 0});
        return next;
      case Form::digits:
        return repeated(Op::digit, next);
      case Form::word:
        return repeated(Op::word, next);
      case Form::anything:
        return repeated(Op::any, next);
      case Form::end_of_row:
        return emit({Op::end_of_row, '\0', next, 0});
      case Form::sequence:
        for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) next = build(*part, next);
        return next;
      case Form::choice: {
        std::uint16_t entry = build(node.parts.back(), next);
        for (auto part = std::next(node.parts.rbegin()); part != node.parts.rend(); ++part) {
          std::uint16_t const branch = build(*part, next);
          entry = emit({Op::split, '\0', branch, entry});
        }
        return entry;
      }
    }
    return next;
  }

  static Demand demanded(Node const& node) {
    if (node.optional) return {};
    if (node.form == Form::text) return {{node.text}, true};
    if (node.form == Form::choice) {
      Demand all;
      for (auto const& part : node.parts) {
        Demand const one = demanded(part);
        if (one.strings.empty()) return {};
        all.strings.insert(all.strings.end(), one.strings.begin(), one.strings.end());
      }
      return all;
    }
    Demand best;
    for (auto const& part : node.parts) {
      Demand const one = demanded(part);
      if (one.strength() > best.strength()) best = one;
    }
    return best;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::string error_;
  TextTemplate out_;
};

Result<TextTemplate> TextTemplate::compile(std::string_view source) {
  return TemplateCompiler{source}.run();
}

namespace {

/// The steps alive at one position, in a set that forgets in constant time.
class StepSet {
 public:
  void clear() { size_ = 0; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  bool add(std::uint16_t step) {
    if (place_[step] < size_ && members_[place_[step]] == step) return false;
    place_[step] = static_cast<std::uint16_t>(size_);
    members_[size_++] = step;
    return true;
  }
  [[nodiscard]] std::uint16_t const* begin() const { return members_.data(); }
  [[nodiscard]] std::uint16_t const* end() const { return members_.data() + size_; }

 private:
  std::array<std::uint16_t, max_template_steps + 1> members_;
  std::array<std::uint16_t, max_template_steps + 1> place_{};
  std::size_t size_ = 0;
};

}  // namespace

std::optional<std::size_t> TextTemplate::match(std::string_view text, std::size_t from) const {
  if (steps_.empty()) return std::nullopt;
  StepSet sets[2];
  std::vector<std::uint16_t> open;
  bool accepted = false;
  auto const enter = [&](StepSet& set, std::uint16_t step, bool at_row_end) {
    open.push_back(step);
    while (!open.empty()) {
      std::uint16_t const current = open.back();
      open.pop_back();
      Step const& s = steps_[current];
      if ((s.op == Op::end_of_row && !at_row_end) || !set.add(current)) continue;
      if (s.op == Op::accept) accepted = true;
      if (s.op == Op::split) open.push_back(s.other);
      if (s.op == Op::split || s.op == Op::end_of_row) open.push_back(s.next);
    }
  };

  StepSet* now = &sets[0];
  StepSet* then = &sets[1];
  for (std::size_t at = from;; ++at) {
    bool const row_end = at >= text.size() || text[at] == '\n';
    if (at == from) enter(*now, start_, row_end);
    if (accepted) return at;
    if (at >= text.size() || now->empty()) return std::nullopt;
    char const c = text[at];
    if (c == '\n') continue;
    bool const digit_follows = at + 1 < text.size() && is_digit(text[at + 1]);
    bool const next_ends = at + 1 >= text.size() || text[at + 1] == '\n';
    then->clear();
    for (std::uint16_t const step : *now) {
      Step const& s = steps_[step];
      bool const takes = (s.op == Op::byte && s.byte == c) || s.op == Op::any || (s.op == Op::digit && is_digit(c)) ||
                         (s.op == Op::word && is_word(c) && (c != '.' || digit_follows));
      if (takes) enter(*then, s.next, next_ends);
    }
    std::swap(now, then);
  }
}

Squeezed squeezed(std::string_view folded) {
  Squeezed out;
  out.text.reserve(folded.size());
  out.origin.reserve(folded.size());
  for (std::size_t i = 0; i < folded.size(); ++i) {
    if (folded[i] == ' ') continue;
    out.text += lowered(folded[i]);
    out.origin.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

}  // namespace failover::core
