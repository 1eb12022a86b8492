#include "adapters/log.hpp"

#include "adapters/utf8.hpp"
#include "core/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace failover::adapters {
namespace {

constexpr std::size_t max_value = 512;
constexpr std::size_t max_key = 64;
constexpr std::string_view logfmt_cut = " cut=true";
constexpr std::string_view json_cut = ",\"cut\":true";

std::string_view level_name(core::LogLevel level) {
  switch (level) {
    case core::LogLevel::debug:
      return "debug";
    case core::LogLevel::info:
      return "info";
    case core::LogLevel::warning:
      return "warning";
    case core::LogLevel::error:
      return "error";
  }
  return "error";
}

/// syslog(3)'s numbers.
std::string_view priority_prefix(core::LogLevel level) {
  switch (level) {
    case core::LogLevel::debug:
      return "<7>";
    case core::LogLevel::info:
      return "<6>";
    case core::LogLevel::warning:
      return "<4>";
    case core::LogLevel::error:
      return "<3>";
  }
  return "<3>";
}

/// `2026-11-22T19:50:19.123Z`
std::string time_text(core::WallTime time) {
  auto text = core::to_rfc3339(time);
  auto const milliseconds = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
  std::array<char, 8> fraction{};
  (void)std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds));
  text.pop_back();  // the Z
  return text + fraction.data();
}

void append_escaped(std::string& out, char32_t code_point, std::string_view bytes) {
  if (bytes == "\"" || bytes == "\\") {
    out.append("\\").append(bytes);
  } else if (bytes == "\n") {
    out.append("\\n");
  } else if (bytes == "\t") {
    out.append("\\t");
  } else if (bytes == "\r") {
    out.append("\\r");
  } else if (is_printable(code_point)) {
    out.append(bytes);
  } else {
    // The unprintable ones beyond U+FFFF are tags, which carry nothing that a reader could miss.
    std::array<char, 8> text{};
    (void)std::snprintf(text.data(), text.size(), "\\u%04x",
                        static_cast<unsigned>(std::min(code_point, char32_t{0xFFFD})));
    out.append(text.data());
  }
}

/// Between quotes, with JSON's escapes, at most max_value bytes.
std::string escaped(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    auto const next = first_code_point(text);
    std::string piece;
    append_escaped(piece, next.value, next.valid ? text.substr(0, next.length) : std::string_view{"\xEF\xBF\xBD"});
    if (out.size() + piece.size() + 4 > max_value) return out + "\xE2\x80\xA6\"";  // …
    out += piece;
    text.remove_prefix(next.length);
  }
  return out + "\"";
}

bool is_bare(std::string_view text) {
  auto const plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"._-/:@%+,~#"}.find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= max_value && std::all_of(text.begin(), text.end(), plain);
}

std::string key_text(std::string_view key) {
  std::string text{key.substr(0, max_key)};
  for (auto& c : text) {
    bool const plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    if (!plain) c = '_';
  }
  return text.empty() ? "_" : text;
}

/// Puts fields behind one another as long as there is room for them and for the end of the line.
class Line {
 public:
  explicit Line(core::LogFormat format) : json_(format == core::LogFormat::json) {}

  void begin(std::string_view prefix) { text_ = std::string(prefix) + (json_ ? "{" : ""); }
  void add(std::string_view key, std::string_view value) {
    auto const end = (json_ ? json_cut : logfmt_cut).size() + 2;
    auto const field = json_ ? "\"" + key_text(key) + "\":" + escaped(value)
                             : key_text(key) + "=" + (is_bare(value) ? std::string(value) : escaped(value));
    if (cut_ || text_.size() + 1 + field.size() + end > max_log_line) {
      cut_ = true;
      return;
    }
    if (!first_) text_.push_back(json_ ? ',' : ' ');
    first_ = false;
    text_ += field;
  }
  [[nodiscard]] std::string end() && {
    if (cut_) text_ += json_ ? json_cut : logfmt_cut;
    return std::move(text_) + (json_ ? "}\n" : "\n");
  }

 private:
  bool json_;
  bool first_ = true;
  bool cut_ = false;
  std::string text_ = {};
};

/// JOURNAL_STREAM names the device and inode of the journal's socket; children inherit the variable also when their
/// standard error leads elsewhere (systemd.exec(5)).
bool leads_to_journal(struct stat const& info) {
  char const* const stream = std::getenv("JOURNAL_STREAM");
  return stream != nullptr && std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

}  // namespace

std::string log_line(core::LogFormat format, core::effect::Log const& entry, std::optional<core::WallTime> time) {
  Line line{format};
  line.begin(time ? "" : priority_prefix(entry.level));
  if (time) line.add("time", time_text(*time));
  line.add("level", level_name(entry.level));
  line.add("msg", entry.message);
  for (auto const& [key, value] : entry.fields) line.add(key, value);
  return std::move(line).end();
}

Log::Log(core::LogConfig config, int descriptor) : config_(config), descriptor_(descriptor) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return;
  socket_ = S_ISSOCK(info.st_mode);
  journal_ = leads_to_journal(info);
  // O_NONBLOCK belongs to the open file, which we share with whoever gave it to us; so we open it once more. Regular
  // files never make a writer wait, and opened again they would have another position.
  if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode))
    own_.reset(
        ::open(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

void Log::write(core::effect::Log const& entry, core::WallTime time) {
  if (entry.level < config_.level) return;
  auto told = entry;
  if (dropped_ != dropped_told_)
    told.fields.emplace_back("log_lines_dropped", std::to_string(dropped_ - dropped_told_));
  auto const line = log_line(config_.format, told, journal_ ? std::nullopt : std::optional{time});
  if (put(torn_ ? "\n" + line : line))
    dropped_told_ = dropped_;
  else
    ++dropped_;
}

bool Log::put(std::string const& line) {
  ssize_t written = -1;
  do {
    if (socket_) {
      written = ::send(descriptor_, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    } else if (own_.valid()) {
      written = ::write(own_.get(), line.data(), line.size());
    } else {
      // A descriptor that cannot be opened again: a pipe that is writable has room for PIPE_BUF bytes.
      pollfd ready{descriptor_, POLLOUT, 0};
      if (::poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) return false;
      written = ::write(descriptor_, line.data(), line.size());
    }
  } while (written < 0 && errno == EINTR);
  if (written <= 0) return false;  // full, or nobody reads any more
  torn_ = static_cast<std::size_t>(written) < line.size();
  return !torn_;
}

}  // namespace failover::adapters
