#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace failover::test {

/// Sets an environment variable, or removes it, until the end of its life.
class Environment {
 public:
  Environment(std::string name, std::optional<std::string> const& value) : name_(std::move(name)) {
    if (auto const* const before = std::getenv(name_.c_str())) before_ = before;
    put(value);
  }
  Environment(Environment const&) = delete;
  Environment& operator=(Environment const&) = delete;
  ~Environment() { put(before_); }

 private:
  void put(std::optional<std::string> const& value) const {
    if (value)
      ::setenv(name_.c_str(), value->c_str(), 1);
    else
      ::unsetenv(name_.c_str());
  }
  std::string name_;
  std::optional<std::string> before_ = {};
};

}  // namespace failover::test
