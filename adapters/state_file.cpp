#include "adapters/state_file.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/state_json.hpp"
#include "core/rfc3339.hpp"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>

#include <boost/crc.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

constexpr std::string_view schema_key = "{\"schema\":";
constexpr std::string_view crc_key = ",\"crc\":\"";
constexpr std::string_view body_key = "\",\"body\":";
constexpr std::string_view end_mark = "}\n";
constexpr std::size_t crc_digits = 16;
constexpr std::string_view backup_in_the_making = ".failover-backup.tmp";

/// The parts of a state file. This frame and its checksum stay as they are in every schema, so that an older program
/// can tell a newer file from a damaged one.
struct Envelope {
  std::int64_t schema = 0;
  std::string_view crc = {};
  std::string_view body = {};
};

std::string checksum(std::string_view bytes) {
  boost::crc_optimal<64, 0x42F0E1EBA9EA3693, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text.push_back("0123456789abcdef"[(crc.checksum() >> shift) & 15U]);
  return text;
}

bool take(std::string_view& bytes, std::string_view expected) {
  if (!bytes.starts_with(expected)) return false;
  bytes.remove_prefix(expected.size());
  return true;
}

/// A number as to_string writes it: no sign, no leading zero.
std::optional<std::int64_t> take_number(std::string_view& bytes) {
  std::int64_t number = 0;
  auto const [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), number);
  auto const length = static_cast<std::size_t>(end - bytes.data());
  if (error != std::errc{} || std::to_string(number) != bytes.substr(0, length)) return std::nullopt;
  bytes.remove_prefix(length);
  return number;
}

std::optional<Envelope> open_envelope(std::string_view bytes) {
  Envelope envelope;
  if (!take(bytes, schema_key)) return std::nullopt;
  auto const schema = take_number(bytes);
  if (!schema || !take(bytes, crc_key) || bytes.size() < crc_digits) return std::nullopt;
  envelope.schema = *schema;
  envelope.crc = bytes.substr(0, crc_digits);
  bytes.remove_prefix(crc_digits);
  if (!take(bytes, body_key) || !bytes.ends_with(end_mark)) return std::nullopt;
  bytes.remove_suffix(end_mark.size());
  envelope.body = bytes;
  return envelope;
}

std::string state_path(std::string const& dir) {
  return dir + "/state.json";
}
std::string backup_path(std::string const& dir) {
  return dir + "/state.json.bak";
}

core::Error about(std::string const& path, core::Error error) {
  error.detail = path + ": " + error.detail;
  return error;
}

core::Result<core::State> decode_with_time_of_save(std::string_view bytes, core::Now now) {
  auto const envelope = open_envelope(bytes);
  if (!envelope) return core::Error{core::ErrorKind::invalid, "no state file, or not all of it"};
  if (checksum(envelope->body) != envelope->crc)
    return core::Error{core::ErrorKind::invalid, "the checksum does not fit: the file was damaged or edited"};
  // The schema stands in the body again, where the checksum covers it: a flipped bit is no newer version.
  if (!envelope->body.starts_with(std::string(schema_key) + std::to_string(envelope->schema) + ","))
    return core::Error{core::ErrorKind::invalid, "two different schemas in one file"};
  if (envelope->schema > state_schema)
    return core::Error{core::ErrorKind::unsupported,
                       "written by a newer version (schema " + std::to_string(envelope->schema) + ", we know up to " +
                           std::to_string(state_schema) + "); start that version, or move the file away"};
  return state_from_json(envelope->body, envelope->schema, now);
}

core::Result<core::State> read_state(std::string const& path, core::Now now) {
  auto const bytes = read_file(path, max_state_bytes);
  if (!bytes) return bytes.error();
  auto state = decode_with_time_of_save(*bytes, now);
  if (!state) return about(path, state.error());
  return state;
}

/// Whether the error says that there is a file and that it is no use to this or any other program.
bool is_damage(core::Error const& error) {
  return error.kind == core::ErrorKind::invalid || error.kind == core::ErrorKind::too_large ||
         error.kind == core::ErrorKind::io;
}

