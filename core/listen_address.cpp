#include "core/listen_address.hpp"

#include "core/in_quotes.hpp"

#include <charconv>
#include <optional>

namespace failover::core {
namespace {

template <class Number>
std::optional<Number> whole_number(std::string_view text, int base, std::size_t most_digits) {
  Number value = 0;
  if (text.empty() || text.size() > most_digits) return std::nullopt;
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    auto const dot = text.find('.');
    if ((dot == std::string_view::npos) != (part == 3)) return false;
    auto const number = whole_number<unsigned>(text.substr(0, dot), 10, 3);
    bool const octal_looking = dot != 0 && text[0] == '0' && text.substr(0, dot).size() > 1;
    if (!number || *number > 255 || octal_looking) return false;
    text.remove_prefix(part == 3 ? text.size() : dot + 1);
  }
  return true;
}

// How many groups of four hex digits stand between single colons; nothing when something else stands there.
std::optional<int> ipv6_groups(std::string_view text) {
  if (text.empty()) return 0;
  for (int groups = 1;; ++groups) {
    auto const colon = text.find(':');
    if (!whole_number<unsigned>(text.substr(0, colon), 16, 4)) return std::nullopt;
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
  }
}

bool is_ipv6(std::string_view text) {
  auto const gap = text.find("::");
  if (gap == std::string_view::npos) return ipv6_groups(text) == 8;
  auto const before = ipv6_groups(text.substr(0, gap));
  auto const after = ipv6_groups(text.substr(gap + 2));
  return before && after && *before + *after < 8;
}

Error unreadable(std::string_view text, std::string_view why) {
  return {ErrorKind::invalid, in_quotes(text) + " is not an address to listen on: " + std::string(why)};
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  auto const colon = text.rfind(':');
  if (colon == std::string_view::npos) return unreadable(text, "write host:port, such as 127.0.0.1:8377");
  auto const port = whole_number<std::uint32_t>(text.substr(colon + 1), 10, 5);
  if (!port || *port > 65535) return unreadable(text, "the port after the last colon must be 0 to 65535");
  auto host = text.substr(0, colon);
  bool const bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && is_ipv6(host)) return unreadable(text, "write an IPv6 address in brackets, such as [::1]:8377");
  if (!(bracketed ? is_ipv6(host) : host == "localhost" || is_ipv4(host)))
    return unreadable(text, "the host must be an IP address or localhost (0.0.0.0 for every interface)");
  return ListenAddress{std::string(host), static_cast<std::uint16_t>(*port)};
}

bool is_loopback(ListenAddress const& address) {
  return address.host == "localhost" || address.host == "::1" || address.host.starts_with("127.");
}

}  // namespace failover::core
