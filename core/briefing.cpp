#include "core/briefing.hpp"

#include <algorithm>
#include <string_view>

namespace failover::core {
namespace {

/// Each row behind a mark, so that no row of it can be taken for one of ours.
std::string quoted(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto const end = text.find('\n');
    out += "> ";
    out += text.substr(0, end);
    out += '\n';
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string section(std::string_view title, std::string_view text) {
  return "\n## " + std::string(title) + "\n\n" + quoted(text);
}

}  // namespace

std::string briefing_file(std::string const& state_dir, ConversationId const& fresh) {
  return state_dir + "/briefings/" + fresh.str() + ".md";
}

std::string briefing_prompt(std::string const& file) {
  return "Read " + file + " and go on with the work described there.";
}

std::string briefing_text(Briefing const& briefing, LastWords const& last) {
  std::string text =
      "# Going on with earlier work\n\n"
      "This is a summary by claude-failover of an earlier conversation, " +
      briefing.conversation.str() +
      ",\nwhich could not be resumed. You begin without its history: what follows is all that is left of it. Look at\n"
      "the working directory for what was done already, before you do anything a second time.\n";
  auto const& request = last.request.empty() ? briefing.request : last.request;
  if (!briefing.task_prompt.empty()) text += section("The task that was running", briefing.task_prompt);
  if (!request.empty()) text += section("The last request in that conversation", request);
  auto const count = std::min(last.replies.size(), max_briefing_replies);
  for (auto reply = last.replies.end() - static_cast<std::ptrdiff_t>(count); reply != last.replies.end(); ++reply)
    text += section(reply + 1 == last.replies.end() ? "What was answered last" : "What was answered before", *reply);
  if (briefing.task_prompt.empty() && request.empty() && last.replies.empty())
    return text + "\nNothing of it was found. Do not guess what it was about: say so in one sentence, and wait.\n";
  return text + "\nGo on with that work, as far as it is not finished.\n";
}

}  // namespace failover::core
