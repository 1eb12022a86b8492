#pragma once

#include <string>

namespace failover::fake_agent {

/// A prompt with the text files that it names by absolute path, as an agent that reads them knows it.
[[nodiscard]] std::string with_named_files(std::string const& prompt);

/// Does the one thing that the fake obeys: creates (empty, 0600) every file that is named by an absolute path ending in
/// ".done". A directory that is missing is not made.
void obey(std::string const& instruction);

}  // namespace failover::fake_agent
