#include "transcript.hpp"

#include "files.hpp"
#include "text.hpp"
#include "version.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace failover::fake_agent {
namespace {

constexpr auto model = "claude-opus-5-5";
constexpr auto credits_hint = "/usage-credits to finish what you’re working on.";

json::array text_content(std::string const& text) {
  return {json::object{{"type", "text"}, {"text", text}}};
}

json::object model_message(json::array content, std::string_view stop_reason) {
  return {{"id", "msg_" + new_uuid()},
          {"type", "message"},
          {"role", "assistant"},
          {"model", model},
          {"content", std::move(content)},
          {"stop_reason", stop_reason},
          {"stop_sequence", nullptr},
          {"usage", json::object{{"input_tokens", 1200}, {"output_tokens", 20}, {"service_tier", "standard"}}}};
}

json::object synthetic_message(std::string const& text) {
  return {{"id", new_uuid()},
          {"container", nullptr},
          {"model", "<synthetic>"},
          {"role", "assistant"},
          {"stop_reason", "stop_sequence"},
          {"stop_sequence", ""},
          {"type", "message"},
          {"usage", json::object{{"input_tokens", 0}, {"output_tokens", 0}}},
          {"content", text_content(text)}};
}

json::object limit_info(Wall const& wall, bool in_row) {
  json::object info{
      {"status", "rejected"},
      {"resetsAt", std::chrono::duration_cast<std::chrono::seconds>(wall.resets_at.time_since_epoch()).count()},
      {"rateLimitType", wall.window},
      {"overageStatus", "rejected"},
      {"overageDisabledReason", "org_level_disabled"},
      {"isUsingOverage", false}};
  if (in_row) info["unifiedRateLimitFallbackAvailable"] = false;
  return info;
}

/// The first text of a message, which may be a string or a list of parts.
std::string text_in(json::object const& row) {
  auto const* message = object_of(row, "message");
  if (message == nullptr) return {};
  if (auto text = text_of(*message, "content"); !text.empty()) return text;
  auto const* parts = array_of(*message, "content");
  if (parts == nullptr) return {};
  for (auto const& part : *parts) {
    if (part.is_object() && text_of(part.as_object(), "type") == "text") return text_of(part.as_object(), "text");
  }
  return {};
}

std::string hint_after_resume(Version const& version) {
  return version.plan_hint.empty() ? credits_hint : std::string{version.plan_hint};
}

void read_user_row(json::object const& row, History& history) {
  auto const* message = object_of(row, "message");
  if (message == nullptr) return;
  auto const* content = message->if_contains("content");
  if (content == nullptr) return;
  if (!content->is_string()) {  // a tool's result, or the note of an interruption
    if (text_in(row).starts_with("[Request interrupted by user")) history.interrupted.reset();
    return;
  }
  auto const text = std::string{content->as_string()};
  if (!flag_of(row, "isMeta", false)) history.blocks.push_back({.kind = BlockKind::prompt, .text = text});
  if (!asks_to_continue(text) || !history.interrupted) history.interrupted = text;
  ++history.turns;
}

void read_assistant_row(json::object const& row, Version const& version, History& history) {
  auto const text = text_in(row);
  if (text.empty()) return;
  if (!flag_of(row, "isApiErrorMessage", false)) {
    history.blocks.push_back({.kind = BlockKind::answer, .text = text});
    history.interrupted.reset();
  } else if (is_wall_text(text)) {
    history.blocks.push_back({.kind = BlockKind::wall, .text = text, .below = hint_after_resume(version)});
  } else {
    history.blocks.push_back({.kind = BlockKind::api_error, .text = text});
  }
}

void read_system_row(json::object const& row, Version const& version, History& history) {
  auto const subtype = text_of(row, "subtype");
  if (subtype == "informational") {
    history.blocks.push_back({.kind = BlockKind::notice, .text = text_of(row, "content")});
  } else if (subtype == "turn_duration" && version.continues_by_itself) {
    auto const elapsed = Milliseconds{static_cast<std::int64_t>(number_of(row, "durationMs", 0))};
    history.blocks.push_back(
        {.kind = BlockKind::finished,
         .text = finished_line(history.turns - 1, elapsed, parse_iso_time(text_of(row, "timestamp")))});
  }
}

}  // namespace

