#include "daemon/cli/queue_list.hpp"

#include "adapters/clock.hpp"
#include "adapters/control_client.hpp"
#include "adapters/queue_dir.hpp"
#include "adapters/queue_result.hpp"
#include "adapters/utf8.hpp"
#include "core/rfc3339.hpp"
#include "core/step.hpp"
#include "daemon/cli/print.hpp"
#include "daemon/cli/text_table.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace failover::daemon {
namespace {

namespace json = boost::json;
using core::TaskPlace;

constexpr core::Duration answer_time = std::chrono::seconds{5};
constexpr std::ptrdiff_t newest_finished = 10;

/// What the daemon knows of one task.
struct Known {
  std::size_t turn = 0;  ///< in the order of giving, from 1
  std::string waits_for = {};
  std::string session = {};
  std::optional<core::WallTime> since = {};
};

struct Daemon {
  json::value queue = nullptr;  ///< the part of /status, null without a daemon
  std::map<std::string, Known> tasks = {};
  std::string trouble = {};
};

struct Row {
  core::TaskFile file = {};
  std::size_t turn = 0;
  std::string session = {};
  std::string waits_for = {};
  std::string reason = {};
  core::WallTime since = {};
};

std::string text(json::object const& object, std::string_view key) {
  auto const* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

template <class Take>
void for_each(json::object const& object, std::string_view key, Take take) {
  auto const* const value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return;
  for (auto const& item : value->get_array())
    if (item.is_object()) take(item.get_object());
}

Daemon ask_daemon(core::Config const& config) {
  Daemon daemon;
  auto const reply = adapters::control_get(config.state.runtime + "/control.sock", "/status?format=json",
                                           "application/json", answer_time);
  if (!reply) {
    daemon.trouble = reply.error().detail;
    return daemon;
  }
  boost::system::error_code failed;
  auto const status = json::parse(reply->body, failed);
  auto const* const queue = !failed && status.is_object() ? status.get_object().if_contains("queue") : nullptr;
  if (queue == nullptr || !queue->is_object()) {
    daemon.trouble = "the daemon's /status is none that this version understands";
    return daemon;
  }
  daemon.queue = *queue;
  std::size_t turn = 0;
  for_each(queue->get_object(), "pending", [&](auto const& task) {
    daemon.tasks[text(task, "id")] = Known{++turn, text(task, "waits_for"), {}, {}};
  });
  for_each(queue->get_object(), "in_flight", [&](auto const& task) {
    daemon.tasks[text(task, "id")] = Known{0, {}, text(task, "session"), core::from_rfc3339(text(task, "since"))};
  });
  return daemon;
}

bool is_finished(TaskPlace place) {
  return place == TaskPlace::done || place == TaskPlace::failed;
}

Row row_of(core::Config const& config, Daemon const& daemon, core::TaskFile const& file) {
  Row row{file, 0, {}, {}, {}, file.changed_at};
  if (file.place == TaskPlace::pending || file.place == TaskPlace::claimed) {
    auto const known = daemon.tasks.find(file.id.str());
    auto const& what = known == daemon.tasks.end() ? Known{} : known->second;
    row.turn = what.turn;
    row.session = what.session;
    row.waits_for = what.waits_for;
    row.since = what.since.value_or(file.changed_at);
    if (file.place == TaskPlace::pending && file.request.session) row.session = file.request.session->str();
    if (file.unfit) row.reason = file.unfit->detail;
    return row;
  }
  auto note = adapters::read_result_note(config.dispatcher.queue, file);
  row.session = std::move(note.session);
  row.reason = std::move(note.reason);
  row.since = note.ended_at.value_or(file.changed_at);
  return row;
}

/// Claimed, pending, held, then what is finished, the newest first.
std::vector<Row> rows_of(core::Config const& config, Daemon const& daemon, std::vector<core::TaskFile> files) {
  auto const last_unfinished =
      std::stable_partition(files.begin(), files.end(), [](auto const& file) { return !is_finished(file.place); });
  std::sort(last_unfinished, files.end(),
            [](auto const& a, auto const& b) { return std::tie(b.changed_at, b.id) < std::tie(a.changed_at, a.id); });
  if (files.end() - last_unfinished > newest_finished) files.erase(last_unfinished + newest_finished, files.end());
  std::vector<Row> rows;
  for (auto const& file : files) rows.push_back(row_of(config, daemon, file));
  auto const rank = [](Row const& row) {
    static constexpr std::array places{TaskPlace::claimed, TaskPlace::pending, TaskPlace::held};
    auto const place = std::find(places.begin(), places.end(), row.file.place) - places.begin();
    bool const pending = row.file.place == TaskPlace::pending;
    auto const turn = pending && row.turn == 0 ? static_cast<std::size_t>(-1) : row.turn;
    return std::tuple{place, turn, pending ? -row.file.request.priority : 0,
                      pending ? row.file.changed_at : core::WallTime{}};
  };
  std::stable_sort(rows.begin(), rows.end(), [&](Row const& a, Row const& b) { return rank(a) < rank(b); });
  return rows;
}

std::string counts_line(std::vector<core::TaskFile> const& files, std::size_t settling) {
  std::string line;
  for (auto const place :
       {TaskPlace::pending, TaskPlace::claimed, TaskPlace::done, TaskPlace::failed, TaskPlace::held}) {
    auto const count = std::count_if(files.begin(), files.end(), [&](auto const& file) { return file.place == place; });
    line += (line.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(to_string(place));
  }
  return settling == 0 ? line : line + "; " + std::to_string(settling) + " still being written";
}

Paint paint_of(TaskPlace place) {
  switch (place) {
    case TaskPlace::claimed:
      return Paint::good;
    case TaskPlace::held:
    case TaskPlace::failed:
      return Paint::bad;
    case TaskPlace::done:
      return Paint::faint;
    case TaskPlace::pending:
      break;
  }
  return Paint::none;
}

core::Duration age_of(Row const& row, core::WallTime now) {
  return std::max(now - row.since, core::Duration::zero());
}

std::string table_of(std::vector<Row> const& rows, core::WallTime now, bool color) {
  std::vector<std::vector<Cell>> cells{{}};
  for (char const* const word : {"STATE", "TASK", "ID", "SESSION", "SINCE", "WAITS FOR", "REASON"})
    cells.front().push_back({word, Paint::heading});
  for (auto const& row : rows)
    cells.push_back({{std::string(to_string(row.file.place)), paint_of(row.file.place)},
                     {row.file.title},
                     {row.file.id.str()},
                     {row.session},
                     {core::spoken(age_of(row, now))},
                     {row.waits_for},
                     {row.reason}});
  return rows.empty() ? "" : text_table(cells, color);
}

json::value text_or_null(std::string const& text) {
  return text.empty() ? json::value(nullptr) : json::value(adapters::repaired_utf8(text));
}

std::string json_of(std::vector<Row> const& rows, json::value queue, core::WallTime now) {
  json::array tasks;
  for (auto const& row : rows)
    tasks.push_back(json::object{
        {"id", row.file.id.str()},
        {"title", adapters::repaired_utf8(row.file.title)},
        {"state", to_string(row.file.place)},
        {"session", text_or_null(row.session)},
        {"priority", row.file.request.priority},
        {"waits_for", text_or_null(row.waits_for)},
        {"reason", text_or_null(row.reason)},
        {"since", core::to_rfc3339(row.since)},
        {"age_s", std::chrono::duration_cast<std::chrono::seconds>(age_of(row, now)).count()},
    });
  return json::serialize(json::object{{"schema", 1}, {"queue", std::move(queue)}, {"tasks", std::move(tasks)}}) + "\n";
}

}  // namespace

CommandOutput queue_list(core::Config const& config, QueueListOptions const& options) {
  auto daemon = ask_daemon(config);
  adapters::QueueDirectory queue{config.dispatcher.queue, config.dispatcher};
  auto const now = adapters::read_clock();
  auto const listing = queue.scan(now);
  if (!listing) return failure(listing.error(), options.format);
  auto const rows = rows_of(config, daemon, listing->tasks);
  CommandOutput output;
  if (!daemon.trouble.empty())
    output.err = "claude-failover: " + daemon.trouble +
                 "\nclaude-failover: showing the queue's directories; what tasks wait for is not known\n";
  output.out = options.format == ReportFormat::json ? json_of(rows, std::move(daemon.queue), now.wall)
                                                    : painted("QUEUE", Paint::heading, options.color) + "  " +
                                                          counts_line(listing->tasks, listing->settling) + "\n" +
                                                          table_of(rows, now.wall, options.color);
  return output;
}

}  // namespace failover::daemon
