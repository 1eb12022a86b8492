#pragma once

#include "adapters/json_document.hpp"
#include "core/names.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <concepts>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Records as JSON, both ways, from one description of their fields.
namespace failover::adapters {

/// Each record's fields, named once for both directions: `visit(archive, record)` hands them over in order. A record
/// that has no default value has `blank()`, what reading begins with.
template <class T>
struct Fields;

template <class T>
concept Record = requires {
  sizeof(Fields<T>);
};

/// The last word of an enum whose words to_string() knows: `static constexpr T value`.
template <class T>
struct LastWord;

/// How much of a record is meant, and what a moment is.
enum class Extent {
  saved,  ///< what outlives the process; a moment is its wall time by the clock of the save
  whole   ///< also what is known only from looking, and exactly: a moment is both of its times, a fraction a text
};

/// A value that begins empty, whatever it is.
template <class T>
[[nodiscard]] T blank_value() {
  if constexpr (std::is_default_constructible_v<T>)
    return T{};
  else
    return Fields<T>::blank();
}

/// JSON that is written already.
struct RawJson {
  std::string text = {};
};

/// Writes one record as a JSON object, field by field.
template <Extent extent_of>
class RecordWriter {
 public:
  static constexpr Extent extent = extent_of;

  RecordWriter() requires(extent == Extent::whole) = default;
  /// `now` is the time of the save.
  explicit RecordWriter(core::Now now) : now_(now) {}

  template <class T>
  void operator()(std::string_view key, T const& value) {
    out_.push_back(out_.empty() ? '{' : ',');
    append_json(out_, key);
    out_.push_back(':');
    put(value);
  }

  template <class T>
  void added(std::string_view key, T const& value) {
    (*this)(key, value);
  }

  /// A time that was reckoned from a moment is saved by the same clock as that.
  void reckoned(std::string_view key, core::WallTime time, core::Moment const& from) {
    if constexpr (extent == Extent::saved) time += core::by_present_clock(from, now_) - from.wall;
    (*this)(key, time);
  }

  [[nodiscard]] std::string take() {
    if (out_.empty()) out_.push_back('{');
    out_.push_back('}');
    return std::exchange(out_, {});
  }

 private:
  void put(RawJson const& json) { out_ += json.text; }
  void put(std::string const& text) { append_json(out_, std::string_view{text}); }
  template <class Tag>
  void put(core::Name<Tag> const& name) {
    put(name.str());
  }
  void put(bool value) { out_ += value ? "true" : "false"; }
  template <class T>
  requires std::integral<T>
  void put(T number) { out_ += std::to_string(number); }
  void put(double number) {
    if constexpr (extent == Extent::saved) return append_json(out_, number);
    append_json(out_, std::string_view{number_text(number)});
  }
  template <class T>
  requires std::is_enum_v<T>
  void put(T word) { append_json(out_, std::string_view{to_string(word)}); }
  void put(core::Duration duration) { put(std::int64_t{duration.count()}); }
  void put(core::WallTime time) { put(time.time_since_epoch()); }
  void put(core::Moment const& moment) {
    if constexpr (extent == Extent::saved) return put(core::by_present_clock(moment, now_));
    out_.push_back('[');
    put(moment.wall);
    out_.push_back(',');
    put(moment.mono.time_since_epoch());
    out_.push_back(']');
  }
  template <class T>
  void put(std::optional<T> const& value) {
    if (value)
      put(*value);
    else
      out_ += "null";
  }
  template <class T>
  void put(core::Result<T> const& result) {
    RecordWriter writer{now_};
    if (!result)
      writer("error", result.error());
    else if constexpr (!std::is_void_v<T>)
      writer("value", *result);
    out_ += writer.take();
  }
  template <class T>
  void put(std::vector<T> const& items) {
    put_items(items);
  }
  template <class T>
  void put(std::deque<T> const& items) {
    put_items(items);
  }
  template <class T>
  void put(std::set<T> const& items) {
    put_items(items);
  }
  template <class Key, class T>
  void put(std::map<Key, T> const& map) {
    put_items(map);  // no object: a key may be no UTF-8
  }
  template <class Key, class T>
  void put(std::pair<Key, T> const& pair) {
    out_.push_back('[');
    put(pair.first);
    out_.push_back(',');
    put(pair.second);
    out_.push_back(']');
  }
  template <Record T>
  void put(T const& record) {
    RecordWriter writer{now_};
    Fields<T>::visit(writer, record);
    out_ += writer.take();
  }
  template <class Items>
  void put_items(Items const& items) {
    out_.push_back('[');
    bool first = true;
    for (auto const& item : items) {
      if (!std::exchange(first, false)) out_.push_back(',');
      put(item);
    }
    out_.push_back(']');
  }

