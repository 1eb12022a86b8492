#pragma once

#include "event_log.hpp"
#include "input_box.hpp"
#include "keys.hpp"
#include "news.hpp"
#include "options.hpp"
#include "script.hpp"
#include "transcript.hpp"
#include "version.hpp"
#include "view.hpp"
#include "wording.hpp"

#include <deque>
#include <optional>
#include <stdexcept>
#include <string>

namespace failover::fake_agent {

/// The agent will not start: what it prints, and it exits 1.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The agent itself: keys and time in, a View and files out. It reads no terminal and waits for nothing but the user's
/// hook commands.
class Agent {
 public:
  /// Finds the conversation that the options ask for. Throws Refusal.
  Agent(Options const& options, Script script, std::string cwd);

  /// First screen, SessionStart, and the prompt of the command line.
  void start(Instant at);
  void press(Key const& key, Instant at);
  /// Moves the running turn and the automatic continuation on.
  void pass_time(Instant at);
  /// When pass_time has something to do; nothing while only a key can change anything.
  [[nodiscard]] std::optional<Instant> next_wake() const;

  /// Ends the conversation: SessionEnd with `reason`, a farewell to print, an exit code.
  void leave(std::string const& reason, int exit_code);

  [[nodiscard]] View const& view() const { return view_; }
  [[nodiscard]] std::optional<int> exit_code() const { return exit_code_; }
  [[nodiscard]] std::string const& farewell() const { return farewell_; }

 private:
  struct RunningTurn {
    Turn plan = {};
    AccountReading account = {};
    std::string prompt = {};       ///< as it was sent
    std::string instruction = {};  ///< what to do: of the interrupted turn, when it goes on with that
    std::string prompt_id = {};
    std::string tool_id = {};
    bool by_itself = false;
    Instant started = {};
    Instant ends = {};
    std::optional<Instant> permission_notice_at = {};
  };
  struct ArmedContinue {
    Instant resets_at = {};
    Instant seen_at = {};
  };

  // agent.cpp: the box, menus, starting and leaving
  void begin_conversation(Instant at);
  void press_in_menu(Key const& key, Instant at);
  void pick(std::size_t option, Instant at);
  void answer_trust(bool yes, Instant at);
  void press_escape();
  void send(Instant at);
  bool run_command_word(std::string const& text, Instant at);
  void arm(Instant resets_at, Instant seen_at);
  void disarm();
  void open_limit_menu();
  void show_box();

  // turn.cpp: one turn from prompt to end
  void begin_turn(std::string const& prompt, bool by_itself, Instant at);
  void show_progress(Instant at);
  void finish_turn(Instant at);
  void end_well(RunningTurn const& turn, Instant at);
  void end_badly(RunningTurn const& turn, Ending const& ending, Instant at);
  void meet_wall(Wall const& wall, Instant at);
  void interrupt_turn();
  void ask_permission(Instant at);
  void permit(std::size_t option, Instant at);
  void refuse_permission();
  void stop_working();
  void begin_queued(Instant at);

  [[nodiscard]] static bool hangs(RunningTurn const& turn);
  [[nodiscard]] std::string mode_name() const;
  void log(std::string_view event, std::string_view text = {});

  /// The account that its requests are charged to: where its login is from.
  AccountReading charge(Instant at);
  [[nodiscard]] std::filesystem::path login_dir() const;

  Script script_;
  Version const& version_;
  std::filesystem::path config_dir_;
  std::filesystem::path kept_login_;  ///< account directory of its start
  std::string first_prompt_;
  bool resumed_ = false;
  Transcript transcript_;
  EventLog log_;
  News news_;
  View view_;
  InputBox box_;
  std::optional<RunningTurn> running_;
  std::optional<ArmedContinue> armed_;
  std::optional<ArmedContinue> last_wall_;  ///< what the limit menu speaks about
  std::deque<std::string> queue_;
  std::optional<std::string> interrupted_;  ///< instruction of the last turn that nothing answered
  std::string account_;
  int turns_ = 0;
  std::optional<int> exit_code_;
  std::string farewell_;
};

}  // namespace failover::fake_agent
