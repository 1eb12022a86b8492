#include "adapters/json_scanner.hpp"

#include "adapters/json_text.hpp"
#include "adapters/utf8.hpp"

#include <optional>
#include <string>

namespace failover::adapters {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Goes over the text once. Every step returns false after it has noted the first mistake.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t begin) : text_(text), at_(begin) {}

  core::Result<void> run() {
    if (value(0) && at_end()) return {};
    return error_at(text_, mistake_at_, mistake_);
  }

 private:
  bool fail(std::size_t at, std::string what) {
    mistake_at_ = at;
    mistake_ = std::move(what);
    return false;
  }

  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }

  bool space() {
    at_ = skip_json_space(text_, at_);
    return peek() != '/' || fail(at_, "a comment: JSON has none, remove it");
  }

  bool at_end() {
    if (!space()) return false;
    return at_ == text_.size() || fail(at_, "something follows the end of the JSON value: remove it");
  }

  bool value(int depth) {
    if (!space()) return false;
    switch (peek()) {
      case '{':
        return nested(depth, '}', true);
      case '[':
        return nested(depth, ']', false);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  /// The inside of an object or array.
  bool nested(int depth, char close, bool with_names) {
    if (depth == max_json_text_depth)
      return fail(at_, "nested deeper than " + std::to_string(max_json_text_depth) + " levels");
    ++at_;
    if (!space()) return false;
    if (take(close)) return true;
    while (true) {
      if (with_names && !name()) return false;
      if (!value(depth + 1) || !space()) return false;
      if (take(close)) return true;
      auto const comma = at_;
      if (!take(',')) return fail(at_, std::string("expected ',' or '") + close + "'");
      if (!space()) return false;
      if (peek() == close) return fail(comma, std::string("a trailing comma before '") + close + "': remove it");
    }
  }

  bool name() {
    if (!space()) return false;
    if (peek() != '"') return fail(at_, "expected a name in double quotes");
    if (!string() || !space()) return false;
    return take(':') || fail(at_, "expected ':' after the name");
  }

  bool word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted) return fail(at_, "expected a value");
    at_ += wanted.size();
    return true;
  }

  bool digits() {
    auto const begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin || fail(at_, "expected a digit");
  }

  bool number() {
    auto const begin = at_;
    if (at_ == text_.size()) return fail(at_, "the text ends where a value is expected");
    (void)take('-');
    if (!is_digit(peek())) return fail(begin, "expected a value");
    if (!take('0') && !digits()) return false;
    if (is_digit(peek())) return fail(begin, "a number with a leading zero");
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) (void)take('-');
      return digits();
    }
    return true;
  }

  bool string() {
    auto const begin = at_++;
    while (at_ < text_.size()) {
      auto const byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        ++at_;
        return true;
      }
      if (byte < 0x20) return fail(at_, "a control character inside a string: write it as an escape");
      if (byte == '\\') {
        if (!escape()) return false;
      } else if (byte < 0x80) {
        ++at_;
      } else {
        auto const point = first_code_point(text_.substr(at_));
        if (!point.valid) return fail(at_, "bytes that are not UTF-8");
        at_ += point.length;
      }
    }
    return fail(begin, "a string without its closing quote");
  }

  bool escape() {
    auto const begin = at_++;
    if (take('u')) {
      auto const unit = code_unit(begin);
      if (!unit) return false;
      if (*unit < 0xD800 || *unit > 0xDFFF) return true;
      if (*unit > 0xDBFF || !take('\\') || !take('u')) return fail(begin, half_pair);
      auto const second = code_unit(begin);
      if (!second) return false;
      return (*second >= 0xDC00 && *second <= 0xDFFF) || fail(begin, half_pair);
    }
    if (std::string_view{"\"\\/bfnrt"}.find(peek()) == std::string_view::npos)
      return fail(begin, "an escape that JSON does not know");
    ++at_;
    return true;
  }

  std::optional<unsigned> code_unit(std::size_t begin) {
    unsigned unit = 0;
    for (int digit = 0; digit < 4; ++digit, ++at_) {
      if (!is_hex(peek())) {
        fail(begin, "\\u wants four hexadecimal digits");
        return std::nullopt;
      }
      unit = unit * 16 + static_cast<unsigned>(is_digit(peek()) ? peek() - '0' : (peek() | 0x20) - 'a' + 10);
    }
    return unit;
  }

  static constexpr char const* half_pair = "half of a surrogate pair, which is no character";

  std::string_view text_;
  std::size_t at_;
  std::size_t mistake_at_ = 0;
  std::string mistake_ = {};
};

}  // namespace

core::Result<void> check_json(std::string_view text, std::size_t begin) {
  return Scanner{text, begin}.run();
}

}  // namespace failover::adapters
