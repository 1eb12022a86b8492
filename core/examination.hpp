#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

/// What `doctor` says: each check is a function from facts, which were gathered elsewhere, to remarks.
namespace failover::core {

enum class Grade {
  ok,
  warning,  ///< all works, and something is at risk or left unused
  problem,  ///< something does not do what it seems to
  skipped   ///< not looked at, or there is nothing to look at
};
inline constexpr std::array grades{Grade::ok, Grade::warning, Grade::problem, Grade::skipped};
[[nodiscard]] std::string_view to_string(Grade grade);

/// One check of one thing. No text of it holds a secret, or what a pane shows.
struct Remark {
  Grade grade = Grade::ok;
  std::string about = {};  ///< which check: a word for programs, such as "tmux"
  std::string where = {};  ///< a path, an account, a session; may be ""
  std::string what = {};
  std::string cure = {};  ///< "" where there is nothing to do
  bool operator==(Remark const&) const = default;
};

using Remarks = std::vector<Remark>;

[[nodiscard]] bool has_problem(Remarks const& remarks);

/// `problem  link          /home/u/.claude: leads back to itself; make it again`, in one line without control
/// characters whatever the names are, and without a line break at its end.
[[nodiscard]] std::string to_line(Remark const& remark);

/// "a", "a and b", "a, b and c"
[[nodiscard]] std::string enumerated(std::vector<std::string> const& names);

}  // namespace failover::core
