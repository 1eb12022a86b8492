#pragma once

#include "clock.hpp"
#include "json_file.hpp"
#include "view.hpp"
#include "wording.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace failover::fake_agent {

/// A conversation as its file tells it.
struct History {
  std::vector<Block> blocks = {};
  std::optional<std::string> interrupted = {};  ///< the last prompt, when nothing answered it
  int turns = 0;
  std::string last_uuid = {};
};

/// One conversation's rows, <config dir>/projects/<slug>/<session id>.jsonl, in the shape 2.1.330 writes (without the
/// rows that only the model needs). Each row goes through the config directory as it is named: after a flip of the link
/// the conversation goes on in the other account's file.
class Transcript {
 public:
  struct Place {
    std::filesystem::path config_dir = {};
    std::string project = {};  ///< slug of the directory it began in
    std::string session_id = {};
    std::string cwd = {};
    std::string version = {};
  };

  explicit Transcript(Place place) : place_(std::move(place)) {}

  [[nodiscard]] std::filesystem::path path() const;
  [[nodiscard]] std::string const& session_id() const { return place_.session_id; }
  [[nodiscard]] History read();

  void prompt(std::string const& text, std::string const& prompt_id, std::string_view mode, bool by_itself);
  void answer(std::string const& text);
  void tool_use(std::string const& command, std::string const& tool_id);
  void tool_result(std::string const& tool_id, bool approved, std::string const& prompt_id);
  void interrupted(std::string const& prompt_id, bool in_tool);
  void api_error(Ending const& ending);
  void notice(std::string const& text, std::string_view level);
  void finished(Milliseconds elapsed);
  void last_prompt(std::string const& text);

 private:
  void row(json::object const& fields);
  void plain_row(json::object const& fields);

  Place place_;
  std::string last_uuid_;
  int prompts_ = 0;
};

/// "/home/dev/a_b" → "-home-dev-a-b"
[[nodiscard]] std::string slug_of(std::string const& directory);

/// The project that holds this conversation, the given one first; nothing when there is none.
[[nodiscard]] std::optional<std::string> find_project(std::filesystem::path const& config_dir,
                                                      std::string const& session_id, std::string const& first);

/// The conversation of a project that was written last.
[[nodiscard]] std::optional<std::string> latest_session(std::filesystem::path const& config_dir,
                                                        std::string const& project);

/// Whether a prompt asks to go on with what was interrupted.
[[nodiscard]] bool asks_to_continue(std::string const& prompt);

}  // namespace failover::fake_agent
