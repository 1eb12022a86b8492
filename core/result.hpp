#pragma once

#include "core/expects.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace failover::core {

/// Why something could not be done. The kind is for code, the detail for a person.
enum class ErrorKind {
  timed_out,       ///< the deadline passed; the outcome of a write is unknown
  cancelled,       ///< we stopped it ourselves
  not_found,       ///< what was asked for does not exist
  refused,         ///< the other side, or our own check before acting, said no
  unavailable,     ///< no server, no connection; may work later
  invalid,         ///< malformed input
  io,              ///< reading or writing failed
  no_space,        ///< disk full or over quota
  permission,      ///< not allowed
  already_exists,  ///< something is in the way
  too_large,       ///< over a bound of ours
  unsupported      ///< made by a newer version, or not possible here
};

[[nodiscard]] std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::io;
  std::string detail = {};  ///< what, where and the cure; never a secret, never a whole screen
  bool operator==(Error const&) const = default;
};

/// A value or an Error, with std::expected's manners.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool has_value() const { return content_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] T& value() {
    EXPECTS(has_value());
    return std::get<0>(content_);
  }
  [[nodiscard]] T const& value() const {
    EXPECTS(has_value());
    return std::get<0>(content_);
  }
  [[nodiscard]] Error const& error() const {
    EXPECTS(!has_value());
    return std::get<1>(content_);
  }
  T& operator*() { return value(); }
  T const& operator*() const { return value(); }
  T* operator->() { return &value(); }
  T const* operator->() const { return &value(); }
  bool operator==(Result const&) const = default;

 private:
  std::variant<T, Error> content_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] Error const& error() const {
    EXPECTS(error_.has_value());
    return *error_;
  }
  bool operator==(Result const&) const = default;

 private:
  std::optional<Error> error_;
};

}  // namespace failover::core
