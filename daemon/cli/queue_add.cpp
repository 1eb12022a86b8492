#include "daemon/cli/queue_add.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/queue_delivery.hpp"
#include "adapters/queue_dir.hpp"
#include "adapters/queue_names.hpp"
#include "adapters/queue_places.hpp"
#include "adapters/task_file.hpp"
#include "adapters/task_splice.hpp"
#include "core/fold.hpp"
#include "core/in_quotes.hpp"
#include "daemon/cli/print.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>
#include <utility>

namespace failover::daemon {
namespace {

using core::Error;
using core::ErrorKind;
using core::Result;

constexpr std::string_view name_of_input = "stdin.md";

/// A task that is ready to be written.
struct NewTask {
  std::string title = {};
  std::string bytes = {};
  std::optional<core::TaskId> id = {};
};

/// What was found wrong, and the exit code of the first.
struct Faults {
  std::string lines = {};
  std::optional<ExitCode> exit_code = {};

  void add(std::string const& line, ExitCode code) {
    lines += core::without_controls(line) + "\n";
    exit_code = exit_code.value_or(code);
  }
};

Result<std::string> read_input(std::size_t max_bytes) {
  std::string bytes;
  std::array<char, 65536> buffer{};
  while (bytes.size() <= max_bytes) {
    auto const got = std::fread(buffer.data(), 1, buffer.size(), stdin);
    bytes.append(buffer.data(), got);
    if (got < buffer.size()) break;
  }
  if (std::ferror(stdin) != 0) return Error{ErrorKind::io, "cannot read standard input"};
  if (bytes.size() <= max_bytes) return bytes;
  return Error{ErrorKind::too_large, {}};
}

Result<std::string> read_task(std::string const& file, std::size_t max_bytes) {
  auto bytes = file == "-" ? read_input(max_bytes) : adapters::read_file(file, max_bytes);
  if (!bytes && bytes.error().kind == ErrorKind::too_large)
    return Error{ErrorKind::too_large,
                 "1:1: it has more than the " + std::to_string(max_bytes) + " bytes of dispatcher.max_task_bytes"};
  return bytes;
}

std::string base_name(std::string const& file) {
  return file == "-" ? std::string{name_of_input} : file.substr(file.rfind('/') + 1);
}

/// "3:1: unknown key" as it is; a fault of the whole file with a place of its own.
std::string placed(std::string const& detail) {
  bool const has_place = !detail.empty() && detail.front() >= '0' && detail.front() <= '9';
  return has_place ? detail : "1:1: " + detail;
}

Result<adapters::TaskHead> checked(std::string const& name, std::string const& bytes, std::size_t max_bytes) {
  if (adapters::is_passed_over(name))
    return Error{ErrorKind::invalid, core::in_quotes(name) + " is passed over by the queue; give it another name"};
  return adapters::check_task(name, bytes, max_bytes);
}

/// Whole and good, with what the command line asks for; else its faults are added.
std::optional<NewTask> new_task(core::Config const& config, QueueAddOptions const& options, std::string const& file,
                                Faults& faults) {
  auto const max_bytes = static_cast<std::size_t>(config.dispatcher.max_task_bytes);
  auto const shown = file == "-" ? std::string{"<stdin>"} : file;
  auto const name = base_name(file);
  auto const bytes = read_task(file, max_bytes);
  if (!bytes && bytes.error().kind != ErrorKind::too_large) {
    faults.add("claude-failover: " + bytes.error().detail, exit_code_of(bytes.error().kind));
    return std::nullopt;
  }
  auto const head = bytes ? checked(name, *bytes, max_bytes) : bytes.error();
  if (!head) {
    faults.add(shown + ":" + placed(head.error().detail), ExitCode::configuration);
    return std::nullopt;
  }
  adapters::AskedKeys asked{{}, options.priority};
  if (options.session) asked.session = core::SessionName{*options.session};
  auto spliced = adapters::with_keys(*adapters::task_format(name), *bytes, asked);
  if (spliced && spliced->size() > max_bytes) spliced = Error{ErrorKind::too_large, "it would be too large with them"};
  if (!spliced) {
    faults.add(shown + ": --session, --priority: " + spliced.error().detail, ExitCode::usage);
    return std::nullopt;
  }
  return NewTask{adapters::title_of(name), std::move(*spliced), head->id};
}

/// Makes the queue where there is none; one that is there may be a running daemon's, and is left as it is.
Result<void> prepare(std::string const& root) {
  for (char const* const place : {"tmp", "pending"}) {
    auto const there = adapters::open_queue_place(root, place);
    if (there) continue;
    if (there.error().kind == ErrorKind::not_found) return adapters::prepare_queue(root);
    return there.error();
  }
  return {};
}

/// Ids that are given in the files and taken already, in the queue or by one another: a scan would refuse them.
Result<void> check_ids(core::Config const& config, std::vector<NewTask> const& tasks,
                       std::vector<std::string> const& files, Faults& faults) {
  std::map<core::TaskId, std::string> taken;
  bool const given = std::any_of(tasks.begin(), tasks.end(), [](auto const& task) { return task.id.has_value(); });
  if (!given) return {};
  adapters::QueueDirectory queue{config.dispatcher.queue, config.dispatcher};
  auto const listing = queue.scan();
  if (!listing) return listing.error();
  for (auto const& file : listing->tasks)
    if (file.place != core::TaskPlace::failed)
      taken.emplace(file.id, "a task in " + std::string(to_string(file.place)) + "/");
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (!tasks[i].id) continue;
    auto const [other, is_free] = taken.emplace(*tasks[i].id, files[i]);
    if (!is_free)
      faults.add(files[i] + ":1:1: the id " + core::in_quotes(tasks[i].id->str()) + " is taken by " + other->second,
                 ExitCode::configuration);
  }
  return {};
}

CommandOutput refused(Faults const& faults) {
  CommandOutput output;
  output.exit_code = static_cast<int>(*faults.exit_code);
  output.err = faults.lines;
  return output;
}

CommandOutput write_all(core::Config const& config, std::vector<NewTask> const& tasks) {
  CommandOutput output;
  for (auto const& task : tasks) {
    auto const delivered = adapters::deliver_task(config.dispatcher.queue, task.title, task.bytes, task.id);
    if (!delivered) {
      auto failed = failure(delivered.error(), ReportFormat::text);
      failed.out = output.out;  // those are in the queue
      return failed;
    }
    output.out += delivered->id.str() + "\n";
  }
  return output;
}

}  // namespace

CommandOutput queue_add(core::Config const& config, QueueAddOptions const& options) {
  Faults faults;
  std::vector<NewTask> tasks;
  for (auto const& file : options.files)
    if (auto task = new_task(config, options, file, faults)) tasks.push_back(std::move(*task));
  if (faults.exit_code) return refused(faults);
  if (auto prepared = prepare(config.dispatcher.queue); !prepared) return failure(prepared.error(), ReportFormat::text);
  if (auto checked = check_ids(config, tasks, options.files, faults); !checked)
    return failure(checked.error(), ReportFormat::text);
  if (faults.exit_code) return refused(faults);
  return write_all(config, tasks);
}

}  // namespace failover::daemon
