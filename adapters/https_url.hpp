#pragma once

#include "core/result.hpp"

#include <string>

namespace failover::adapters {

/// The parts of an address that a request needs.
struct HttpsUrl {
  std::string host = {};  ///< name or address, IPv6 without brackets
  std::string port = "443";
  std::string target = "/";  ///< path and query; may hold a token, so it never stands in an error

  /// What a person may read: `host`, or `host:port` where the port is not the usual one.
  [[nodiscard]] std::string shown() const;
  bool operator==(HttpsUrl const&) const = default;
};

/// Reads `https://host[:port][/path][?query]`. Everything else is `invalid`: other schemes, user names, fragments,
/// blanks and control characters. The detail names the host at most.
[[nodiscard]] core::Result<HttpsUrl> parse_https_url(std::string const& url);

}  // namespace failover::adapters
