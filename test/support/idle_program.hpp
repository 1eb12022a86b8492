#pragma once

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace failover::test {

/// A process that does nothing and has this command line in /proc, until the end of this object's life.
class IdleProgram {
 public:
  IdleProgram(std::string const& name, std::vector<std::string> const& arguments) {
    int ready[2] = {-1, -1};
    if (::pipe2(input_, O_CLOEXEC) != 0 || ::pipe2(ready, O_CLOEXEC) != 0)
      throw std::runtime_error("cannot make a pipe");
    std::vector<std::string> words{name, "-c", "echo; read line", name};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> raw;
    for (auto& word : words) raw.push_back(word.data());
    raw.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, input_[0], 0);
    ::posix_spawn_file_actions_adddup2(&files, ready[1], 1);
    int const fault = ::posix_spawn(&pid_, "/bin/sh", &files, nullptr, raw.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(ready[1]);
    char byte = 0;
    bool const runs = fault == 0 && ::read(ready[0], &byte, 1) == 1;  // the command line may come after the process
    ::close(ready[0]);
    if (!runs) throw std::runtime_error("cannot start /bin/sh");
  }
  IdleProgram(IdleProgram const&) = delete;
  IdleProgram& operator=(IdleProgram const&) = delete;
  ~IdleProgram() {
    ::kill(pid_, SIGKILL);
    (void)::waitpid(pid_, nullptr, 0);
    ::close(input_[0]);
    ::close(input_[1]);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  int input_[2] = {-1, -1};
  pid_t pid_ = -1;
};

}  // namespace failover::test
