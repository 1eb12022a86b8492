#pragma once

#include "core/fold.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace failover::core {

/// A cursor over a phrase that takes words, numbers and signs, and can go back. Blanks and row breaks before what it
/// takes mean nothing. Refers to the text it was given.
class PhraseWords {
 public:
  [[nodiscard]] static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
  [[nodiscard]] static constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  explicit PhraseWords(std::string_view text) : text_(text) {}

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  void back_to(std::size_t at) { at_ = at; }
  [[nodiscard]] char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool sign(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  /// The next run of letters, lowered; empty when there is none.
  std::string word() {
    skip_blanks();
    std::string word;
    while (at_ < text_.size() && is_letter(text_[at_])) word += lowered(text_[at_++]);
    return word;
  }
  bool word_is(std::string_view wanted) {
    std::size_t const before = at_;
    if (word() == wanted) return true;
    at_ = before;
    return false;
  }
  /// The next run of digits, at most `most` of them; nothing when there is none or more.
  std::optional<std::int64_t> number(std::size_t most) {
    skip_blanks();
    std::size_t const begin = at_;
    std::int64_t value = 0;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      if (at_ - begin == most) {
        at_ = begin;
        return std::nullopt;
      }
      value = value * 10 + (text_[at_++] - '0');
    }
    if (at_ == begin) return std::nullopt;
    return value;
  }
  [[nodiscard]] std::size_t digits_ahead() {
    skip_blanks();
    std::size_t count = 0;
    while (at_ + count < text_.size() && is_digit(text_[at_ + count])) ++count;
    return count;
  }
  /// Whether the very next character is a letter or digit: then the last word was not whole.
  [[nodiscard]] bool runs_on() const { return at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_])); }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace failover::core