/// `20261122T195019Z`
std::string utc_stamp(core::WallTime at) {
  auto text = core::to_rfc3339(at);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

core::Result<std::string> put_aside(std::string const& path, core::WallTime at) {
  constexpr int tries = 100;
  for (int number = 1; number <= tries; ++number) {
    auto const name = path + ".corrupt-" + utc_stamp(at) + (number == 1 ? "" : "-" + std::to_string(number));
    if (::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) return name;
    if (errno != EEXIST) return errno_error(errno, "cannot put the damaged " + path + " aside");
  }
  return core::Error{core::ErrorKind::already_exists, "too many damaged files beside " + path + "; remove some"};
}

void remove_leftovers(std::string const& dir) {
  auto const directory = open_directory(dir);
  if (!directory) return;  // the save that follows tells what is wrong with it
  auto const names = list_names(*directory, dir, 10'000);
  if (!names) return;
  for (auto const& name : *names)
    if (is_temporary_name(name) || name == backup_in_the_making)
      (void)::unlinkat(directory->get(), name.c_str(), 0);  // tried again at the next start
}

/// Makes the backup another name of the present file, without an instant in which either is absent.
core::Result<void> keep_backup(std::string const& dir) {
  auto const state = state_path(dir);
  auto const backup = backup_path(dir);
  auto const temporary = dir + "/" + std::string(backup_in_the_making);
  (void)::unlink(temporary.c_str());  // of a crash
  if (::link(state.c_str(), temporary.c_str()) != 0) {
    if (errno == ENOENT) return {};  // the first save, or a damaged file was put aside: the older backup stays
    auto const number = errno;
    if (number != EPERM && number != EOPNOTSUPP && number != EMLINK && number != ENOSYS)
      return errno_error(number, "cannot keep the previous " + state);
    auto const bytes = read_file(state, max_state_bytes);  // a file system without hard links
    if (!bytes) return bytes.error();
    return write_file_atomically(backup, *bytes);
  }
  auto const renamed = ::rename(temporary.c_str(), backup.c_str());
  auto const number = errno;
  // rename(2) does nothing when both names are the same file already (after a write that failed).
  (void)::unlink(temporary.c_str());
  if (renamed != 0) return errno_error(number, "cannot keep the previous " + state);
  return {};
}

}  // namespace

std::string encode_state(core::State const& state, core::Now now) {
  auto const body = state_to_json(state, state_schema, now);
  std::string bytes;
  bytes.reserve(body.size() + 64);
  bytes.append(schema_key).append(std::to_string(state_schema)).append(crc_key).append(checksum(body));
  return bytes.append(body_key).append(body).append(end_mark);
}

core::Result<core::State> decode_state(std::string_view bytes, core::Now now) {
  auto state = decode_with_time_of_save(bytes, now);
  if (state) state->live = {};
  return state;
}

core::Result<LoadedState> load_state(std::string const& dir, core::Now now) {
  remove_leftovers(dir);
  LoadedState loaded;
  bool first = true;
  for (auto const& path : {state_path(dir), backup_path(dir)}) {
    auto state = read_state(path, now);
    if (state) {
      loaded.state = std::move(*state);
      if (first) return loaded;
      loaded.remarks.push_back("continued from " + path);
      loaded.state.live.saved_at.reset();  // the one that is lost was newer
      return loaded;
    }
    first = false;
    if (state.error().kind == core::ErrorKind::not_found) continue;
    if (!is_damage(state.error())) return state.error();
    auto const aside = put_aside(path, now.wall);
    if (!aside) return aside.error();
    loaded.remarks.push_back(state.error().detail + "; kept as " + *aside);
  }
  if (!loaded.remarks.empty()) loaded.remarks.emplace_back("continued without a saved state");
  return loaded;
}

core::Result<core::State> peek_state(std::string const& dir, core::Now now) {
  auto state = read_state(state_path(dir), now);
  if (!state && state.error().kind != core::ErrorKind::unsupported)
    if (auto backup = read_state(backup_path(dir), now)) state = std::move(backup);
  if (state) state->live = {};
  return state;
}

core::Result<void> save_state(std::string const& dir, std::string const& bytes) {
  if (auto kept = keep_backup(dir); !kept) return kept;
  return write_file_atomically(state_path(dir), bytes);
}

}  // namespace failover::adapters
