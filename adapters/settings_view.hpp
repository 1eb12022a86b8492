#pragma once

#include "adapters/json_text.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace failover::adapters {

/// The parts of an agent's settings that our entries go to. Holds a view of the text.
struct SettingsView {
  JsonText json;
  std::optional<JsonMember> hooks = {};  ///< an object
  std::vector<JsonMember> events = {};   ///< its members
  std::optional<JsonMember> status_line = {};
  std::optional<JsonValue> status_command = {};  ///< its command, a string, where it is of type command
};

/// One hook of ours: `{"hooks": {EVENT: [{"hooks": [HERE]}]}}`.
struct OwnHook {
  std::size_t group = 0;       ///< in the event's list
  JsonValue group_hooks = {};  ///< the list that it stands in
  std::size_t hook = 0;        ///< in that list
  std::size_t neighbours = 0;  ///< other hooks in that list
  JsonValue command = {};      ///< the string
  bool made_list = false;      ///< the event's list was made for it
  bool made_hooks = false;     ///< the object `hooks` was made for it
};

/// `invalid` as installed_hooks tells it.
[[nodiscard]] core::Result<SettingsView> view_settings(std::string_view text);

/// The event's member; nothing where it has none.
[[nodiscard]] std::optional<JsonMember> find_event(SettingsView const& view, std::string_view event);

/// All hooks of ours that an event has, in the order of the text. `invalid` for a list that is none, for doubled names
/// in it, and for more than max_own_hooks.
[[nodiscard]] core::Result<std::vector<OwnHook>> own_hooks(SettingsView const& view, JsonMember const& event);

/// The bytes of one place.
[[nodiscard]] std::string_view bytes_of(SettingsView const& view, TextRange range);

/// The text without a member of its outermost object, which it must have.
[[nodiscard]] std::string without_member(SettingsView const& view, JsonMember const& member);

constexpr std::size_t max_own_hooks = 50;

/// A member of an object by its name; `invalid` where the name stands twice.
[[nodiscard]] core::Result<std::optional<JsonMember>> only_member(JsonText const& json,
                                                                  std::vector<JsonMember> const& members,
                                                                  std::string_view name);

}  // namespace failover::adapters
