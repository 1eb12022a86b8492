#include "version.hpp"

#include <algorithm>
#include <array>

namespace failover::fake_agent {

Version const* find_version(std::string_view name) {
  static constexpr std::array<Version, 4> versions{{
      {.name = "2.1.330", .five_hour = "5-hour limit"},
      {.name = "2.1.100",
       .continues_by_itself = false,
       .details_in_rows = false,
       .trust_first = true,
       .five_hour = "session limit",
       .plan_hint = "/extra-usage to finish what you’re working on."},
      {.name = "2.0.77",
       .takes_new_login = false,
       .continues_by_itself = false,
       .tells_failures = false,
       .tells_use = false,
       .details_in_rows = false,
       .prompt_back_in_box = false,
       .working_in_footer = false,
       .trust_first = true,
       .tells_resume = false,
       .five_hour = "session limit",
       .plan_hint = "/extra-usage to finish what you're working on."},
      {.name = "1.0.128",
       .takes_new_login = false,
       .rereads_when_refused = false,
       .continues_by_itself = false,
       .tells_failures = false,
       .tells_use = false,
       .details_in_rows = false,
       .names_error_in_rows = false,
       .prompt_back_in_box = false,
       .working_in_footer = false,
       .trust_first = true,
       .tells_resume = false,
       .five_hour = "Session limit",
       .plan_hint = "/upgrade to increase your usage limit."},
  }};
  auto const found =
      std::find_if(versions.begin(), versions.end(), [&](Version const& version) { return version.name == name; });
  return found == versions.end() ? nullptr : &*found;
}

}  // namespace failover::fake_agent
