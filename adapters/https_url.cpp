#include "adapters/https_url.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace failover::adapters {
namespace {

core::Error invalid(std::string detail) {
  return {core::ErrorKind::invalid, std::move(detail)};
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' || c == '.';
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0 && port <= 65535;
}

bool is_target_character(char c) {
  return c > ' ' && c < '\x7f' && c != '#';
}

/// Cuts `[address]`, or the characters up to the colon, off the authority; "" where that is no host.
std::string_view take_host(std::string_view& authority) {
  auto const bracketed = authority.starts_with('[');
  if (bracketed) authority.remove_prefix(1);
  auto const length = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (length == std::string_view::npos) return {};
  auto const host = authority.substr(0, length);
  authority.remove_prefix(length + (bracketed ? 1 : 0));
  return std::ranges::all_of(host, bracketed ? is_address_character : is_host_character) ? host : std::string_view{};
}

}  // namespace

std::string HttpsUrl::shown() const {
  auto const name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == "443" ? name : name + ":" + port;
}

core::Result<HttpsUrl> parse_https_url(std::string const& url) {
  constexpr std::string_view scheme = "https://";
  if (!url.starts_with(scheme)) return invalid("only addresses that begin with https:// are used; check api_base");
  auto rest = std::string_view{url}.substr(scheme.size());
  auto authority = rest.substr(0, rest.find_first_of("/?#"));
  auto const target = rest.substr(authority.size());
  if (authority.find('@') != std::string_view::npos)
    return invalid("an https address here takes no user name or password; check api_base");

  HttpsUrl parsed;
  parsed.host = std::string{take_host(authority)};
  if (parsed.host.empty()) return invalid("the https address has no valid host name; check api_base");
  if (authority.starts_with(':') && is_port(authority.substr(1)))
    parsed.port = std::string{authority.substr(1)};
  else if (!authority.empty())
    return invalid("the https address of " + parsed.host + " has no valid port; check api_base");
  if (!std::ranges::all_of(target, is_target_character))
    return invalid("the https address of " + parsed.host + " holds a character that must not stand in a path");
  parsed.target = target.starts_with('/') ? std::string{target} : "/" + std::string{target};
  return parsed;
}

}  // namespace failover::adapters
