#include "account.hpp"

#include "adapters/unique_fd.hpp"
#include "files.hpp"
#include "json_file.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>

namespace failover::fake_agent {
namespace {

[[noreturn]] void fail(fs::path const& path) {
  throw std::system_error{errno, std::generic_category(), path.string()};
}

adapters::UniqueFd locked(fs::path const& path) {
  adapters::UniqueFd file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!file.valid()) fail(path);
  while (::flock(file.get(), LOCK_EX) != 0) {
    if (errno != EINTR) fail(path);
  }
  return file;
}

/// By rename, so that whoever looks never sees half a file.
void replace(fs::path const& path, json::object const& content) {
  auto const next = path.string() + ".new";
  std::error_code ignored;
  fs::remove(next, ignored);
  append(next, json::serialize(content) + "\n");
  fs::rename(next, path);
}

std::string window_of(json::object const& file) {
  auto const window = text_of(file, "window", "five_hour");
  return window == "weekly" ? "seven_day" : window;
}

std::string name_in(json::object const& file, fs::path const& dir) {
  return text_of(file, "name", dir.filename().string());
}

/// Charges one request to the account in `file`, which is changed accordingly.
void charge(json::object& file, AccountReading& reading, Instant at) {
  auto const limit = number_of(file, "limit", 0);
  auto const window_length = from_seconds(number_of(file, "resets_in", 3600));
  auto used = number_of(file, "used", 0);
  auto resets_at = file.contains("resets_at") ? from_epoch(number_of(file, "resets_at", 0)) : at + window_length;
  if (file.contains("resets_at") && at >= resets_at) {
    used = 0;
    file.erase("resets_at");
    resets_at = at + window_length;
  }
  if (used >= limit) {
    reading.wall = Wall{.window = window_of(file), .resets_at = resets_at};
    file["resets_at"] = to_epoch(resets_at);
  } else {
    used += 1;
  }
  file["used"] = static_cast<std::int64_t>(used);
  auto const percent = reading.wall ? 100.0 : std::min(100.0, 100 * used / std::max(limit, 1.0));
  reading.usage = Usage{.window = window_of(file), .percent = percent, .resets_at = resets_at};
}

}  // namespace

fs::path account_directory(fs::path const& config_dir) {
  std::error_code failed;
  auto path = fs::canonical(config_dir, failed);
  return failed ? config_dir : path;
}

AccountReading charge_account(fs::path const& config_dir, Instant at) {
  auto const dir = account_directory(config_dir);  // once: the link may be flipped while we count
  auto const path = dir / "fake-account.json";
  AccountReading reading{.name = dir.filename().string()};
  if (!fs::exists(path)) return reading;
  auto const lock = locked(dir / "fake-account.lock");
  auto file = read_object(path.string());
  if (!file) return reading;
  reading.name = name_in(*file, dir);
  reading.login_expired = flag_of(*file, "login_expired", false);
  if (!file->contains("limit") || reading.login_expired) return reading;
  charge(*file, reading, at);
  replace(path, *file);
  return reading;
}

std::string account_name(fs::path const& config_dir) {
  auto const dir = account_directory(config_dir);
  auto const file = read_object((dir / "fake-account.json").string());
  return file ? name_in(*file, dir) : dir.filename().string();
}

}  // namespace failover::fake_agent