std::string slug_of(std::string const& directory) {
  auto slug = directory;
  auto const plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  std::replace_if(
      slug.begin(), slug.end(), [&](char c) { return !plain(c); }, '-');
  return slug;
}

bool asks_to_continue(std::string const& prompt) {
  auto const text = trimmed(prompt);
  return text.starts_with("continue") || text.starts_with("Continue") || text.starts_with("CONTINUE");
}

std::optional<std::string> find_project(fs::path const& config_dir, std::string const& session_id,
                                        std::string const& first) {
  auto const projects = config_dir / "projects";
  auto const file = session_id + ".jsonl";
  std::error_code failed;
  if (fs::exists(projects / first / file, failed)) return first;
  for (auto const& entry : fs::directory_iterator{projects, failed}) {
    if (fs::exists(entry.path() / file, failed)) return entry.path().filename().string();
  }
  return std::nullopt;
}

std::optional<std::string> latest_session(fs::path const& config_dir, std::string const& project) {
  std::optional<std::string> latest;
  fs::file_time_type written{};
  std::error_code failed;
  for (auto const& entry : fs::directory_iterator{config_dir / "projects" / project, failed}) {
    if (entry.path().extension() != ".jsonl") continue;
    auto const at = entry.last_write_time(failed);
    if (latest && at <= written) continue;
    latest = entry.path().stem().string();
    written = at;
  }
  return latest;
}

fs::path Transcript::path() const {
  return place_.config_dir / "projects" / place_.project / (place_.session_id + ".jsonl");
}

History Transcript::read() {
  History history;
  auto const& version = *find_version(place_.version);
  auto const text = read_file(path()).value_or(std::string{});
  for (std::size_t at = 0; at < text.size();) {
    auto const end = std::min(text.find('\n', at), text.size());
    auto const row = parse_object(std::string_view{text}.substr(at, end - at));
    at = end + 1;
    if (!row || flag_of(*row, "isSidechain", false)) continue;
    if (auto uuid = text_of(*row, "uuid"); !uuid.empty()) history.last_uuid = std::move(uuid);
    auto const type = text_of(*row, "type");
    if (type == "user") read_user_row(*row, history);
    if (type == "assistant") read_assistant_row(*row, version, history);
    if (type == "system") read_system_row(*row, version, history);
  }
  last_uuid_ = history.last_uuid;
  prompts_ = history.turns;
  return history;
}

void Transcript::plain_row(json::object const& fields) {
  append(path(), json::serialize(fields) + "\n");
}

void Transcript::row(json::object const& fields) {
  json::object out{{"parentUuid", last_uuid_.empty() ? json::value(nullptr) : json::value(last_uuid_)},
                   {"isSidechain", false}};
  last_uuid_ = new_uuid();
  for (auto const& [key, value] : fields) out[key] = value;
  out["uuid"] = last_uuid_;
  out["timestamp"] = iso_time(now());
  out["userType"] = "external";
  out["entrypoint"] = "cli";
  out["cwd"] = place_.cwd;
  out["sessionId"] = place_.session_id;
  out["version"] = place_.version;
  out["gitBranch"] = "HEAD";
  plain_row(out);
}

