#include "adapters/agent_input.hpp"

#include "adapters/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int standard_input = 0;
constexpr std::size_t chunk_bytes = 65536;

/// What was read so far, up to a bound.
class Copy {
 public:
  explicit Copy(std::size_t most) : most_(most) {}

  void add(char const* bytes, std::size_t size) {
    too_large_ = too_large_ || size > most_ - copy_.size();
    if (!too_large_) copy_.append(bytes, size);
  }
  std::optional<std::string> take() {
    if (too_large_) return std::nullopt;
    return std::move(copy_);
  }

 private:
  std::size_t most_;
  std::string copy_ = {};
  bool too_large_ = false;
};

/// False when the reader has gone.
bool write_all(int fd, char const* bytes, std::size_t size) {
  while (size > 0) {
    auto const written = ::write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

/// Hands standard input on until it ends, also when nobody wants it any more, and keeps a copy.
std::optional<std::string> pump(UniqueFd onward, std::size_t most) {
  Copy copy{most};
  std::array<char, chunk_bytes> chunk{};
  for (;;) {
    auto const got = ::read(standard_input, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    copy.add(chunk.data(), static_cast<std::size_t>(got));
    if (onward.valid() && !write_all(onward.get(), chunk.data(), static_cast<std::size_t>(got))) onward.reset();
  }
  onward.reset();
  return copy.take();
}

/// Whoever waits for the end of our output waits for the command, not for the process beside it.
void let_go_of_output() {
  UniqueFd const nothing{::open("/dev/null", O_RDWR | O_CLOEXEC)};
  (void)::dup2(nothing.get(), STDOUT_FILENO);
  (void)::dup2(nothing.get(), STDERR_FILENO);
}

/// Starts the pump as nobody's child, so that the command never meets a child that it did not start.
bool start_pump(UniqueFd& reading, UniqueFd& writing, std::size_t most,
                std::function<void(std::optional<std::string>)> const& collected) {
  auto const between = ::fork();
  if (between < 0) return false;
  if (between > 0) {
    int status = 0;
    while (::waitpid(between, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  auto const pumping = ::fork();
  if (pumping != 0) ::_exit(pumping < 0 ? 1 : 0);
  (void)::setsid();
  (void)std::signal(SIGPIPE, SIG_IGN);
  reading.reset();
  let_go_of_output();
  try {
    collected(pump(std::move(writing), most));
  } catch (std::exception const&) {  // no memory, for one; the command has gone its own way
  }
  ::_exit(0);
}

}  // namespace

std::optional<std::string> read_agent_input(std::size_t most, core::Duration time) {
  if (::isatty(standard_input) == 1) return std::nullopt;
  auto const last = Clock::now() + time;
  Copy copy{most};
  std::array<char, chunk_bytes> chunk{};
  for (;;) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(last - Clock::now()).count();
    pollfd wait{standard_input, POLLIN, 0};
    if (left <= 0 || (::poll(&wait, 1, static_cast<int>(left)) == 0)) return std::nullopt;
    auto const got = ::read(standard_input, chunk.data(), chunk.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return copy.take();
    copy.add(chunk.data(), static_cast<std::size_t>(got));
  }
}

int become_command(std::vector<std::string> argv, std::size_t most,
                   std::function<void(std::optional<std::string>)> const& collected) {
  std::vector<char*> raw;
  for (auto& argument : argv) raw.push_back(argument.data());
  raw.push_back(nullptr);
  std::array<int, 2> ends{-1, -1};
  // Without a pipe or a process there is no copy: the command is what matters.
  if (::isatty(standard_input) == 0 && ::pipe2(ends.data(), O_CLOEXEC) == 0) {
    UniqueFd reading{ends[0]};
    UniqueFd writing{ends[1]};
    if (start_pump(reading, writing, most, collected)) (void)::dup2(reading.get(), standard_input);
  }
  ::execvp(raw[0], raw.data());
  auto const number = errno;
  std::fprintf(stderr, "%s: %s\n", raw[0], std::strerror(number));
  return number == ENOENT ? 127 : 126;
}

}  // namespace failover::adapters
