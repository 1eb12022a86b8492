#include "core/session_name.hpp"

#include "core/in_quotes.hpp"

namespace failover::core {
namespace {

bool is_letter_or_digit(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

}  // namespace

std::optional<std::string> session_name_fault(std::string_view name) {
  constexpr std::string_view allowed_signs = "_-+,@ ";
  if (name.empty()) return "is empty";
  if (name.size() > max_session_name) return in_quotes(name) + " is longer than 100 bytes";
  for (char const byte : name) {
    bool const other_script = static_cast<unsigned char>(byte) >= 0x80U;
    if (is_letter_or_digit(byte) || other_script || allowed_signs.find(byte) != std::string_view::npos) continue;
    return in_quotes(name) + " has a character that tmux gives a meaning: use letters, digits, space and _ - + , @";
  }
  if (name.front() != '_' && allowed_signs.find(name.front()) != std::string_view::npos)
    return in_quotes(name) + " must begin with a letter, a digit or _";
  if (name.back() == ' ') return in_quotes(name) + " ends in a space";
  return std::nullopt;
}

std::optional<std::string> adopt_pattern_fault(std::string_view pattern) {
  if (pattern.empty()) return "is empty: write a session's name, or a beginning and *";
  if (pattern.size() > max_session_name) return in_quotes(pattern) + " is longer than 100 bytes";
  if (pattern.find('*') < pattern.size() - 1) return in_quotes(pattern) + " has a * that does not stand at its end";
  if (pattern.find_first_of(".:") != std::string_view::npos)
    return in_quotes(pattern) + " can match nothing: tmux writes _ for . and : in session names";
  return std::nullopt;
}

}  // namespace failover::core