void Transcript::prompt(std::string const& text, std::string const& prompt_id, std::string_view mode, bool by_itself) {
  if (prompts_++ == 0) {
    plain_row({{"type", "mode"}, {"mode", "normal"}, {"sessionId", place_.session_id}});
    plain_row({{"type", "permission-mode"}, {"permissionMode", mode}, {"sessionId", place_.session_id}});
  }
  json::object fields{{"promptId", prompt_id},
                      {"type", "user"},
                      {"message", json::object{{"role", "user"}, {"content", text}}},
                      {"permissionMode", mode}};
  if (by_itself) {
    fields["isMeta"] = true;
  } else {
    fields["origin"] = json::object{{"kind", "human"}};
    fields["promptSource"] = "typed";
    fields["turnOrigin"] = "human";
  }
  fields["turnPosition"] = json::object{{"promptIndex", prompts_}, {"turnIndex", prompts_}};
  row(fields);
}

void Transcript::answer(std::string const& text) {
  row({{"message", model_message(text_content(text), "end_turn")},
       {"requestId", "req_" + new_uuid()},
       {"type", "assistant"},
       {"madeBy", "model"},
       {"session_id", place_.session_id}});
}

void Transcript::tool_use(std::string const& command, std::string const& tool_id) {
  json::object const use{{"type", "tool_use"},
                         {"id", tool_id},
                         {"name", "Bash"},
                         {"input", json::object{{"command", command}, {"description", "Rebuild"}}}};
  row({{"message", model_message({use}, "tool_use")},
       {"requestId", "req_" + new_uuid()},
       {"type", "assistant"},
       {"madeBy", "model"},
       {"session_id", place_.session_id}});
}

void Transcript::tool_result(std::string const& tool_id, bool approved, std::string const& prompt_id) {
  json::object const result{
      {"type", "tool_result"},
      {"content",
       approved ? "done" : "The user doesn't want to proceed with this tool use. The tool use was rejected."},
      {"is_error", !approved},
      {"tool_use_id", tool_id}};
  row({{"promptId", prompt_id},
       {"type", "user"},
       {"message", json::object{{"role", "user"}, {"content", json::array{result}}}},
       {"session_id", place_.session_id}});
}

void Transcript::interrupted(std::string const& prompt_id, bool in_tool) {
  auto const text = in_tool ? "[Request interrupted by user for tool use]" : "[Request interrupted by user]";
  row({{"promptId", prompt_id},
       {"type", "user"},
       {"message", json::object{{"role", "user"}, {"content", text_content(text)}}},
       {"session_id", place_.session_id}});
}

void Transcript::api_error(Ending const& ending) {
  json::object fields{
      {"type", "assistant"}, {"message", synthetic_message(ending.text)}, {"requestId", "req_" + new_uuid()}};
  auto const& version = *find_version(place_.version);
  fields["isApiErrorMessage"] = true;
  if (version.names_error_in_rows) fields["error"] = ending.error;
  if (!version.details_in_rows) return row(fields);
  if (ending.wall) {
    fields["apiError"] = "usage_limit_reached";
    fields["apiErrorParams"] = json::object{{"rate_limit_info", limit_info(*ending.wall, false)}};
    fields["quotaLimits"] = limit_info(*ending.wall, true);
  }
  if (ending.transient) fields["apiErrorIsTransient"] = true;
  fields["apiErrorStatus"] = ending.status;
  fields["apiErrorType"] = ending.type;
  fields["failedResponseHadNoToolCall"] = true;
  fields["madeBy"] = "model";
  fields["session_id"] = place_.session_id;
  row(fields);
}

void Transcript::notice(std::string const& text, std::string_view level) {
  row({{"type", "system"}, {"subtype", "informational"}, {"content", text}, {"isMeta", false}, {"level", level}});
}

void Transcript::finished(Milliseconds elapsed) {
  row({{"type", "system"}, {"subtype", "turn_duration"}, {"durationMs", elapsed.count()}, {"isMeta", false}});
}

void Transcript::last_prompt(std::string const& text) {
  plain_row(
      {{"type", "last-prompt"}, {"lastPrompt", text}, {"leafUuid", last_uuid_}, {"sessionId", place_.session_id}});
}

}  // namespace failover::fake_agent