  std::string out_ = {};
  core::Now now_ = {};
};

/// Reads the fields of one JSON object. The first thing that is wrong is kept, with its place; a key that no field has
/// is wrong, too.
template <Extent extent_of>
class RecordReader {
 public:
  static constexpr Extent extent = extent_of;

  /// `now` is what saved moments are put into this process's life by.
  RecordReader(JsonNode object, core::Now now) : object_(object), now_(now) {}

  template <class T>
  void operator()(std::string_view key, T& out) {
    if (!problem_.empty()) return;
    ++known_;
    auto const value = object_.member(key);
    if (!value) return fail(key, "is missing");
    std::string where;
    if (!get(*value, out, where)) fail(std::string(key) + where, "is not what it should be");
  }

  /// A field that older records do not have; they leave the default.
  template <class T>
  void added(std::string_view key, T& out) {
    if (object_.member(key)) (*this)(key, out);
  }

  void reckoned(std::string_view key, core::WallTime& out, core::Moment const&) { (*this)(key, out); }

  /// Restores moments by this present from here on.
  void restore_by(core::Now now) { now_ = now; }

  /// "" when the object was just what was asked for.
  [[nodiscard]] std::string problem() const {
    if (!object_.members()) return " is no object";
    if (problem_.empty() && known_ != object_.members()) return ": a key that is not known";
    return problem_;
  }

 private:
  static constexpr std::int64_t latest_time = 253'402'300'799'999;  // the last millisecond of the year 9999

  void fail(std::string_view key, std::string const& what) { problem_ = "." + std::string(key) + " " + what; }

  template <class T>
  static bool take(std::optional<T> value, T& out) {
    if (value) out = std::move(*value);
    return value.has_value();
  }

