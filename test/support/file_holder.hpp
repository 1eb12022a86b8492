#pragma once

#include <csignal>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace failover::test {

/// Another process of ours that holds a file open, works in a directory, or both ("" for neither), until the end of
/// this object's life.
class FileHolder {
 public:
  explicit FileHolder(std::string const& file, std::string const& directory = "") {
    int ready[2] = {-1, -1};
    if (::pipe2(ready, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      bool held = file.empty() || ::open(file.c_str(), O_RDONLY | O_CLOEXEC) >= 0;
      held = (directory.empty() || ::chdir(directory.c_str()) == 0) && held;
      if (!held || ::write(ready[1], "r", 1) != 1) ::_exit(1);
      while (true) ::pause();
    }
    ::close(ready[1]);
    char byte = 0;
    bool const held = pid_ > 0 && ::read(ready[0], &byte, 1) == 1;
    ::close(ready[0]);
    if (held) return;
    end();
    throw std::runtime_error("cannot hold " + file + directory);
  }
  FileHolder(FileHolder const&) = delete;
  FileHolder& operator=(FileHolder const&) = delete;
  ~FileHolder() { end(); }

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  void end() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

  pid_t pid_ = -1;
};

}  // namespace failover::test
