#include "adapters/queue_scan.hpp"

#include "adapters/directory.hpp"
#include "adapters/queue_names.hpp"
#include "adapters/queue_places.hpp"
#include "adapters/utf8.hpp"
#include "core/in_quotes.hpp"
#include "core/ulid.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace failover::adapters {
namespace {

constexpr std::size_t max_signal_reason = 400;
constexpr core::Duration settle_time = std::chrono::seconds{2};

/// A name in pending/ or held/ that a task may have.
struct Candidate {
  std::string name = {};
  std::string title = {};
  std::optional<core::TaskId> named_id = {};  ///< `<title>.<id>`: the file was moved on before
  FileStamp stamp = {};
};

std::optional<Candidate> candidate_of(std::string const& name) {
  if (task_format(name)) return Candidate{name, title_of(name), {}, {}};
  auto filed = parse_filed_name(name);
  if (!filed) return std::nullopt;
  return Candidate{name, std::move(filed->title), std::move(filed->id), {}};
}

core::Error id_taken(core::TaskId const& id, std::string const& place) {
  return {core::ErrorKind::already_exists, "the id " + core::in_quotes(id.str()) + " is taken by a task in " + place +
                                               "/; give it another one, or none"};
}

}  // namespace

/// One scan.
class QueueScanner::Pass {
 public:
  Pass(QueueScanner& scanner, core::Now now) : scanner_(scanner), now_(now) {}

  core::Result<core::QueueListing> run();
  Memory take_memory() { return std::move(memory_); }

 private:
  using Files = std::vector<core::TaskFile>;

  core::Result<UniqueFd> open(std::string_view place, std::vector<std::string>& names);
  core::Result<Files> claimed();
  core::Result<Files> held();
  core::Result<Files> finished(core::TaskPlace place);
  core::Result<Files> pending();
  core::Result<std::vector<Candidate>> candidates(UniqueFd const& directory, std::vector<std::string> const& names);
  core::Result<void> take_pending(UniqueFd const& directory, Candidate const& candidate, Files& files);
  core::Result<void> judge(UniqueFd const& directory, std::string const& name, std::string const& title, Known& known);
  core::Result<std::vector<core::TaskSignal>> signals();

  Known& recall(std::string_view place, std::string const& name, FileStamp const& stamp);
  bool is_quiet(Known const& known) const;
  core::TaskFile file(core::TaskPlace place, std::string const& name, std::string const& title, FileStamp const& stamp);

  QueueScanner& scanner_;
  core::Now now_;
  Memory memory_ = {};
  std::map<core::TaskId, std::string> taken_ids_ = {};  ///< and in which place
  std::size_t settling_ = 0;
  std::size_t names_left_ = max_names_a_scan;
  std::size_t reads_left_ = max_files_read_a_scan;
};

core::Result<core::QueueListing> QueueScanner::Pass::run() {
  // What lies elsewhere comes before pending/, where an id is checked against it; in the listing pending/ is second.
  auto all_claimed = claimed();
  if (!all_claimed) return all_claimed.error();
  auto all_held = held();
  if (!all_held) return all_held.error();
  auto all_done = finished(core::TaskPlace::done);
  if (!all_done) return all_done.error();
  auto all_pending = pending();
  if (!all_pending) return all_pending.error();
  auto all_signals = signals();
  if (!all_signals) return all_signals.error();
  auto all_failed = finished(core::TaskPlace::failed);
  if (!all_failed) return all_failed.error();
  core::QueueListing listing;
  std::array const in_order{&*all_claimed, &*all_pending, &*all_held, &*all_done, &*all_failed};
  listing.tasks.reserve(std::accumulate(in_order.begin(), in_order.end(), std::size_t{0},
                                        [](auto sum, auto const* files) { return sum + files->size(); }));
  for (auto* files : in_order) {
    std::move(files->begin(), files->end(), std::back_inserter(listing.tasks));
    *files = Files{};  // thousands of them: not there twice
  }
  listing.signals = std::move(*all_signals);
  listing.settling = settling_;
  return listing;
}

core::Result<UniqueFd> QueueScanner::Pass::open(std::string_view place, std::vector<std::string>& names) {
  auto directory = open_queue_place(scanner_.root_, place);
  if (!directory) return directory;
  auto listed = list_names(*directory, scanner_.root_ + "/" + std::string(place), names_left_);
  if (!listed) return listed.error();
  names_left_ -= listed->size();
  std::erase_if(*listed, [](auto const& name) { return is_passed_over(name); });
  names = std::move(*listed);
  std::sort(names.begin(), names.end());
  return directory;
}

