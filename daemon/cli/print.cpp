#include "daemon/cli/print.hpp"

#include "adapters/utf8.hpp"

#include <cstdio>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace failover::daemon {

CommandOutput failure(std::string const& text, ExitCode exit_code, ReportFormat format) {
  CommandOutput output;
  output.exit_code = static_cast<int>(exit_code);
  if (format == ReportFormat::text)
    output.err = "claude-failover: " + text + "\n";
  else
    output.out = boost::json::serialize(boost::json::object{{"error", adapters::repaired_utf8(text)}}) + "\n";
  return output;
}

CommandOutput failure(core::Error const& error, ReportFormat format) {
  return failure(error.detail, exit_code_of(error.kind), format);
}

int print(CommandOutput const& output) {
  // A closed pipe leaves nobody to tell.
  (void)std::fwrite(output.out.data(), 1, output.out.size(), stdout);
  (void)std::fflush(stdout);
  (void)std::fwrite(output.err.data(), 1, output.err.size(), stderr);
  (void)std::fflush(stderr);
  return output.exit_code;
}

}  // namespace failover::daemon
