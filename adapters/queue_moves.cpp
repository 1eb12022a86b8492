#include "adapters/queue_moves.hpp"

#include "adapters/atomic_file.hpp"
#include "adapters/directory.hpp"
#include "adapters/errno_error.hpp"
#include "adapters/queue_file.hpp"
#include "adapters/queue_names.hpp"
#include "adapters/queue_places.hpp"
#include "adapters/utf8.hpp"
#include "core/in_quotes.hpp"
#include "core/rfc3339.hpp"

#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

namespace json = boost::json;

/// A directory of the queue, open.
struct Place {
  UniqueFd directory = {};
  std::string path = {};
};

/// A file of the queue where it lies now.
struct Found {
  core::TaskPlace place = core::TaskPlace::claimed;
  std::string name = {};
};

core::Result<Place> open_place(std::string const& root, std::string_view name) {
  auto directory = open_queue_place(root, name);
  if (!directory) return directory.error();
  return Place{std::move(*directory), root + "/" + std::string(name)};
}

bool is_file_name(std::string const& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

core::Result<void> check_names(core::TaskFile const& task) {
  if (!is_task_id(task.id.str()) || !is_file_name(task.file_name) || !is_file_name(task.title))
    return core::Error{core::ErrorKind::invalid, core::in_quotes(task.title) + " has no usable id or name"};
  return {};
}

/// 0, or the errno. Never replaces what has the new name.
int rename_new(Place const& from, std::string const& old_name, Place const& to, std::string const& new_name) {
  auto const renamed =
      ::renameat2(from.directory.get(), old_name.c_str(), to.directory.get(), new_name.c_str(), RENAME_NOREPLACE);
  return renamed == 0 ? 0 : errno;
}

core::Result<void> sync_both(Place const& to, Place const& from) {
  if (auto synced = sync_directory(to.directory, to.path); !synced) return synced;
  return sync_directory(from.directory, from.path);
}

/// Whether the stamp is that of the file which a scan saw as `task`.
bool is_same_file(core::TaskFile const& task, FileStamp const& stamp) {
  return derived_id(stamp) == task.id || stamp.written() == task.changed_at;
}

json::value text_or_null(std::string const& text) {
  return text.empty() ? json::value(nullptr) : json::value(repaired_utf8(text));
}

json::value tokens(std::optional<core::TokenUse> const& use) {
  if (!use) return nullptr;
  return json::object{{"input", use->input},
                      {"output", use->output},
                      {"cache_read", use->cache_read},
                      {"cache_written", use->cache_written}};
}

std::string result_json(core::TaskFile const& task, core::TaskResult const& result) {
  json::object object;
  object["schema"] = 1;
  object["id"] = task.id.str();
  object["title"] = repaired_utf8(task.title);
  object["state"] = to_string(result.place);
  object["reason"] = repaired_utf8(result.reason);
  object["session"] = text_or_null(result.session.str());
  object["account"] = text_or_null(result.account.str());
  object["conversation"] = text_or_null(result.conversation.value_or(core::ConversationId{}).str());
  json::array accounts;
  for (auto const& account : result.accounts) accounts.emplace_back(repaired_utf8(account.str()));
  object["accounts"] = std::move(accounts);
  object["swaps"] = result.swaps;
  object["attempts"] = result.attempts;
  object["claimed_at"] = text_or_null(result.claimed_at ? core::to_rfc3339(*result.claimed_at) : "");
  object["given_at"] = text_or_null(result.given_at ? core::to_rfc3339(*result.given_at) : "");
  object["ended_at"] = core::to_rfc3339(result.ended_at);
  object["last_message"] = text_or_null(result.last_message);
  object["tokens"] = tokens(result.tokens);
  return json::serialize(object) + "\n";
}

/// The name of the task's file in claimed/, whichever attempt it is of; of several the one of the task's own claim.
std::optional<std::string> name_in_claimed(Place const& claimed, core::TaskFile const& task) {
  auto const names = list_names(claimed.directory, claimed.path, 100'000);
  std::optional<std::string> found;
  if (!names) return found;
  for (auto const& name : *names) {
    auto const parts = parse_claimed_name(name);
    if (!parts || parts->id != task.id) continue;
    if (!found || parts->claim == task.claim) found = name;
  }
  return found;
}

/// What we remember may be older than a claim or than the last filing: the file is where it was seen, there under the
/// name that filing gives, or among the claimed.
core::Result<std::optional<Found>> find_task(std::string const& root, core::TaskFile const& task) {
  auto const seen_at = open_place(root, to_string(task.place));
  if (!seen_at) return seen_at.error();
  auto const stamp = stamp_of(seen_at->directory, task.file_name);
  bool const same = stamp && (task.place != core::TaskPlace::pending || is_same_file(task, *stamp));
  if (same) return std::optional{Found{task.place, task.file_name}};
  auto const filed = filed_name(task.title, task.id);
  bool const was_filed = task.place != core::TaskPlace::pending && stamp_of(seen_at->directory, filed).has_value();
  if (was_filed) return std::optional{Found{task.place, filed}};
  auto const claimed = open_place(root, "claimed");
  if (!claimed) return claimed.error();
  if (auto name = name_in_claimed(*claimed, task)) return std::optional{Found{core::TaskPlace::claimed, *name}};
  return std::optional<Found>{};
}

void remove_signals(std::string const& root, core::TaskId const& id) {
  auto const place = open_place(root, "signals");
  if (!place) return;  // a signal that stays belongs to a claim that is over: it ends nothing
  auto const names = list_names(place->directory, place->path, 100'000);
  if (!names) return;
  for (auto const& name : *names) {
    auto const signal = parse_signal_name(name);
    if (signal && signal->task == id) (void)::unlinkat(place->directory.get(), name.c_str(), 0);
  }
}

bool exists(Place const& place, std::string const& name) {
  return stamp_of(place.directory, name).has_value();
}

/// Renames the file to the first free name in `to`, its result beside it first.
core::Result<void> file_away(Place const& from, std::string const& name, Place const& to, core::TaskFile const& task,
                             core::TaskResult const& result) {
  constexpr int tries = 100;
  for (int number = 1; number <= tries; ++number) {
    auto const filed = filed_name(numbered(task.title, number), task.id);
    if (exists(to, filed)) continue;
    if (result.place != core::TaskPlace::pending) {
      auto const beside = to.path + "/" + result_name(filed);
      if (auto written = write_file_atomically(beside, result_json(task, result)); !written) return written;
    }
    auto const failure = rename_new(from, name, to, filed);
    if (failure == EEXIST) continue;
    if (failure != 0) return errno_error(failure, "cannot move " + core::in_quotes(task.title) + " to " + to.path);
    return sync_both(to, from);
  }
  return core::Error{core::ErrorKind::already_exists,
                     to.path + " holds too many files called " + core::in_quotes(task.title) + "; remove some"};
}

/// A claim is good when the file that was renamed is the one that was scanned; else it goes back.
core::Result<void> check_claimed(Place const& pending, Place const& claimed, std::string const& name,
                                 core::TaskFile const& task) {
  auto const stamp = stamp_of(claimed.directory, name);
  if (!stamp) return stamp.error();
  if (S_ISREG(stamp->mode) && stamp->links == 1 && stamp->owner == ::geteuid() && is_same_file(task, *stamp)) return {};
  if (auto const failure = rename_new(claimed, name, pending, task.file_name); failure != 0)
    return errno_error(failure, core::in_quotes(task.title) + " changed while it was claimed and cannot be put back");
  return core::Error{core::ErrorKind::not_found, core::in_quotes(task.title) + " was changed since it was seen"};
}

}  // namespace

core::Result<std::string> claim_task(std::string const& root, core::TaskFile const& task, core::ClaimId const& claim) {
  if (auto good = check_names(task); !good) return good.error();
  if (!is_task_id(claim.str())) return core::Error{core::ErrorKind::invalid, "no usable claim for a task"};
  auto const pending = open_place(root, "pending");
  if (!pending) return pending.error();
  auto const claimed = open_place(root, "claimed");
  if (!claimed) return claimed.error();
  auto const name = claimed_name(task.title, task.id, claim);
  auto const failure = rename_new(*pending, task.file_name, *claimed, name);
  bool const done_before = failure != 0 && exists(*claimed, name);
  if (failure != 0 && !done_before) return errno_error(failure, "cannot claim " + core::in_quotes(task.title));
  if (!done_before)
    if (auto good = check_claimed(*pending, *claimed, name, task); !good) return good.error();
  if (auto synced = sync_both(*claimed, *pending); !synced) return synced.error();
  return claimed->path + "/" + name;
}

core::Result<void> move_task(std::string const& root, core::TaskFile const& task, core::TaskResult const& result) {
  if (auto good = check_names(task); !good) return good;
  if (result.place == core::TaskPlace::claimed)
    return core::Error{core::ErrorKind::invalid, "a task is claimed, not moved to claimed/"};
  auto const to = open_place(root, to_string(result.place));
  if (!to) return to.error();
  auto const found = find_task(root, task);
  if (!found) return found.error();
  if (!*found && !exists(*to, filed_name(task.title, task.id)))
    return core::Error{core::ErrorKind::not_found, core::in_quotes(task.title) + " is in no place where it should be"};
  if (*found) {
    auto const from = open_place(root, to_string((*found)->place));
    if (!from) return from.error();
    bool const moved_before = (*found)->place == result.place;
    if (!moved_before)
      if (auto filed = file_away(*from, (*found)->name, *to, task, result); !filed) return filed;
    if (!moved_before) (void)::unlinkat(from->directory.get(), result_name((*found)->name).c_str(), 0);  // outlived
  }
  remove_signals(root, task.id);
  return {};
}

core::Result<std::size_t> remove_finished_tasks(std::string const& root, std::vector<core::TaskFile> const& tasks) {
  for (auto const& task : tasks) {
    bool const finished = task.place == core::TaskPlace::done || task.place == core::TaskPlace::failed;
    if (!finished || !is_file_name(task.file_name))
      return core::Error{core::ErrorKind::refused, core::in_quotes(task.title) + " is not in done/ or failed/"};
  }
  std::size_t removed = 0;
  std::optional<core::Error> problem;
  for (auto const place : {core::TaskPlace::done, core::TaskPlace::failed}) {
    auto const from = open_place(root, to_string(place));
    if (!from) return from.error();
    for (auto const& task : tasks) {
      if (task.place != place) continue;
      auto const directory = from->directory.get();
      bool const gone = ::unlinkat(directory, task.file_name.c_str(), 0) == 0 ||
                        (errno == EISDIR && ::unlinkat(directory, task.file_name.c_str(), AT_REMOVEDIR) == 0);
      if (!gone && errno != ENOENT && errno != ENOTEMPTY)
        problem = errno_error(errno, "cannot remove " + core::in_quotes(task.title) + " from " + from->path);
      if (gone) ++removed;
      if (gone) (void)::unlinkat(directory, result_name(task.file_name).c_str(), 0);  // there may be none
    }
  }
  if (problem && removed == 0) return *problem;
  return removed;
}

}  // namespace failover::adapters
