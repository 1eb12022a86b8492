#pragma once

#include "core/names.hpp"
#include "core/task.hpp"

#include <optional>
#include <string>
#include <string_view>

/// How files in the queue are called. Pure: text in, text out.
///
///     pending/<any name>.md    claimed/<title>.<id>.<claim>    done|failed|held/<title>.<id>[.result.json]
///     signals/<id>.<claim>.done|.failed
///
/// Ids and claims hold no dot, so these read from the right; a title ends as the author's name did (`.md`, …).
namespace failover::adapters {

struct QueueName {
  std::string title = {};
  core::TaskId id = {};
  std::optional<core::ClaimId> claim = {};
  bool operator==(QueueName const&) const = default;
};

/// Whether a scan passes the name over: hidden, an editor's backup, a temporary file, a result.
[[nodiscard]] bool is_passed_over(std::string_view name);

/// An author's file name as a title: printable UTF-8 of at most 100 bytes with the same end. Bytes that cannot stay
/// become `_`; the id keeps titles that are equal then apart.
[[nodiscard]] std::string title_of(std::string_view name);

/// `a.md`, `a-2.md`, `a-3.md` …: where the first is taken.
[[nodiscard]] std::string numbered(std::string const& title, int number);

/// `<title>.<id>`
[[nodiscard]] std::string filed_name(std::string const& title, core::TaskId const& id);
/// `<title>.<id>.<claim>`
[[nodiscard]] std::string claimed_name(std::string const& title, core::TaskId const& id, core::ClaimId const& claim);
/// `<title>.<id>.result.json`, of a filed name.
[[nodiscard]] std::string result_name(std::string const& filed);

/// The parts of a name that filed_name() made, or that looks so.
[[nodiscard]] std::optional<QueueName> parse_filed_name(std::string_view name);
/// The parts of a name that claimed_name() made.
[[nodiscard]] std::optional<QueueName> parse_claimed_name(std::string_view name);
[[nodiscard]] std::optional<core::TaskSignal> parse_signal_name(std::string_view name);

}  // namespace failover::adapters
