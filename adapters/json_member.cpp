#include "adapters/json_member.hpp"

#include <optional>

namespace failover::adapters {
namespace {

/// A place in a JSON text. Each call takes what it names, or returns false or nothing and leaves the place unspecified.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char c) {
    skip_blanks();
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// A string's characters as they are written, without the quotes.
  std::optional<std::string_view> take_string() {
    if (!take('"')) return std::nullopt;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        auto const text = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return text;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] bool at_string() {
    skip_blanks();
    return at('"');
  }

  /// Any value, however deep it goes.
  bool skip_value() {
    std::size_t depth = 0;
    do {
      skip_blanks();
      if (rest_.empty()) return false;
      char const c = rest_.front();
      if (c == '"') {
        if (!take_string()) return false;
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') {
        if (depth == 0) return false;
        --depth;
      }
      if (depth == 0 && c != '}' && c != ']') return skip_word();
      rest_.remove_prefix(1);
    } while (depth > 0);
    return true;
  }

 private:
  [[nodiscard]] bool at(char c) const { return !rest_.empty() && rest_.front() == c; }

  void skip_blanks() {
    auto const next = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(next == std::string_view::npos ? rest_.size() : next);
  }

  /// A number, true, false or null.
  bool skip_word() {
    auto const length = rest_.find_first_of(",}] \t\r\n");
    if (length == 0 || length == std::string_view::npos) return false;
    rest_.remove_prefix(length);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

core::Result<std::string_view> first_member_text(std::string_view object, std::string_view name) {
  core::Error const broken{core::ErrorKind::invalid, "no JSON object"};
  Scanner scanner{object};
  if (!scanner.take('{')) return broken;
  if (scanner.take('}')) return std::string_view{};
  do {
    auto const key = scanner.take_string();
    if (!key || !scanner.take(':')) return broken;
    if (*key == name && scanner.at_string()) {
      auto const text = scanner.take_string();
      if (!text) return broken;
      return *text;
    }
    if (*key == name) return std::string_view{};
    if (!scanner.skip_value()) return broken;
  } while (scanner.take(','));
  if (!scanner.take('}')) return broken;
  return std::string_view{};
}

}  // namespace failover::adapters
