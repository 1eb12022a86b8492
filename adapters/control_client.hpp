#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <string>

namespace failover::adapters {

struct HttpReply {
  unsigned status = 0;
  std::string content_type = {};
  std::string body = {};
  bool operator==(HttpReply const&) const = default;
};

/// Asks the daemon for one thing over its unix socket and blocks until the answer is complete, at most `timeout` in
/// all: for the command line, which runs no loop. Any HTTP status is a reply. Errors: `unavailable` (nobody answers
/// there), `permission`, `timed_out`, `invalid` (path too long, or the answer is no HTTP), `too_large`.
[[nodiscard]] core::Result<HttpReply> control_get(std::string const& socket_path, std::string const& target,
                                                  std::string const& accept, core::Duration timeout);

/// The same with a body of JSON, by POST: what the operator wants done.
[[nodiscard]] core::Result<HttpReply> control_send(std::string const& socket_path, std::string const& target,
                                                   std::string const& body, core::Duration timeout);

}  // namespace failover::adapters
