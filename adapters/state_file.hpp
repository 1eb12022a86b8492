#pragma once

#include "core/result.hpp"
#include "core/state.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace failover::adapters {

/// The state as the bytes of `state.json`: one line `{"schema":1,"crc":"…","body":…}`, the checksum (CRC-64/XZ, 16 hex
/// digits) over the exact bytes of the body. Wall times are saved, in milliseconds of the Unix epoch and by the clock
/// of `now`, the time of the save; what core/state.hpp calls live is not.
[[nodiscard]] std::string encode_state(core::State const& state, core::Now now);

/// The state of such bytes, its moments put into this process's life by core::restored().
///
/// Anything that encode_state() would not have written is invalid: cut, changed in any bit, a missing or unknown key,
/// an unknown word. A whole file of a newer schema is unsupported.
[[nodiscard]] core::Result<core::State> decode_state(std::string_view bytes, core::Now now);

struct LoadedState {
  core::State state = {};
  std::vector<std::string> remarks = {};  ///< what the person should know: a damaged file, a start from the backup
};

/// The state to start with: `state.json`, else `state.json.bak`, else a fresh one. For the holder of the lock only.
///
/// A damaged file is renamed to `<name>.corrupt-<UTC>` and remarked upon. A newer schema is unsupported, a file that
/// may not be read is permission; both leave everything as it is. Temporary files of a crash are removed. Of what is
/// live the state tells when it was saved, and only where it is the newest that was saved.
[[nodiscard]] core::Result<LoadedState> load_state(std::string const& dir, core::Now now);

/// The state as it was last saved, for who only looks: changes nothing on disk. not_found when none was saved.
[[nodiscard]] core::Result<core::State> peek_state(std::string const& dir, core::Now now);

/// Saves the bytes of encode_state() as `state.json`, durably, and keeps what was there as `state.json.bak`.
/// `state.json` is whole, old or new, at every instant. Blocks: for the writer thread.
[[nodiscard]] core::Result<void> save_state(std::string const& dir, std::string const& bytes);

inline constexpr std::int64_t state_schema = 1;
inline constexpr std::size_t max_state_bytes = std::size_t{64} << 20;

}  // namespace failover::adapters
