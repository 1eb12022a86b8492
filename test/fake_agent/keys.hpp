#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace failover::fake_agent {

enum class KeyKind { text, paste, enter, newline, escape, clear_line, backspace, up, down, interrupt, end, other };

struct Key {
  KeyKind kind = KeyKind::other;
  std::string text = {};  ///< of text (one character) and paste (newlines as \n)
  bool operator==(Key const&) const = default;
};

/// Turns what the terminal sends into keys.
///
/// An ESC that ends the bytes at hand may be the Escape key or the start of a sequence: next() holds it back until more
/// comes or escape_is_over() says that nothing more will.
class KeyDecoder {
 public:
  void feed(std::string_view bytes) { bytes_ += bytes; }
  [[nodiscard]] std::optional<Key> next();
  [[nodiscard]] bool waits() const { return !bytes_.empty(); }
  void escape_is_over() { escape_is_over_ = true; }

 private:
  std::optional<Key> take(std::size_t bytes, KeyKind kind, std::string text = {});
  std::optional<Key> next_sequence();

  std::string bytes_;
  bool escape_is_over_ = false;
};

}  // namespace failover::fake_agent