core::TaskFile QueueScanner::Pass::file(core::TaskPlace place, std::string const& name, std::string const& title,
                                        FileStamp const& stamp) {
  core::TaskFile task;
  task.place = place;
  task.file_name = name;
  task.title = title;
  task.changed_at = stamp.written();
  return task;
}

core::Result<QueueScanner::Pass::Files> QueueScanner::Pass::claimed() {
  std::vector<std::string> names;
  auto const directory = open("claimed", names);
  if (!directory) return directory.error();
  Files files;
  for (auto const& name : names) {
    auto const parts = parse_claimed_name(name);
    auto const stamp = parts ? stamp_of(*directory, name) : core::Error{};
    if (!stamp) continue;  // not ours, or gone meanwhile
    auto& known = recall("claimed", name, *stamp);
    if (auto judged = judge(*directory, name, parts->title, known); !judged) return judged.error();
    auto task = file(core::TaskPlace::claimed, name, parts->title, *stamp);
    task.id = parts->id;
    task.claim = parts->claim;
    task.request = known.judgement.head.request;
    task.unfit = known.judgement.unfit;
    taken_ids_.emplace(task.id, "claimed");
    files.push_back(std::move(task));
  }
  return files;
}

core::Result<QueueScanner::Pass::Files> QueueScanner::Pass::held() {
  std::vector<std::string> names;
  auto const directory = open("held", names);
  if (!directory) return directory.error();
  auto const found = candidates(*directory, names);
  if (!found) return found.error();
  Files files;
  for (auto const& candidate : *found) {
    auto& known = recall("held", candidate.name, candidate.stamp);
    if (auto judged = judge(*directory, candidate.name, candidate.title, known); !judged) return judged.error();
    auto task = file(core::TaskPlace::held, candidate.name, candidate.title, candidate.stamp);
    auto const& head = known.judgement.head;
    task.id = candidate.named_id ? *candidate.named_id : head.id.value_or(derived_id(candidate.stamp));
    task.request = head.request;
    task.unfit = known.judgement.unfit;
    taken_ids_.emplace(task.id, "held");
    files.push_back(std::move(task));
  }
  return files;
}

core::Result<QueueScanner::Pass::Files> QueueScanner::Pass::finished(core::TaskPlace place) {
  std::vector<std::string> names;
  auto const directory = open(to_string(place), names);
  if (!directory) return directory.error();
  Files files;
  files.reserve(names.size());
  for (auto const& name : names) {
    auto const parts = parse_filed_name(name);
    auto const stamp = parts ? stamp_of(*directory, name) : core::Error{};
    if (!stamp) continue;
    auto task = file(place, name, parts->title, *stamp);
    task.id = parts->id;
    task.changed_at = stamp->changed();  // of the rename that brought it here: the file itself may be years old
    if (place == core::TaskPlace::done) taken_ids_.emplace(task.id, "done");
    files.push_back(std::move(task));
  }
  return files;
}

core::Result<std::vector<Candidate>> QueueScanner::Pass::candidates(UniqueFd const& directory,
                                                                    std::vector<std::string> const& names) {
  std::vector<Candidate> found;
  found.reserve(names.size());
  for (auto const& name : names) {
    auto candidate = candidate_of(name);
    if (!candidate) continue;
    auto const stamp = stamp_of(directory, name);
    if (!stamp) continue;  // gone meanwhile
    candidate->stamp = *stamp;
    found.push_back(std::move(*candidate));
  }
  // The oldest first: it keeps its id when two have the same, and is read first when there are too many.
  std::stable_sort(found.begin(), found.end(),
                   [](auto const& a, auto const& b) { return a.stamp.written_ns < b.stamp.written_ns; });
  return found;
}

core::Result<QueueScanner::Pass::Files> QueueScanner::Pass::pending() {
  std::vector<std::string> names;
  auto const directory = open("pending", names);
  if (!directory) return directory.error();
  auto const found = candidates(*directory, names);
  if (!found) return found.error();
  Files files;
  files.reserve(found->size());
  for (auto const& candidate : *found)
    if (auto taken = take_pending(*directory, candidate, files); !taken) return taken.error();
  return files;
}

