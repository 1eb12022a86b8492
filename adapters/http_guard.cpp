#include "adapters/http_guard.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace failover::adapters {
namespace {

using Refusal = std::optional<HttpResponse>;
using Fields = std::vector<std::pair<std::string, std::string_view>>;  // names in lower case

constexpr std::size_t max_fields = 100;

HttpResponse malformed(std::string_view what) {
  return error_response(400, "bad_request", what);
}

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

bool is_upper(char character) {
  return character >= 'A' && character <= 'Z';
}

/// RFC 9110's tchar.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char character) {
    return is_digit(character) || is_upper(character) || (character >= 'a' && character <= 'z') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(character) != std::string_view::npos;
  });
}

/// Bytes that may stand inside a field's value.
bool is_field_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char character) {
    auto const byte = static_cast<unsigned char>(character);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

std::string_view trimmed(std::string_view text) {
  auto const first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string_view text) {
  std::string folded{text};
  for (auto& character : folded)
    if (is_upper(character)) character = static_cast<char>(character - 'A' + 'a');
  return folded;
}

Refusal refuse_request_line(std::string_view line) {
  auto const method_end = line.find(' ');
  auto const version_at = line.rfind(' ');
  if (method_end == std::string_view::npos || version_at == method_end) return malformed("malformed request line");
  auto const method = line.substr(0, method_end);
  auto const target = line.substr(method_end + 1, version_at - method_end - 1);
  auto const version = line.substr(version_at + 1);
  if (!std::all_of(method.begin(), method.end(), is_upper)) return malformed("a method is written in capitals");
  if (target.empty() || target[0] != '/') return malformed("a target begins with /");
  if (std::any_of(target.begin(), target.end(), [](char byte) { return byte <= 0x20 || byte >= 0x7f; }))
    return malformed("a target is printable ASCII without spaces");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return error_response(505, "version_not_supported", "speak HTTP/1.1");
  return std::nullopt;
}

Refusal read_field(std::string_view line, Fields& fields) {
  if (line[0] == ' ' || line[0] == '\t') return malformed("a field stands on one line");
  auto const colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return malformed("malformed field name");
  auto const value = trimmed(line.substr(colon + 1));
  if (!is_field_text(value)) return malformed("a field holds a control character");
  if (fields.size() == max_fields) return error_response(431, "head_too_large", "more than 100 header fields");
  fields.emplace_back(lower(line.substr(0, colon)), value);
  return std::nullopt;
}

std::vector<std::string_view> values_of(Fields const& fields, std::string_view name) {
  std::vector<std::string_view> values;
  for (auto const& [candidate, value] : fields)
    if (candidate == name) values.push_back(value);
  return values;
}

/// A page in a browser sends one of these with whatever it makes the browser ask for, and no client of ours does.
Refusal refuse_browser(Fields const& fields) {
  for (auto const* name : {"origin", "referer"})
    if (!values_of(fields, name).empty())
      return error_response(403, "foreign_page", "requests made by web pages are not answered");
  return std::nullopt;
}

bool is_own_host(std::string_view host, std::uint16_t port) {
  for (std::string const name : {"localhost", "127.0.0.1", "[::1]"})
    if (lower(host) == name + ":" + std::to_string(port) || (port == 80 && lower(host) == name)) return true;
  return false;
}

bool is_any_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char character) {
    return is_token({&character, 1}) || std::string_view{":[]"}.find(character) != std::string_view::npos;
  });
}

/// Against DNS rebinding: a name of somebody else's that was made to lead here comes with that name as Host.
Refusal refuse_host(Fields const& fields, GuardRules const& rules) {
  auto const hosts = values_of(fields, "host");
  if (hosts.size() > 1) return error_response(400, "bad_host", "more than one Host");
  if (rules.over_unix_socket) return std::nullopt;
  if (hosts.empty()) return error_response(400, "bad_host", "Host is missing");
  if (rules.remote ? !is_any_host(hosts[0]) : !is_own_host(hosts[0], rules.port))
    return error_response(403, "bad_host", "ask for localhost, 127.0.0.1 or [::1] with the port of http.listen");
  return std::nullopt;
}

