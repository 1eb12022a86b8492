#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace failover::test {

/// A temporary directory with two accounts behind a link, and a private tmux server in which the fake agent runs.
/// The destructor ends the server and removes the directory.
class FakeAgentBench {
 public:
  using Rows = std::vector<std::string>;
  using Objects = std::vector<boost::json::object>;

  FakeAgentBench();
  ~FakeAgentBench();
  FakeAgentBench(FakeAgentBench const&) = delete;
  FakeAgentBench& operator=(FakeAgentBench const&) = delete;

  [[nodiscard]] std::filesystem::path work() const { return root_ / "work"; }
  [[nodiscard]] std::string inside(std::string_view name) const { return (root_ / name).string(); }

  void write(std::string_view name, std::string_view text) const;
  [[nodiscard]] std::string read(std::string_view name) const;
  [[nodiscard]] boost::json::object object(std::string_view name) const;
  void script(std::string_view json) const { write("script.json", json); }
  void account(std::string_view name, std::string_view json) const;
  void share_projects() const;
  /// Puts the link on the other account, by rename.
  void flip(std::string_view account) const;

  /// Starts an agent, alone on the server; waits for nothing.
  void start(std::string const& arguments = {}, int columns = 80, int rows = 24) const;
  /// The same, and waits until it shows its box.
  void start_to_box(std::string const& arguments = {}, int columns = 80, int rows = 24) const;
  /// As start(), and the file `status` gets the exit code. tmux 3.3's own pane_dead_status is empty now and then.
  void start_recording_status(std::string const& arguments = {}) const;
  /// One more agent in a window of its own.
  void start_beside(std::string const& arguments) const;

  void type(std::string const& text) const;
  void press(std::string const& key) const;
  void paste(std::string const& text) const;
  /// Types, waits until the box shows it, presses Enter.
  void prompt(std::string const& text) const;
  void resize(int columns, int rows) const;

  /// The screen, rows without trailing blanks and without empty rows at the end.
  [[nodiscard]] Rows screen() const;
  [[nodiscard]] bool shows(std::string_view text) const;
  [[nodiscard]] std::string pane(std::string const& format) const;

  [[nodiscard]] Objects events(std::string_view event) const;
  [[nodiscard]] Rows event_texts(std::string_view event) const;
  /// Rows of all transcripts of an account.
  [[nodiscard]] Objects transcript(std::string_view account) const;
  /// Of the agent started last.
  [[nodiscard]] std::string session_id() const;
  [[nodiscard]] int pid() const;

  /// Looks again and again until it is so; false after twenty seconds.
  static bool comes_true(std::function<bool()> const& condition);
  [[nodiscard]] bool comes(std::string_view text) const;
  [[nodiscard]] bool comes_event(std::string_view event, std::size_t times = 1) const;

  struct Outcome {
    int status = -1;
    std::string output = {};
  };
  /// Runs the agent outside of tmux, to its end.
  [[nodiscard]] Outcome run(std::string const& arguments) const;

 private:
  [[nodiscard]] std::string environment() const;
  [[nodiscard]] std::string command(std::string const& arguments) const;
  void start_command(std::string const& shell_command, int columns, int rows) const;
  std::string tmux(std::string const& arguments) const;

  std::filesystem::path root_;
};

}  // namespace failover::test
