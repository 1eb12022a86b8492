#pragma once

#include <map>
#include <string>
#include <vector>

namespace failover::test {

struct ProgramResult {
  int status = 0;  ///< exit code, or 128 + signal
  std::string out = {};
  std::string err = {};
};

/// Runs a program to its end, at most for a minute, and takes its output. `environment` is all that it gets.
[[nodiscard]] ProgramResult run_program(std::vector<std::string> argv, std::map<std::string, std::string> environment);

/// What tmux says to these words, asked of the server at `socket`; throws where it refuses.
std::string run_tmux(std::string const& socket, std::vector<std::string> words);

/// This process's environment.
[[nodiscard]] std::map<std::string, std::string> own_environment();

/// Every file below a folder with its kind, link target or content, for "nothing changed".
[[nodiscard]] std::map<std::string, std::string> snapshot(std::string const& folder);

/// A folder of the test's own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder const&) = delete;
  TemporaryFolder& operator=(TemporaryFolder const&) = delete;
  [[nodiscard]] std::string const& path() const { return path_; }

 private:
  std::string path_;
};

void write_text(std::string const& path, std::string const& text);
[[nodiscard]] std::string read_text(std::string const& path);

}  // namespace failover::test