/// Takes as long for a wrong token as for the right one.
bool is_same_secret(std::string_view one, std::string_view other) {
  bool same = one.size() == other.size();
  for (std::size_t at = 0; at < one.size(); ++at) same &= one[at] == (at < other.size() ? other[at] : '\0');
  return same;
}

Refusal refuse_stranger(Fields const& fields, GuardRules const& rules) {
  if (!rules.remote) return std::nullopt;
  auto const given = values_of(fields, "authorization");
  if (!rules.token.empty() && given.size() == 1 && is_same_secret(given[0], "Bearer " + rules.token))
    return std::nullopt;
  auto response = error_response(401, "unauthorized", "send Authorization: Bearer with the token of http.token_file");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Refusal refuse_length(std::string_view length, bool reads_only, GuardRules const& rules) {
  if (length.empty() || !std::all_of(length.begin(), length.end(), is_digit))
    return malformed("malformed Content-Length");
  std::uint64_t bytes = 0;
  auto const [end, error] = std::from_chars(length.data(), length.data() + length.size(), bytes);
  if (error != std::errc{} || bytes > rules.body_bytes)
    return error_response(413, "body_too_large", "a body has at most " + std::to_string(rules.body_bytes) + " bytes");
  if (reads_only && bytes > 0) return error_response(413, "body_too_large", "GET and HEAD have no body");
  return std::nullopt;
}

/// Where a body ends must be beyond doubt, or the rest of it is taken for the next request. Nobody needs to send us
/// a body of unknown length.
Refusal refuse_framing(std::string_view method, Fields const& fields, GuardRules const& rules) {
  auto const reads_only = method == "GET" || method == "HEAD";
  if (!values_of(fields, "transfer-encoding").empty()) {
    if (reads_only) return malformed("Transfer-Encoding on a request without a body");
    return error_response(411, "length_required", "send Content-Length, not Transfer-Encoding");
  }
  auto const lengths = values_of(fields, "content-length");
  if (lengths.size() > 1) return malformed("more than one Content-Length");
  return lengths.empty() ? std::nullopt : refuse_length(lengths[0], reads_only, rules);
}

}  // namespace

std::optional<HttpResponse> refuse_beginning(std::string_view bytes, GuardRules const& rules) {
  if (bytes.empty()) return std::nullopt;
  auto const end = bytes.find("\r\n\r\n");
  auto const head = bytes.substr(0, end == std::string_view::npos ? end : end + 4);
  if (!is_upper(head[0])) return malformed("this is no HTTP request");
  if (head.find('\0') != std::string_view::npos) return malformed("the head holds a NUL");
  for (auto at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1))
    if (head[at - 1] != '\r') return malformed("lines end in CR LF");
  auto const too_long =
      head.size() > rules.head_bytes || (end == std::string_view::npos && head.size() == rules.head_bytes);
  if (!too_long) return std::nullopt;
  if (head.find('\n') == std::string_view::npos)
    return error_response(414, "target_too_long", "the target is too long");
  return error_response(431, "head_too_large", "a head has at most " + std::to_string(rules.head_bytes) + " bytes");
}

std::optional<HttpResponse> refuse_head(std::string_view head, GuardRules const& rules) {
  if (auto refusal = refuse_beginning(head, rules)) return refusal;
  Fields fields;
  auto end = head.find("\r\n");
  auto const request_line = head.substr(0, end);
  if (auto refusal = refuse_request_line(request_line)) return refusal;
  for (head.remove_prefix(end + 2); head.substr(0, 2) != "\r\n"; head.remove_prefix(end + 2)) {
    end = head.find("\r\n");
    if (end == std::string_view::npos) return malformed("the head does not end");
    if (auto refusal = read_field(head.substr(0, end), fields)) return refusal;
  }
  if (auto refusal = refuse_browser(fields)) return refusal;
  if (auto refusal = refuse_host(fields, rules)) return refusal;
  if (auto refusal = refuse_stranger(fields, rules)) return refusal;
  return refuse_framing(request_line.substr(0, request_line.find(' ')), fields, rules);
}

bool carries_token(HttpRequest const& request, std::string_view token) {
  return !token.empty() && is_same_secret(header_value(request, "authorization"), "Bearer " + std::string{token});
}

}  // namespace failover::adapters
