#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace failover::adapters {

/// A token or key. Whatever prints it prints `***`; only `reveal` gives it away.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] std::string const& reveal() const { return value_; }
  bool operator==(Secret const&) const = default;

  /// The text with each occurrence of the secret replaced by `***`.
  [[nodiscard]] std::string hidden_in(std::string text) const {
    if (value_.empty()) return text;
    for (auto at = text.find(value_); at != std::string::npos; at = text.find(value_, at + 3))
      text.replace(at, value_.size(), "***");
    return text;
  }

 private:
  std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, Secret const&) {
  return out << "***";
}

}  // namespace failover::adapters
