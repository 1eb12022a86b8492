#pragma once

#include "adapters/verified_copy.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// Brings the files of one directory to another, so that nothing is there twice and nothing is lost. Conversations are
/// files that only grow: of two, one of which begins with the other, the longer one is both.
namespace failover::adapters {

struct MergeStep {
  std::string name = {};
  Likeness likeness = Likeness::missing;  ///< missing: to copy; beginning: its rest to append
  std::uint64_t from = 0;                 ///< the first byte to bring
  bool operator==(MergeStep const&) const = default;
};

struct MergePlan {
  std::vector<std::string> directories = {};  ///< to make
  std::vector<MergeStep> files = {};
  std::uint64_t bytes = 0;                  ///< that the steps bring
  std::size_t there = 0;                    ///< files that need nothing: the same, or longer at the target
  std::vector<std::string> conflicts = {};  ///< names whose two files differ otherwise
  std::vector<std::string> obstacles = {};  ///< what is no file, or may not be read, with the reason
  [[nodiscard]] bool complete() const {
    return directories.empty() && files.empty() && conflicts.empty() && obstacles.empty();
  }
  bool operator==(MergePlan const&) const = default;
};

/// Names that another directory is going to bring to the target first, with that directory: the plan compares with
/// those.
using Promised = std::map<std::string, std::string>;

/// Reads both sides, changes nothing. A target that does not exist is an empty one.
[[nodiscard]] core::Result<MergePlan> plan_merge(std::string const& source, std::string const& target,
                                                 Promised const& promised = {});

/// `refused` with the conflicts and obstacles of a plan, at most ten of them named; success where there are none.
[[nodiscard]] core::Result<void> check_mergeable(MergePlan const& plan);

/// Makes what is missing at the target, each copy verified; stops at the first failure, which leaves whole files only.
/// Conflicts and obstacles are passed over. The target must exist.
[[nodiscard]] core::Result<void> bring(std::string const& source, std::string const& target, MergePlan const& plan);

/// Plans and brings until a plan, which compares every byte, finds nothing left to bring.
///
/// `refused` by conflicts and obstacles, before anything is brought where they are there from the start; `unavailable`
/// when files keep growing meanwhile.
[[nodiscard]] core::Result<void> merge_completely(std::string const& source, std::string const& target);

/// The last look, when writers already use the target: brings what came to the source since, and of conversations that
/// grew on both sides the source's own last lines, so that every line is at the target. Repeating it is harmless.
///
/// Gives the names of what still differs: files other than `.jsonl` that changed on both sides, and obstacles.
[[nodiscard]] core::Result<std::vector<std::string>> bring_the_rest(std::string const& source,
                                                                    std::string const& target);

}  // namespace failover::adapters
