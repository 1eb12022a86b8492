#pragma once

#include "core/config_keys.hpp"
#include "core/enum_names.hpp"
#include "core/expects.hpp"

#include <array>
#include <type_traits>
#include <utility>

/// Makes a KeyAccess from a chain of member pointers: `access<&Config::quota, &QuotaConfig::settle>()`. The key's
/// type follows from the member's; only a path looks like a text, and says so: `path_access<...>()`.
namespace failover::core {

template <class Enum>
struct EnumWords;  ///< specialised with `value`, an EnumNames, for each enum of the configuration

template <>
struct EnumWords<SwitchMode> {
  static constexpr EnumNames<SwitchMode, 2> value{
      {{SwitchMode::link, "link"}, {SwitchMode::per_session, "per_session"}}};
};

template <>
struct EnumWords<Strategy> {
  static constexpr EnumNames<Strategy, 3> value{{{Strategy::priority, "priority"},
                                                 {Strategy::most_headroom, "most_headroom"},
                                                 {Strategy::soonest_reset, "soonest_reset"}}};
};

template <>
struct EnumWords<OnTimeout> {
  static constexpr EnumNames<OnTimeout, 3> value{
      {{OnTimeout::hold, "hold"}, {OnTimeout::interrupt, "interrupt"}, {OnTimeout::fail, "fail"}}};
};

template <>
struct EnumWords<LogLevel> {
  static constexpr EnumNames<LogLevel, 4> value{{{LogLevel::debug, "debug"},
                                                 {LogLevel::info, "info"},
                                                 {LogLevel::warning, "warning"},
                                                 {LogLevel::error, "error"}}};
};

template <>
struct EnumWords<LogFormat> {
  static constexpr EnumNames<LogFormat, 2> value{{{LogFormat::logfmt, "logfmt"}, {LogFormat::json, "json"}}};
};

template <class Enum>
inline constexpr auto words_of = [] {
  std::array<std::string_view, EnumWords<Enum>::value.size()> words{};
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = EnumWords<Enum>::value[i].second;
  return words;
}();

template <class Member>
struct MemberPointer;
template <class Class, class Value>
struct MemberPointer<Value Class::*> {
  using Owner = Class;
};
template <class Value>
Value* existing(Value& value) {
  return &value;
}
template <class Value>
Value* existing(std::optional<Value>& value) {
  return value ? &*value : nullptr;
}
template <class Value>
Value const* existing(std::optional<Value> const& value) {
  return value ? &*value : nullptr;
}

/// The field at the end of the chain, null when an optional section on the way is absent.
template <auto First, auto... Rest, class Owner>
auto* reach(Owner& owner) {
  auto* const next = existing(owner.*First);
  if constexpr (sizeof...(Rest) == 0)
    return next;
  else
    return next == nullptr ? nullptr : reach<Rest...>(*next);
}

template <class Tag>
KeyValue to_key_value(Name<Tag> const& name) {
  return name.str();
}
template <class Value>
KeyValue to_key_value(Value const& value) {
  if constexpr (std::is_enum_v<Value>)
    return std::string(name_of(EnumWords<Value>::value, value));
  else
    return value;
}

template <class Tag>
void from_key_value(Name<Tag>& name, KeyValue value) {
  name = Name<Tag>(std::get<std::string>(std::move(value)));
}
template <class Value>
void from_key_value(Value& field, KeyValue value) {
  if constexpr (std::is_enum_v<Value>) {
    auto const word = value_of(EnumWords<Value>::value, std::get<std::string>(value));
    EXPECTS(word.has_value());
    field = *word;
  } else {
    field = std::get<Value>(std::move(value));
  }
}

template <class Value>
constexpr KeyType type_of_field() {
  if (std::is_same_v<Value, bool>) return KeyType::boolean;
  if (std::is_same_v<Value, std::int64_t>) return KeyType::integer;
  if (std::is_same_v<Value, Duration>) return KeyType::duration;
  if (std::is_same_v<Value, std::vector<std::string>>) return KeyType::list;
  return std::is_enum_v<Value> ? KeyType::word : KeyType::text;
}

template <auto First, auto... Rest>
constexpr auto access() {
  using Owner = typename MemberPointer<decltype(First)>::Owner;
  using Value = std::remove_pointer_t<decltype(reach<First, Rest...>(std::declval<Owner&>()))>;
  KeyAccess<Owner> result;
  result.type = type_of_field<Value>();
  result.get = [](Owner const& owner) -> std::optional<KeyValue> {
    auto const* const field = reach<First, Rest...>(owner);
    if (field == nullptr) return std::nullopt;
    return to_key_value(*field);
  };
  result.set = [](Owner& owner, KeyValue value) {
    auto* const field = reach<First, Rest...>(owner);
    EXPECTS(field != nullptr);
    from_key_value(*field, std::move(value));
  };
  if constexpr (std::is_enum_v<Value>) result.words = words_of<Value>;
  return result;
}

template <auto... Members>
constexpr auto path_access() {
  auto result = access<Members...>();
  result.type = KeyType::path;
  return result;
}

}  // namespace failover::core
