#include "fake_agent_bench.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <sys/wait.h>

namespace failover::test {
namespace {

namespace fs = std::filesystem;

std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (char const c : text) {
    if (c == '\'') out += "'\\'";
    out += c;
  }
  return out + "'";
}

FakeAgentBench::Outcome shell(std::string const& command) {
  FakeAgentBench::Outcome outcome;
  auto* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) throw std::runtime_error{"popen"};
  std::array<char, 4096> buffer;
  while (auto const n = std::fread(buffer.data(), 1, buffer.size(), pipe)) outcome.output.append(buffer.data(), n);
  auto const status = ::pclose(pipe);
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  return outcome;
}

FakeAgentBench::Rows lines_of(std::string const& text) {
  FakeAgentBench::Rows rows;
  for (std::size_t at = 0; at < text.size();) {
    auto const end = std::min(text.find('\n', at), text.size());
    rows.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return rows;
}

FakeAgentBench::Objects objects_in(std::string const& text) {
  FakeAgentBench::Objects objects;
  for (auto const& line : lines_of(text)) objects.push_back(boost::json::parse(line).as_object());
  return objects;
}

std::string content_of(fs::path const& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

fs::path fresh_directory() {
  auto name = (fs::temp_directory_path() / "cf-agent-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
  return name;
}

}  // namespace

FakeAgentBench::FakeAgentBench() : root_(fresh_directory()) {
  for (auto const* name : {"a", "b", "work"}) fs::create_directory(root_ / name);
  fs::create_symlink("a", root_ / "link");
  script(R"({"turn_seconds":0.1})");
}

FakeAgentBench::~FakeAgentBench() {
  (void)tmux("kill-server");
  // An agent whose terminal goes still writes its last rows. Its pid tells nothing: nobody may reap it.
  (void)comes_true([&] { return events("start").size() <= events("exit").size() + events("die").size(); });
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void FakeAgentBench::write(std::string_view name, std::string_view text) const {
  std::ofstream{root_ / name, std::ios::binary} << text;
}

std::string FakeAgentBench::read(std::string_view name) const {
  return content_of(root_ / name);
}

boost::json::object FakeAgentBench::object(std::string_view name) const {
  return boost::json::parse(read(name)).as_object();
}

void FakeAgentBench::account(std::string_view name, std::string_view json) const {
  write(fmt::format("{}/fake-account.json", name), json);
}

void FakeAgentBench::share_projects() const {
  fs::create_directory(root_ / "projects");
  for (auto const* name : {"a", "b"}) fs::create_symlink("../projects", root_ / name / "projects");
}

void FakeAgentBench::flip(std::string_view account) const {
  fs::create_symlink(account, root_ / "link.new");
  fs::rename(root_ / "link.new", root_ / "link");
}

std::string FakeAgentBench::environment() const {
  return fmt::format("TZ=UTC CLAUDE_CONFIG_DIR={} FAKE_AGENT_SCRIPT={} FAKE_AGENT_LOG={}", shell_word(inside("link")),
                     shell_word(inside("script.json")), shell_word(inside("events.log")));
}

std::string FakeAgentBench::command(std::string const& arguments) const {
  return fmt::format("{} exec {}/fake-agent {}", environment(), shell_word(CF_BIN_DIR), arguments);
}

std::string FakeAgentBench::tmux(std::string const& arguments) const {
  return shell(fmt::format("tmux -u -f /dev/null -S {} {} 2>/dev/null", shell_word(inside("tmux")), arguments)).output;
}

void FakeAgentBench::start_command(std::string const& shell_command, int columns, int rows) const {
  (void)tmux("kill-session -t m");
  (void)tmux(fmt::format("start-server ';' set -g remain-on-exit on ';' new-session -d -s m -x {} -y {} -c {} {}",
                         columns, rows, shell_word(work().string()), shell_word(shell_command)));
}

void FakeAgentBench::start(std::string const& arguments, int columns, int rows) const {
  start_command(command(arguments), columns, rows);
}

void FakeAgentBench::start_recording_status(std::string const& arguments) const {
  start_command(fmt::format("( {} ); echo $? > {}", command(arguments), shell_word(inside("status"))), 80, 24);
}

void FakeAgentBench::start_to_box(std::string const& arguments, int columns, int rows) const {
  start(arguments, columns, rows);
  if (!comes("❯\u00a0")) throw std::runtime_error{"the fake agent shows no box"};
}

void FakeAgentBench::start_beside(std::string const& arguments) const {
  if (tmux("list-sessions").empty()) return start(arguments);
  (void)tmux(fmt::format("new-window -d -t m: -c {} {}", shell_word(work().string()), shell_word(command(arguments))));
}

void FakeAgentBench::type(std::string const& text) const {
  (void)tmux("send-keys -t m -l -- " + shell_word(text));
}
void FakeAgentBench::press(std::string const& key) const {
  (void)tmux("send-keys -t m " + shell_word(key));
}

void FakeAgentBench::paste(std::string const& text) const {
  write("paste.txt", text);
  (void)tmux(fmt::format("load-buffer -b p {} ';' paste-buffer -p -d -b p -t m", shell_word(inside("paste.txt"))));
}

void FakeAgentBench::prompt(std::string const& text) const {
  type(text);
  if (!comes("❯\u00a0" + text.substr(0, 20))) throw std::runtime_error{"the box does not show what was typed"};
  press("Enter");
}

void FakeAgentBench::resize(int columns, int rows) const {
  (void)tmux(fmt::format("resize-window -t m -x {} -y {}", columns, rows));
}

FakeAgentBench::Rows FakeAgentBench::screen() const {
  auto rows = lines_of(tmux("capture-pane -p -t m"));
  for (auto& row : rows) row.erase(row.find_last_not_of(' ') + 1);
  while (!rows.empty() && rows.back().empty()) rows.pop_back();
  return rows;
}

bool FakeAgentBench::shows(std::string_view text) const {
  return tmux("capture-pane -p -t m").find(text) != std::string::npos;
}

std::string FakeAgentBench::pane(std::string const& format) const {
  auto text = tmux("display-message -p -t m " + shell_word(format));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

FakeAgentBench::Objects FakeAgentBench::events(std::string_view event) const {
  auto all = objects_in(read("events.log"));
  std::erase_if(all, [&](boost::json::object const& line) { return line.at("event").as_string() != event; });
  return all;
}

FakeAgentBench::Rows FakeAgentBench::event_texts(std::string_view event) const {
  Rows texts;
  for (auto const& line : events(event)) texts.emplace_back(line.at("text").as_string());
  return texts;
}

FakeAgentBench::Objects FakeAgentBench::transcript(std::string_view account) const {
  Objects rows;
  std::error_code failed;
  for (auto const& entry : fs::recursive_directory_iterator{root_ / account / "projects", failed}) {
    if (entry.path().extension() != ".jsonl") continue;
    for (auto& row : objects_in(content_of(entry.path()))) rows.push_back(std::move(row));
  }
  return rows;
}

std::string FakeAgentBench::session_id() const {
  auto const starts = events("start");
  return starts.empty() ? std::string{} : std::string{starts.back().at("session_id").as_string()};
}

int FakeAgentBench::pid() const {
  auto const starts = events("start");
  return starts.empty() ? 0 : starts.back().at("pid").to_number<int>();
}

bool FakeAgentBench::comes_true(std::function<bool()> const& condition) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

bool FakeAgentBench::comes(std::string_view text) const {
  return comes_true([&] { return shows(text); });
}

bool FakeAgentBench::comes_event(std::string_view event, std::size_t times) const {
  return comes_true([&] { return events(event).size() >= times; });
}

FakeAgentBench::Outcome FakeAgentBench::run(std::string const& arguments) const {
  return shell(fmt::format("cd {} && {} {}/fake-agent {} 2>&1 </dev/null", shell_word(work().string()), environment(),
                           shell_word(CF_BIN_DIR), arguments));
}

}  // namespace failover::test