core::Result<void> QueueScanner::Pass::take_pending(UniqueFd const& directory, Candidate const& candidate,
                                                    Files& files) {
  auto& known = recall("pending", candidate.name, candidate.stamp);
  bool const plain = S_ISREG(candidate.stamp.mode);
  bool const quiet = is_quiet(known);
  // A rename leaves a later change than the last write; a direct write is one and the same.
  bool const renamed = candidate.stamp.changed_ns > candidate.stamp.written_ns;
  if (plain && !known.judged && !quiet && !renamed) {
    ++settling_;
    return {};
  }
  if (auto judged = judge(directory, candidate.name, candidate.title, known); !judged) return judged;
  if (!known.judged || (plain && !quiet && known.judgement.unfit)) {
    known.judged = false;  // its author may be about to mend it: the last word is spoken when it is quiet
    ++settling_;
    return {};
  }
  auto const& head = known.judgement.head;
  auto const& named = candidate.named_id;
  if (named && !core::is_ulid(named->str()) && named != head.id) return {};  // `notes.md.old`: no name of ours
  auto task = file(core::TaskPlace::pending, candidate.name, candidate.title, candidate.stamp);
  task.id = head.id ? *head.id : named ? *named : derived_id(candidate.stamp);
  task.request = head.request;
  task.unfit = known.judgement.unfit;
  if (auto const other = taken_ids_.find(task.id); other != taken_ids_.end()) {
    if (!task.unfit) task.unfit = id_taken(task.id, other->second);
    task.id = derived_id(candidate.stamp);
  }
  taken_ids_.emplace(task.id, "pending");
  files.push_back(std::move(task));
  return {};
}

/// Leaves `known.judged` false when the file is not whole, gone, or one too many for this scan.
core::Result<void> QueueScanner::Pass::judge(UniqueFd const& directory, std::string const& name,
                                             std::string const& title, Known& known) {
  if (known.judged) return {};
  known.judgement = {};
  known.judgement.unfit = unfit_by_stamp(known.stamp, scanner_.max_task_bytes_);
  if (known.judgement.unfit) {
    known.judged = true;
    return {};
  }
  auto const format = task_format(title);
  if (reads_left_ == 0 || !format) return {};
  --reads_left_;
  auto judgement = judge_file(directory, name, known.stamp, *format, scanner_.max_task_bytes_);
  if (!judgement) {
    if (judgement.error().kind == core::ErrorKind::not_found) return {};
    return judgement.error();
  }
  known.judged = judgement->whole;
  known.judgement = std::move(*judgement);
  return {};
}

core::Result<std::vector<core::TaskSignal>> QueueScanner::Pass::signals() {
  std::vector<std::string> names;
  auto const directory = open("signals", names);
  if (!directory) return directory.error();
  std::vector<core::TaskSignal> found;
  for (auto const& name : names) {
    auto signal = parse_signal_name(name);
    if (!signal) continue;
    if (!signal->done && reads_left_ > 0) {
      --reads_left_;
      signal->reason = repaired_utf8(beginning_of(*directory, name, max_signal_reason));
    }
    found.push_back(std::move(*signal));
  }
  return found;
}

QueueScanner::Known& QueueScanner::Pass::recall(std::string_view place, std::string const& name,
                                                FileStamp const& stamp) {
  auto known = scanner_.memory_.extract(std::string(place) + "/" + name);
  if (known.empty() || known.mapped().stamp != stamp)
    return memory_[std::string(place) + "/" + name] = Known{stamp, now_.mono, false, {}};
  return memory_.insert(std::move(known)).position->second;
}

bool QueueScanner::Pass::is_quiet(Known const& known) const {
  // Either clock will do: the wall clock may have been set back, and after a start nothing was seen before.
  auto const touched = std::max(known.stamp.written(), known.stamp.changed());
  return now_.wall - touched >= settle_time || now_.mono - known.since >= settle_time;
}

QueueScanner::QueueScanner(std::string root, std::size_t max_task_bytes)
    : root_(std::move(root)), max_task_bytes_(max_task_bytes) {}

core::Result<core::QueueListing> QueueScanner::scan(core::Now now) {
  Pass pass{*this, now};
  auto listing = pass.run();
  auto seen = pass.take_memory();
  if (!listing) seen.merge(memory_);  // what was not looked at is as it was
  memory_ = std::move(seen);
  return listing;
}

}  // namespace failover::adapters
