#include "adapters/state_json.hpp"

#include "adapters/utf8.hpp"

#include <concepts>
#include <type_traits>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace failover::adapters {
namespace {

namespace json = boost::json;

/// Each record's fields, named once for both directions: `visit(archive, record)` hands them over in order.
template <class T>
struct Fields;

template <class T>
concept Record = requires {
  sizeof(Fields<T>);
};

// Words of the enums. ---

template <class Enum>
std::optional<Enum> find_word(std::string_view word, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (to_string(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  return std::nullopt;
}

std::optional<core::StandingKind> from_word(std::string_view word, core::StandingKind) {
  return core::standing_from(word);
}
std::optional<core::Window> from_word(std::string_view word, core::Window) {
  return core::window_from(word);
}
std::optional<core::SessionKind> from_word(std::string_view word, core::SessionKind) {
  return core::session_kind_from(word);
}
std::optional<core::Phase> from_word(std::string_view word, core::Phase) {
  return core::phase_from(word);
}
std::optional<core::RecoveryStep> from_word(std::string_view word, core::RecoveryStep) {
  return core::recovery_step_from(word);
}
std::optional<core::TaskPhase> from_word(std::string_view word, core::TaskPhase) {
  return core::task_phase_from(word);
}
std::optional<core::SwapPhase> from_word(std::string_view word, core::SwapPhase) {
  return core::swap_phase_from(word);
}
std::optional<core::SwapCause> from_word(std::string_view word, core::SwapCause) {
  return core::swap_cause_from(word);
}
std::optional<core::Fitness> from_word(std::string_view word, core::Fitness) {
  return core::fitness_from(word);
}
std::optional<core::TaskPlace> from_word(std::string_view word, core::TaskPlace) {
  return find_word(word, core::TaskPlace::held);
}
std::optional<core::ErrorKind> from_word(std::string_view word, core::ErrorKind) {
  return find_word(word, core::ErrorKind::unsupported);
}
std::optional<core::Source> from_word(std::string_view word, core::Source) {
  return core::source_from(word);
}
std::optional<core::Ruling> from_word(std::string_view word, core::Ruling) {
  return core::ruling_from(word);
}
std::optional<core::ScreenState> from_word(std::string_view word, core::ScreenState) {
  return core::screen_state_from(word);
}
std::optional<core::Scope> from_word(std::string_view word, core::Scope) {
  return core::scope_from(word);
}
std::optional<core::Channel> from_word(std::string_view word, core::Channel) {
  return find_word(word, core::Channel::command);
}

// Writing. ---

/// JSON knows UTF-8 only, file names know bytes: what is no UTF-8 is written as {"hex": "…"}.
json::value text_value(std::string_view text) {
  if (is_valid_utf8(text)) return json::value(text);
  std::string hex;
  for (char const c : text) {
    hex.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
    hex.push_back("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
  }
  return json::object{{"hex", hex}};
}

class Writer {
 public:
  template <class T>
  void operator()(std::string_view key, T const& value) {
    object_.emplace(key, put(value));
  }

  template <class T>
  void added(std::string_view key, T const& value) {
    (*this)(key, value);
  }

  [[nodiscard]] json::object take() { return std::move(object_); }

 private:
  static json::value put(std::string const& text) { return text_value(text); }
  template <class Tag>
  static json::value put(core::Name<Tag> const& name) {
    return text_value(name.str());
  }
  template <class T>
  requires std::integral<T>
  static json::value put(T number) { return json::value(number); }
  static json::value put(double number) { return json::value(number); }
  template <class T>
  requires std::is_enum_v<T>
  static json::value put(T word) { return json::value(to_string(word)); }
  static json::value put(core::Duration duration) { return json::value(std::int64_t{duration.count()}); }
  static json::value put(core::WallTime time) { return put(time.time_since_epoch()); }
  static json::value put(core::Moment const& moment) { return put(moment.wall); }
  template <class T>
  static json::value put(std::optional<T> const& value) {
    return value ? put(*value) : json::value(nullptr);
  }
  template <class T>
  static json::value put(std::vector<T> const& items) {
    return put_items(items);
  }
  template <class T>
  static json::value put(std::deque<T> const& items) {
    return put_items(items);
  }
  template <class Key, class T>
  static json::value put(std::map<Key, T> const& map) {
    json::array pairs;  // not an object: a key may be no UTF-8
    for (auto const& [key, value] : map) pairs.push_back(json::array{put(key), put(value)});
    return pairs;
  }
  template <Record T>
  static json::value put(T const& record) {
    Writer writer;
    Fields<T>::visit(writer, record);
    return writer.take();
  }
  template <class Items>
  static json::value put_items(Items const& items) {
    json::array array;
    for (auto const& item : items) array.push_back(put(item));
    return array;
  }

  json::object object_ = {};
};

// Reading. ---

constexpr std::int64_t latest_time = 253'402'300'799'999;  // the last millisecond of the year 9999

/// Reads the fields of one JSON object. The first thing that is wrong is kept, with its place.
class Reader {
 public:
  Reader(json::object const& object, core::Now now) : object_(object), now_(now) {}

  template <class T>
  void operator()(std::string_view key, T& out) {
    if (!problem_.empty()) return;
    ++known_;
    auto const* value = object_.if_contains(key);
    if (value == nullptr) return fail(key, "is missing");
    std::string where;
    if (!get(*value, out, where)) fail(std::string(key) + where, "is not what it should be");
  }

  /// A field that older states of this schema do not have; they leave the default.
  template <class T>
  void added(std::string_view key, T& out) {
    if (object_.contains(key)) (*this)(key, out);
  }

  [[nodiscard]] std::string problem() const {
    if (problem_.empty() && known_ != object_.size()) return ": a key that is not known";
    return problem_;
  }

 private:
  void fail(std::string const& key, std::string const& what) { problem_ = "." + key + " " + what; }
  void fail(std::string_view key, std::string const& what) { fail(std::string(key), what); }

  // get: whether the value could be read; where it could not, `where` grows towards the place inside it.
  bool get(json::value const& value, std::string& out, std::string&) const {
    if (auto const* text = value.if_string()) {
      out.assign(text->data(), text->size());
      return true;
    }
    auto const* object = value.if_object();
    auto const* hex = object != nullptr && object->size() == 1 ? object->if_contains("hex") : nullptr;
    return hex != nullptr && hex->is_string() && get_hex(hex->get_string(), out);
  }
  static bool get_hex(std::string_view hex, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    out.clear();
    if (hex.size() % 2 != 0) return false;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
      auto const high = digits.find(hex[i]);
      auto const low = digits.find(hex[i + 1]);
      if (high == std::string_view::npos || low == std::string_view::npos) return false;
      out.push_back(static_cast<char>(static_cast<unsigned char>(high << 4 | low)));
    }
    return true;
  }
  template <class Tag>
  bool get(json::value const& value, core::Name<Tag>& out, std::string& where) const {
    std::string text;
    if (!get(value, text, where)) return false;
    out = core::Name<Tag>{std::move(text)};
    return true;
  }
  bool get(json::value const& value, bool& out, std::string&) const {
    if (!value.is_bool()) return false;
    out = value.get_bool();
    return true;
  }
  bool get(json::value const& value, std::int64_t& out, std::string&) const {
    if (!value.is_int64()) return false;
    out = value.get_int64();
    return true;
  }
  bool get(json::value const& value, double& out, std::string&) const {
    if (!value.is_number()) return false;
    out = value.to_number<double>();
    return true;
  }
  bool get(json::value const& value, std::uint64_t& out, std::string&) const {
    if (!value.is_uint64() && !(value.is_int64() && value.get_int64() >= 0)) return false;
    out = value.is_uint64() ? value.get_uint64() : static_cast<std::uint64_t>(value.get_int64());
    return true;
  }
  template <class T>
  requires std::is_enum_v<T>
  bool get(json::value const& value, T& out, std::string&) const {
    if (!value.is_string()) return false;
    auto const word = from_word(std::string_view{value.get_string()}, T{});
    if (word) out = *word;
    return word.has_value();
  }
  bool get(json::value const& value, core::Duration& out, std::string& where) const {
    std::int64_t count = 0;
    if (!get(value, count, where) || count < -latest_time || count > latest_time) return false;
    out = core::Duration{count};
    return true;
  }
  bool get(json::value const& value, core::WallTime& out, std::string& where) const {
    core::Duration since_epoch{};
    if (!get(value, since_epoch, where)) return false;
    out = core::WallTime{since_epoch};
    return true;
  }
  bool get(json::value const& value, core::Moment& out, std::string& where) const {
    core::WallTime wall;
    if (!get(value, wall, where)) return false;
    out = wall == core::WallTime{} ? core::Moment{} : core::restored(wall, now_);  // one that never was stays so
    return true;
  }
  template <class T>
  bool get(json::value const& value, std::optional<T>& out, std::string& where) const {
    out.reset();
    return value.is_null() || get(value, out.emplace(), where);
  }
  template <class T>
  bool get(json::value const& value, std::vector<T>& out, std::string& where) const {
    return get_items(value, out, where);
  }
  template <class T>
  bool get(json::value const& value, std::deque<T>& out, std::string& where) const {
    return get_items(value, out, where);
  }
  template <class Items>
  bool get_items(json::value const& value, Items& out, std::string& where) const {
    auto const* array = value.if_array();
    if (array == nullptr) return false;
    out.clear();
    for (auto const& item : *array)
      if (!get(item, out.emplace_back(), where)) return at_index(out.size() - 1, where);
    return true;
  }
  template <class Key, class T>
  bool get(json::value const& value, std::map<Key, T>& out, std::string& where) const {
    auto const* array = value.if_array();
    if (array == nullptr) return false;
    out.clear();
    for (auto const& item : *array) {
      auto const* pair = item.if_array();
      Key key;
      if (pair == nullptr || pair->size() != 2 || !get((*pair)[0], key, where) || out.contains(key) ||
          !get((*pair)[1], out[key], where))
        return at_index(static_cast<std::size_t>(&item - array->data()), where);
    }
    return true;
  }
  template <Record T>
  bool get(json::value const& value, T& out, std::string& where) const {
    auto const* object = value.if_object();
    if (object == nullptr) return false;
    Reader reader{*object, now_};
    Fields<T>::visit(reader, out);
    where = reader.problem();
    return where.empty();
  }
  static bool at_index(std::size_t index, std::string& where) {
    where = "[" + std::to_string(index) + "]" + where;
    return false;
  }

  json::object const& object_;
  core::Now now_;
  std::size_t known_ = 0;
  std::string problem_ = {};
};

// The records. ---

template <>
struct Fields<core::Error> {
  static void visit(auto& archive, auto& error) {
    archive("kind", error.kind);
    archive("detail", error.detail);
  }
};

template <>
struct Fields<core::WindowUse> {
  static void visit(auto& archive, auto& use) {
    archive("used_percent", use.used_percent);
    archive("resets_at", use.resets_at);
  }
};

template <>
struct Fields<core::AccountUse> {
  static void visit(auto& archive, auto& use) {
    archive("five_hour", use.five_hour);
    archive("weekly", use.weekly);
    archive("told", use.told);
    archive("told_by", use.told_by);
  }
};

template <>
struct Fields<core::AccountState> {
  static void visit(auto& archive, auto& account) {
    archive("kind", account.kind);
    archive("window", account.window);
    archive("until", account.until);
    archive("until_assumed", account.until_assumed);
    archive("since", account.since);
    archive("rule", account.rule);
    archive("reported_by", account.reported_by);
    archive("exhausted_total", account.exhausted_total);
    archive.added("use", account.use);
    archive.added("disabled", account.disabled);
    archive.added("unproven", account.unproven);
    archive.added("model_limited_until", account.model_limited_until);
    archive.added("identity", account.identity);
    archive.added("login_seen", account.login_seen);
    archive.added("login_warned", account.login_warned);
  }
};

template <>
struct Fields<core::Observation> {
  static void visit(auto& archive, auto& seen) {
    archive("source", seen.source);
    archive("account", seen.account);
    archive("state", seen.state);
    archive("scope", seen.scope);
    archive("window", seen.window);
    archive("resets_at", seen.resets_at);
    archive("at", seen.at);
    archive("first_seen", seen.first_seen);
    archive("fingerprint", seen.fingerprint);
    archive("rule", seen.rule);
    archive("text", seen.text);
    archive("ruling", seen.ruling);
    archive("why", seen.why);
  }
};

template <>
struct Fields<core::PaneRef> {
  static void visit(auto& archive, auto& pane) {
    archive("server_pid", pane.server_pid);
    archive("server_start", pane.server_start);
    archive("id", pane.id);
  }
};

template <>
struct Fields<core::Recovery> {
  static void visit(auto& archive, auto& recovery) {
    archive("step", recovery.step);
    archive("attempts", recovery.attempts);
    archive("restarted", recovery.restarted);
    archive("began", recovery.began);
    archive("step_since", recovery.step_since);
    archive("last_refusal", recovery.last_refusal);
    archive.added("submitted", recovery.submitted);
  }
};

template <>
struct Fields<core::SessionState> {
  static void visit(auto& archive, auto& session) {
    archive("kind", session.kind);
    archive("phase", session.phase);
    archive("since", session.since);
    archive("pane", session.pane);
    archive("cwd", session.cwd);
    archive("account", session.account);
    archive("ours", session.ours);
    archive("conversation", session.conversation);
    archive("conversed", session.conversed);
    archive("task", session.task);
    archive("recovery", session.recovery);
    archive("blocked_until", session.blocked_until);
    archive("void_turn", session.void_turn);
    archive("hold_reason", session.hold_reason);
    archive("starts", session.starts);
    archive.added("account_since", session.account_since);
    archive.added("observations", session.observations);
    archive.added("held_by_operator", session.held_by_operator);
  }
};

template <>
struct Fields<core::TaskRequest> {
  static void visit(auto& archive, auto& request) {
    archive("session", request.session);
    archive("priority", request.priority);
    archive("timeout", request.timeout);
    archive("retries", request.retries);
    archive("not_before", request.not_before);
  }
};

template <>
struct Fields<core::TaskFile> {
  static void visit(auto& archive, auto& file) {
    archive("id", file.id);
    archive("place", file.place);
    archive("file_name", file.file_name);
    archive("title", file.title);
    archive("claim", file.claim);
    archive("changed_at", file.changed_at);
    archive("request", file.request);
    archive("unfit", file.unfit);
  }
};

template <>
struct Fields<core::TaskResult> {
  static void visit(auto& archive, auto& result) {
    archive("id", result.id);
    archive("place", result.place);
    archive("reason", result.reason);
    archive("session", result.session);
    archive("account", result.account);
    archive("conversation", result.conversation);
    archive("attempts", result.attempts);
    archive("claimed_at", result.claimed_at);
    archive("ended_at", result.ended_at);
    archive("last_message", result.last_message);
  }
};

template <>
struct Fields<core::TaskState> {
  static void visit(auto& archive, auto& task) {
    archive("file", task.file);
    archive("phase", task.phase);
    archive("session", task.session);
    archive("account", task.account);
    archive("claim", task.claim);
    archive("path", task.path);
    archive("claimed_at", task.claimed_at);
    archive("given_at", task.given_at);
    archive("timed_out", task.timed_out);
    archive("ending", task.ending);
  }
};

template <>
struct Fields<core::Considered> {
  static void visit(auto& archive, auto& one) {
    archive("account", one.account);
    archive("fitness", one.fitness);
    archive("used_percent", one.used_percent);
  }
};

template <>
struct Fields<core::Swap> {
  static void visit(auto& archive, auto& swap) {
    archive("id", swap.id);
    archive("phase", swap.phase);
    archive("from", swap.from);
    archive("to", swap.to);
    archive("trigger_session", swap.trigger_session);
    archive("rule", swap.rule);
    archive("snippet", swap.snippet);
    archive("resets_at", swap.resets_at);
    archive("decided", swap.decided);
    archive("ended", swap.ended);
    archive("sessions", swap.sessions);
    archive("unrecovered", swap.unrecovered);
    archive("abort_reason", swap.abort_reason);
    archive.added("cause", swap.cause);
    archive.added("considered", swap.considered);
  }
};

template <>
struct Fields<core::Brake> {
  static void visit(auto& archive, auto& brake) {
    archive("on", brake.on);
    archive("since", brake.since);
    archive("reason", brake.reason);
  }
};

template <>
struct Fields<core::OperatorChoice> {
  static void visit(auto& archive, auto& choice) {
    archive("account", choice.account);
    archive("at", choice.at);
  }
};

template <>
struct Fields<core::Message> {
  static void visit(auto& archive, auto& message) {
    archive("id", message.id);
    archive("channel", message.channel);
    archive("subject", message.subject);
    archive("body", message.body);
  }
};

template <>
struct Fields<core::OutboxEntry> {
  static void visit(auto& archive, auto& entry) {
    archive("message", entry.message);
    archive("created", entry.created);
    archive("attempts", entry.attempts);
    archive("next_try", entry.next_try);
  }
};

template <>
struct Fields<core::Counters> {
  static void visit(auto& archive, auto& counters) {
    archive("swaps", counters.swaps);
    archive("swap_failures", counters.swap_failures);
    archive("refusals", counters.refusals);
    archive("detections", counters.detections);
    archive("tasks", counters.tasks);
    archive("notifications", counters.notifications);
    archive("session_changes", counters.session_changes);
    archive("recoveries", counters.recoveries);
    archive("state_write_failures", counters.state_write_failures);
  }
};

template <>
struct Fields<core::State> {
  static void visit(auto& archive, auto& state) {
    archive("accounts", state.accounts);
    archive("active", state.active);
    archive("sessions", state.sessions);
    archive("tasks", state.tasks);
    archive("attempts", state.attempts);
    archive("swap", state.swap);
    archive("past_swaps", state.past_swaps);
    archive("next_swap_id", state.next_swap_id);
    archive("holding", state.holding);
    archive("outbox", state.outbox);
    archive("next_message_id", state.next_message_id);
    archive("counters", state.counters);
    archive("version", state.version);
    archive.added("active_since", state.active_since);
    archive.added("unrecognised", state.unrecognised);
    archive.added("brake", state.brake);
    archive.added("choice", state.choice);
    archive.added("frozen_since", state.frozen_since);
  }
};

}  // namespace

std::string state_to_json(core::State const& state, std::int64_t schema) {
  Writer writer;
  writer("schema", schema);
  Fields<core::State>::visit(writer, state);
  return json::serialize(writer.take());
}

core::Result<core::State> state_from_json(std::string_view text, std::int64_t schema, core::Now now) {
  boost::system::error_code error;
  auto const parsed = json::parse(text, error);
  if (error || !parsed.is_object())
    return core::Error{core::ErrorKind::invalid, "no JSON object: " + (error ? error.message() : "another value")};
  Reader reader{parsed.get_object(), now};
  std::int64_t written_schema = 0;
  reader("schema", written_schema);
  core::State state;
  Fields<core::State>::visit(reader, state);
  if (auto const problem = reader.problem(); !problem.empty())
    return core::Error{core::ErrorKind::invalid, "state" + problem};
  if (written_schema != schema) return core::Error{core::ErrorKind::invalid, "state.schema is another"};
  return state;
}

}  // namespace failover::adapters
