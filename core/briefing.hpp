#pragma once

#include "core/names.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// What an agent is told that goes on with the work of a conversation which could not be resumed.
///
/// It is written into a file; the prompt on the agent's command line is one line that points there, since a command
/// line can be read by every user of the machine.
namespace failover::core {

/// All that the engine knows for it; what was said last is read from the transcript, where there is one.
struct Briefing {
  std::string file = {};             ///< where it is written, absolute
  ConversationId conversation = {};  ///< the one that could not be resumed
  std::string task_prompt = {};      ///< of the task of the queue that was running, "" for none
  std::string request = {};          ///< the last prompt that we know of, "" for none
  std::string continue_prompt = {};  ///< our own, which is no request of anybody's
  bool operator==(Briefing const&) const = default;
};

/// What was said last in a conversation.
struct LastWords {
  std::string request = {};               ///< of the user
  std::vector<std::string> replies = {};  ///< of the agent since then, oldest first; never what a tool put out
  bool operator==(LastWords const&) const = default;
};

inline constexpr std::size_t max_briefing_text = 2000;  ///< bytes of each quotation
inline constexpr std::size_t max_briefing_replies = 3;

/// `<state directory>/briefings/<new conversation>.md`.
[[nodiscard]] std::string briefing_file(std::string const& state_dir, ConversationId const& fresh);

/// The one line that points at it.
[[nodiscard]] std::string briefing_prompt(std::string const& file);

/// The briefing itself, Markdown of at most about 10 kB. It says of itself that it is a summary by claude-failover.
/// With nothing known it tells the agent to wait instead of guessing.
[[nodiscard]] std::string briefing_text(Briefing const& briefing, LastWords const& last);

}  // namespace failover::core
