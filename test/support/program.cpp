#include "test/support/program.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT: POSIX has it so

namespace failover::test {

namespace fs = std::filesystem;

ProgramResult run_program(std::vector<std::string> argv, std::map<std::string, std::string> environment) {
  TemporaryFolder const folder;
  std::vector<std::string> variables;
  for (auto const& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> words;
  std::vector<char*> names;
  for (auto& word : argv) words.push_back(word.data());
  for (auto& variable : variables) names.push_back(variable.data());
  words.push_back(nullptr);
  names.push_back(nullptr);
  std::string const out = folder.path() + "/out";
  std::string const err = folder.path() + "/err";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT, 0600);
  pid_t child = -1;
  int const failed = posix_spawn(&child, words[0], &actions, nullptr, words.data(), names.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + argv[0]);
  int status = 0;
  auto const end = std::chrono::steady_clock::now() + std::chrono::minutes{2};
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_text(out), read_text(err)};
}

std::string run_tmux(std::string const& socket, std::vector<std::string> words) {
  words.insert(words.begin(), {"/usr/bin/env", "tmux", "-u", "-f", "/dev/null", "-S", socket});
  auto environment = own_environment();
  environment["TERM"] = "xterm-256color";
  auto done = run_program(std::move(words), std::move(environment));
  if (done.status != 0) throw std::runtime_error("tmux: " + done.err);
  return std::move(done.out);
}

std::map<std::string, std::string> own_environment() {
  std::map<std::string, std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    std::string const text = *variable;
    auto const equals = text.find('=');
    variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

std::map<std::string, std::string> snapshot(std::string const& folder) {
  std::map<std::string, std::string> files;
  for (auto const& entry : fs::recursive_directory_iterator(folder)) {
    auto const name = entry.path().lexically_relative(folder).string();  // a link by its own name
    if (entry.is_symlink())
      files[name] = "-> " + fs::read_symlink(entry.path()).string();
    else if (entry.is_regular_file())
      files[name] = read_text(entry.path().string());
    else
      files[name] = "other";
  }
  return files;
}

TemporaryFolder::TemporaryFolder() : path_((fs::temp_directory_path() / "cf-test-XXXXXX").string()) {
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // a test that fails half-way is told by its assertion
  fs::remove_all(path_, ignored);
}

void write_text(std::string const& path, std::string const& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_text(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace failover::test