  // get: whether the value could be read; where it could not, `where` grows towards the place inside it.
  bool get(JsonNode value, JsonNode& out, std::string&) const {
    out = value;
    return true;
  }
  bool get(JsonNode value, std::string& out, std::string&) const { return take(text_of(value), out); }
  template <class Tag>
  bool get(JsonNode value, core::Name<Tag>& out, std::string&) const {
    auto text = text_of(value);
    if (text) out = core::Name<Tag>{std::move(*text)};
    return text.has_value();
  }
  bool get(JsonNode value, bool& out, std::string&) const { return take(value.boolean(), out); }
  bool get(JsonNode value, std::int64_t& out, std::string&) const { return take(value.integer(), out); }
  bool get(JsonNode value, std::uint64_t& out, std::string&) const { return take(value.natural(), out); }
  bool get(JsonNode value, int& out, std::string&) const {
    auto const number = value.integer();
    if (!number || *number != static_cast<int>(*number)) return false;
    out = static_cast<int>(*number);
    return true;
  }
  bool get(JsonNode value, double& out, std::string&) const {
    if constexpr (extent == Extent::saved) return take(value.number(), out);
    auto const text = value.text();
    return text && take(number_in(*text), out);
  }
  template <class T>
  requires std::is_enum_v<T>
  bool get(JsonNode value, T& out, std::string&) const {
    auto const word = value.text();
    if (!word) return false;
    for (int i = 0; i <= static_cast<int>(LastWord<T>::value); ++i)
      if (to_string(static_cast<T>(i)) == *word) {
        out = static_cast<T>(i);
        return true;
      }
    return false;
  }
  bool get(JsonNode value, core::Duration& out, std::string&) const {
    auto const count = value.integer();
    if (!count || *count < -latest_time || *count > latest_time) return false;
    out = core::Duration{*count};
    return true;
  }
  bool get(JsonNode value, core::WallTime& out, std::string& where) const {
    core::Duration since_epoch{};
    if (!get(value, since_epoch, where)) return false;
    out = core::WallTime{since_epoch};
    return true;
  }
  bool get(JsonNode value, core::Moment& out, std::string& where) const {
    core::WallTime wall;
    if constexpr (extent == Extent::saved) {
      if (!get(value, wall, where)) return false;
      out = wall == core::WallTime{} ? core::Moment{} : core::restored(wall, now_);  // one that never was stays so
      return true;
    }
    core::Duration since_start{};
    if (value.length() != 2U || !get(value.element(0), wall, where) || !get(value.element(1), since_start, where))
      return false;
    out = {wall, core::MonoTime{since_start}};
    return true;
  }
  template <class T>
  bool get(JsonNode value, std::optional<T>& out, std::string& where) const {
    out.reset();
    return value.is_null() || get(value, out.emplace(blank_value<T>()), where);
  }
  template <class T>
  bool get(JsonNode value, core::Result<T>& out, std::string& where) const {
    if (auto const error = value.member("error")) {
      core::Error found;
      if (!get(*error, found, where)) return false;
      out = std::move(found);
      return true;
    }
    if constexpr (std::is_void_v<T>) {
      out = {};
      return value.members() == 0U;
    } else {
      auto const member = value.member("value");
      auto content = blank_value<T>();
      if (!member || !get(*member, content, where)) return false;
      out = std::move(content);
      return true;
    }
  }
  template <class T>
  bool get(JsonNode value, std::vector<T>& out, std::string& where) const {
    return get_items(value, out, where);
  }
  template <class T>
  bool get(JsonNode value, std::deque<T>& out, std::string& where) const {
    return get_items(value, out, where);
  }
  template <class Items>
  bool get_items(JsonNode value, Items& out, std::string& where) const {
    auto const count = value.length();
    if (!count) return false;
    out.clear();
    for (std::size_t i = 0; i < *count; ++i)
      if (!get(value.element(i), out.emplace_back(blank_value<typename Items::value_type>()), where))
        return at_index(i, where);
    return true;
  }
  template <class T>
  bool get(JsonNode value, std::set<T>& out, std::string& where) const {
    std::vector<T> items;
    if (!get_items(value, items, where)) return false;
    out = std::set<T>(items.begin(), items.end());
    return out.size() == items.size();
  }
  template <class Key, class T>
  bool get(JsonNode value, std::map<Key, T>& out, std::string& where) const {
    auto const count = value.length();
    if (!count) return false;
    out.clear();
    for (std::size_t i = 0; i < *count; ++i) {
      std::pair<Key, T> entry;
      if (!get(value.element(i), entry, where) || !out.insert(std::move(entry)).second) return at_index(i, where);
    }
    return true;
  }
  template <class Key, class T>
  bool get(JsonNode value, std::pair<Key, T>& out, std::string& where) const {
    return value.length() == 2U && get(value.element(0), out.first, where) && get(value.element(1), out.second, where);
  }
  template <Record T>
  bool get(JsonNode value, T& out, std::string& where) const {
    if (!value.members()) return false;
    RecordReader reader{value, now_};
    Fields<T>::visit(reader, out);
    where = reader.problem();
    return where.empty();
  }
  static bool at_index(std::size_t index, std::string& where) {
    where = "[" + std::to_string(index) + "]" + where;
    return false;
  }

  JsonNode object_;
  core::Now now_;
  std::size_t known_ = 0;
  std::string problem_ = {};
};

}  // namespace failover::adapters
