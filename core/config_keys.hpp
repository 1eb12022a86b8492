#pragma once

#include "core/config.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The one table of the configuration: every key with its type, range, default and meaning. The YAML loader,
/// check_config and the documentation are driven by it; defaults are those of core/config.hpp.
namespace failover::core {

enum class KeyType {
  boolean,
  integer,
  duration,
  text,
  path,  ///< made absolute by the loader; check_config refuses a relative one
  word,  ///< one of Key::words
  list   ///< of texts
};
[[nodiscard]] std::string_view to_string(KeyType type);

/// The value of one key: bool, integer, duration, text | path | word, list.
using KeyValue = std::variant<bool, std::int64_t, Duration, std::string, std::vector<std::string>>;

/// Both ends included; of a duration in milliseconds.
struct KeyRange {
  std::int64_t least = 0;
  std::int64_t most = 0;
  bool operator==(KeyRange const&) const = default;
};

/// How a key's value is reached in its owner: the whole Config, or one element of a list.
template <class Owner>
struct KeyAccess {
  KeyType type = KeyType::text;
  std::optional<KeyValue> (*get)(Owner const&) = nullptr;  ///< nothing: an optional section that is absent
  void (*set)(Owner&, KeyValue) = nullptr;  ///< the type's alternative, one of the words, in a section that exists
  std::span<std::string_view const> words = {};
};

/// When a changed value takes effect.
enum class KeyApplied { reload, restart };
/// Whether the key must be written (and its value not be empty).
enum class KeyNeed { optional, required };

template <class Owner>
struct Key {
  std::string_view path = {};  ///< `quota.poll_interval`; of a list element relative to it
  KeyAccess<Owner> access = {};
  std::optional<KeyRange> range = {};  ///< of every integer and duration
  std::string_view unit = {};          ///< of an integer; a duration is written with its own
  KeyNeed need = KeyNeed::optional;
  KeyApplied applied = KeyApplied::reload;
  std::string_view derived = {};  ///< the default in words, where the loader finds it
  std::string_view example = {};  ///< the value in the example file as YAML, where the default says too little
  std::string_view sentence = {};
};

using ConfigKey = Key<Config>;
using AccountKey = Key<AccountConfig>;
using DedicatedKey = Key<DedicatedConfig>;

/// In the order of the example file: keys of a section stand together.
[[nodiscard]] std::span<ConfigKey const> config_keys();
[[nodiscard]] std::span<AccountKey const> account_keys();      ///< of the elements of `accounts`
[[nodiscard]] std::span<DedicatedKey const> dedicated_keys();  ///< of the elements of `sessions.dedicated`

enum class SectionForm { plain, optional, list };

struct ConfigSection {
  std::string_view path = {};
  SectionForm form = SectionForm::plain;
  void (*create)(Config&) = nullptr;  ///< of an optional section: makes it exist, with its defaults
  std::string_view sentence = {};
};

[[nodiscard]] std::span<ConfigSection const> config_sections();

/// A value as it may stand in the file: `30s`, `[claude]`, `""`.
[[nodiscard]] std::string yaml_text(KeyValue const& value);

/// A range with its unit: `80 to 500 columns`, `100ms to 1h`.
[[nodiscard]] std::string range_text(KeyRange range, KeyType type, std::string_view unit);

/// The default as the documentation shows it, "" where there is none (required, or empty by default).
template <class Owner>
[[nodiscard]] std::string default_text(Key<Owner> const& key);

/// The keys whose change is not applied by a reload and that differ between the two.
[[nodiscard]] std::vector<std::string_view> keys_needing_restart(Config const& running, Config const& loaded);

/// What a reload may put in place: `loaded` with the running values of the keys that need a restart.
[[nodiscard]] Config reloaded_config(Config const& running, Config loaded);

}  // namespace failover::core
