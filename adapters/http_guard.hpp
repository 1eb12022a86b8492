#pragma once

#include "adapters/http_message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What no page of ours ever needs, refused before anything else looks at the request.
///
/// Works on the bytes as they came, for a parser has already forgiven much: Beast 1.81 takes requests without a Host
/// or with two, `Transfer-Encoding: xchunked`, folded lines, `Content-Length: 2, 2` and lower-case methods. A refused
/// connection is closed, so that what follows is never read as a request.
namespace failover::adapters {

struct GuardRules {
  bool over_unix_socket = false;  ///< Host does not matter there, no browser gets that far
  std::uint16_t port = 0;         ///< the listener's own; a Host must name it, unless it is 80
  /// Not a loopback listener: any one well-formed Host will do, for we cannot know by which name we are called, and
  /// `token` must come as `Authorization: Bearer`.
  bool remote = false;
  std::string token = {};
  std::size_t head_bytes = 8 << 10;
  std::size_t body_bytes = 1 << 20;
};

/// The beginning of a head, as far as it has come: an answer when it is refused already, nothing while it may become
/// a good one. Makes binary noise and never-ending heads end at once.
[[nodiscard]] std::optional<HttpResponse> refuse_beginning(std::string_view bytes, GuardRules const& rules);

/// A complete head: request line, fields and the empty line that ends it.
[[nodiscard]] std::optional<HttpResponse> refuse_head(std::string_view head, GuardRules const& rules);

/// Whether the request carries `Authorization: Bearer` with that token, which is not empty.
[[nodiscard]] bool carries_token(HttpRequest const& request, std::string_view token);

}  // namespace failover::adapters
