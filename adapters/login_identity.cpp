#include "adapters/login_identity.hpp"

#include "adapters/errno_error.hpp"
#include "adapters/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include <boost/json/basic_parser_impl.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

namespace json = boost::json;

constexpr std::size_t max_field_bytes = 1024;  // an e-mail address has 254 at most
constexpr std::size_t max_depth = 128;
constexpr std::int64_t second_ns = 1'000'000'000;

struct Login {
  std::string account = {};
  std::string email = {};
  std::string organization = {};
};

/// Picks the members of the top object's `oauthAccount` out of the parser's events.
class LoginHandler {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Code = boost::system::error_code;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return enter(); }
  bool on_object_end(std::size_t, Code&) { return leave(); }
  bool on_array_begin(Code&) { return enter(); }
  bool on_array_end(std::size_t, Code&) { return leave(); }
  bool on_key_part(json::string_view part, std::size_t, Code&) { return gather(part); }
  bool on_key(json::string_view part, std::size_t, Code&) {
    gather(part);
    if (depth_ == 1) in_login_ = text_ == "oauthAccount";
    wanted_ = depth_ == 2 && in_login_ ? field(text_) : nullptr;
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, Code&) { return gather(part); }
  bool on_string(json::string_view part, std::size_t, Code&) {
    gather(part);
    if (wanted_ != nullptr && depth_ == 2) *wanted_ = text_;
    text_.clear();
    return value();
  }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return value(); }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return value(); }
  bool on_double(double, json::string_view, Code&) { return value(); }
  bool on_bool(bool, Code&) { return value(); }
  bool on_null(Code&) { return value(); }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

  [[nodiscard]] Login const& login() const { return login_; }

 private:
  bool enter() {
    ++depth_;
    wanted_ = nullptr;
    return true;
  }
  bool leave() {
    --depth_;
    return value();
  }
  bool value() {
    wanted_ = nullptr;
    if (depth_ == 1) in_login_ = false;
    return true;
  }
  /// What is too long to be a name we look for is kept as far as it shows that.
  bool gather(json::string_view part) {
    if (text_.size() <= max_field_bytes) text_.append(part.data(), std::min(part.size(), max_field_bytes + 1));
    return true;
  }
  std::string* field(std::string_view name) {
    if (name == "accountUuid") return &login_.account;
    if (name == "emailAddress") return &login_.email;
    if (name == "organizationUuid") return &login_.organization;
    return nullptr;
  }

  Login login_ = {};
  std::string text_ = {};
  std::string* wanted_ = nullptr;
  std::size_t depth_ = 0;
  bool in_login_ = false;
};

using Parser = json::basic_parser<LoginHandler>;

json::parse_options options() {
  json::parse_options options;
  options.max_depth = max_depth;
  return options;
}

std::string identity_of(Login const& login) {
  if (!login.account.empty())
    return identity_digest("account\n" + login.account + (login.organization.empty() ? "" : "\n" + login.organization));
  if (login.email.empty()) return {};
  return identity_digest("email\n" + login.email + "\n" + login.organization);
}

core::Error unreadable(std::string const& file, std::string const& why) {
  return core::Error{core::ErrorKind::invalid, file + " " + why};
}

core::Result<std::string> parsed(int fd, std::string const& file) {
  Parser parser{options()};
  std::array<char, std::size_t{64} << 10> buffer{};
  std::size_t total = 0;
  for (;;) {
    auto const count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(errno, "cannot read " + file);
    auto const size = static_cast<std::size_t>(count);
    total += size;
    if (total > max_identity_file_bytes) return unreadable(file, "is too large");
    boost::system::error_code error;
    auto const taken = parser.write_some(count > 0, buffer.data(), size, error);
    if (error) return unreadable(file, "is no whole JSON: " + error.message());
    if (taken < size) return unreadable(file, "goes on behind its JSON");
    if (count == 0) break;
  }
  if (!parser.done()) return unreadable(file, "is no whole JSON");
  return identity_of(parser.handler().login());
}

std::int64_t nanoseconds(timespec const& time) {
  return std::int64_t{time.tv_sec} * second_ns + time.tv_nsec;
}

}  // namespace

std::string identity_digest(std::string_view who) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char const byte : who) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3;
  }
  std::string digits;
  for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(hash >> shift) & 15];
  return digits;
}

core::Result<std::string> read_identity(std::string const& file) {
  UniqueFd const fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!fd.valid()) return errno_error(errno, "cannot open " + file);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error(errno, "cannot look at " + file);
  if (!S_ISREG(info.st_mode)) return unreadable(file, "is no file");
  if (static_cast<std::size_t>(info.st_size) > max_identity_file_bytes) return unreadable(file, "is too large");
  return parsed(fd.get(), file);
}

std::string LoginIdentities::look(std::string const& real_path) {
  auto const file = real_path + "/.claude.json";
  struct stat info {};
  auto& known = known_[real_path];
  if (::stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return known.identity;
  Stamp const stamp{info.st_dev, info.st_ino, info.st_size, nanoseconds(info.st_mtim)};
  if (stamp == known.stamp) return known.identity;
  timespec now{};
  (void)::clock_gettime(CLOCK_REALTIME, &now);  // fails for a clock that does not exist only
  auto identity = read_identity(file);
  if (identity) known.identity = std::move(*identity);
  // A file of this very moment may be written again without a new time of change: look into it once more.
  known.stamp = nanoseconds(now) - stamp.changed_ns > second_ns ? stamp : Stamp{};
  return known.identity;
}

}  // namespace failover::adapters
