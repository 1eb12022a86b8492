#include "daemon/cli/classify.hpp"
#include "test/support/catch.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <unistd.h>

using failover::daemon::ClassifyOptions;
using failover::daemon::run_classify;
namespace json = boost::json;

namespace {

/// A directory of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "cf-classify-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;

  [[nodiscard]] std::string file(std::string const& name, std::string const& text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
    return (path_ / name).string();
  }
  [[nodiscard]] std::string name(std::string const& leaf) const { return (path_ / leaf).string(); }

 private:
  std::filesystem::path path_;
};

struct Outcome {
  int code = 0;
  std::vector<json::object> lines = {};
};

/// Runs the command with standard output in a file.
Outcome run(Folder const& folder, ClassifyOptions const& options) {
  std::string const out = folder.name("out");
  std::fflush(stdout);
  int const kept = ::dup(STDOUT_FILENO);
  REQUIRE(std::freopen(out.c_str(), "w", stdout) != nullptr);
  Outcome outcome;
  outcome.code = run_classify(options);
  std::fflush(stdout);
  ::dup2(kept, STDOUT_FILENO);
  ::close(kept);
  std::ifstream in{out};
  for (std::string line; std::getline(in, line);) outcome.lines.push_back(json::parse(line).as_object());
  return outcome;
}

}  // namespace

TEST_CASE("one screen gives one object with every field", "[daemon][classify]") {
  Folder const folder;
  ClassifyOptions options;
  options.now = "2026-11-22T10:00:00Z";
  options.tz = "Asia/Tokyo";
  options.file = folder.file("screen", "❯ go\n  ⎿  You've hit your session limit · resets 8pm\n");
  auto const outcome = run(folder, options);
  CHECK(outcome.code == 0);
  REQUIRE(outcome.lines.size() == 1);
  auto const& answer = outcome.lines[0];
  CHECK(answer.at("state") == "quota_exhausted");
  CHECK(answer.at("scope") == "account");
  CHECK(answer.at("window") == "five_hour");
  CHECK(answer.at("resets_at") == "2026-11-22T11:00:00Z");
  CHECK(answer.at("rule") == "quota.five_hour.hit");
  CHECK(answer.at("evidence").at("row") == 2);
  CHECK(answer.at("evidence").at("text") == "You've hit your session limit · resets 8pm");
}

TEST_CASE("what is not known is null", "[daemon][classify]") {
  Folder const folder;
  ClassifyOptions options;
  options.file = folder.file("screen", "nothing to see\n");
  auto const outcome = run(folder, options);
  REQUIRE(outcome.lines.size() == 1);
  CHECK(outcome.lines[0].at("state") == "unknown");
  for (auto const* field : {"id", "scope", "window", "resets_at", "rule", "evidence"})
    if (std::string_view{field} != "id") CHECK(outcome.lines[0].at(field).is_null());
}

TEST_CASE("lines are answered in order and a bad one does not stop the rest", "[daemon][classify]") {
  Folder const folder;
  ClassifyOptions options;
  options.jsonl = true;
  options.file = folder.file(
      "lines",
      R"({"id":1,"agent":"claude-code","text":"5-hour limit reached ∙ resets 3pm","now":"2026-11-22T10:00:00Z","tz":"UTC"})"
      "\nnot json\n"
      R"({"id":"b","agent":"nobody","text":"x"})"
      "\n"
      R"({"id":"c","text":5})"
      "\n"
      R"({"id":"d","text":"x","now":"today"})"
      "\n"
      R"({"id":"e","text":"x","tz":"Mars/Olympus"})"
      "\n\n"
      R"({"id":null,"agent":"codex","text":"■ You've hit your usage limit. Try again at 8:10 PM.","now":"2026-11-22T10:00:00Z","tz":"UTC"})");
  auto const outcome = run(folder, options);
  CHECK(outcome.code == 0);
  REQUIRE(outcome.lines.size() == 7);
  CHECK(outcome.lines[0].at("id") == 1);
  CHECK(outcome.lines[0].at("resets_at") == "2026-11-22T15:00:00Z");
  for (std::size_t i = 1; i < 6; ++i) CHECK(outcome.lines[i].at("error").is_string());
  CHECK(outcome.lines[1].at("id").is_null());
  CHECK(outcome.lines[2].at("id") == "b");
  CHECK(outcome.lines[6].at("state") == "quota_exhausted");
  CHECK(outcome.lines[6].at("resets_at") == "2026-11-22T20:10:00Z");
}

TEST_CASE("whatever the bytes are, there is an answer", "[daemon][classify]") {
  Folder const folder;
  std::string const wall = "❯ go\n  ⎿  You've hit your session limit · resets 3pm (UTC)\n";
  ClassifyOptions options;
  options.now = "2026-11-22T10:00:00Z";
  auto const state = [&](std::string const& bytes) {
    options.file = folder.file("screen", bytes);
    auto const outcome = run(folder, options);
    REQUIRE(outcome.code == 0);
    REQUIRE(outcome.lines.size() == 1);
    return std::string(outcome.lines[0].at("state").as_string());
  };
  CHECK(state("") == "unknown");
  CHECK(state("\n\n\n") == "unknown");
  CHECK(state(std::string(4096, '\0')) == "unknown");
  CHECK(state(std::string(3, '\0') + "\n\xff\xfe\xc3\n" + wall) == "quota_exhausted");
  CHECK(state(std::string(100U << 20U, 'x') + "\n" + wall) == "quota_exhausted");
  CHECK(state(std::string(8U << 20U, '\n') + wall) == "quota_exhausted");
}

TEST_CASE("lines that are no requests are answered with what is wrong", "[daemon][classify]") {
  Folder const folder;
  std::string const good = R"({"id":"last","text":"You've hit your session limit"})";
  ClassifyOptions options;
  options.jsonl = true;
  std::vector<std::string> const bad{std::string("\0\0{}", 4),
                                     "\xff\xfe",
                                     R"({"id":1,"text":"\ud800"})",
                                     R"({"text":)",
                                     std::string(100'000, '['),
                                     R"({"id":1,"text":"a"} trailing)",
                                     R"([1,2])",
                                     R"({"id":1,"text":{"a":1}})",
                                     R"({"id":1,"text":"x","now":"soon"})",
                                     R"({"id":1,"text":"x","agent":"\u0000"})",
                                     std::string(17U << 20U, 'x')};
  std::string input;
  for (auto const& line : bad) input += line + "\n";
  options.file = folder.file("lines", input + good);
  auto const outcome = run(folder, options);
  CHECK(outcome.code == 0);
  REQUIRE(outcome.lines.size() == bad.size() + 1);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    CAPTURE(i);
    CHECK(outcome.lines[i].contains("error"));
  }
  CHECK(outcome.lines.back().at("state") == "quota_exhausted");
}

TEST_CASE("the option --patterns reads with the table of a file", "[daemon][classify]") {
  Folder const folder;
  ClassifyOptions options;
  options.file = folder.file("screen", "Alles gut\n");
  options.patterns = folder.file(
      "mine.yaml", "agent: mine\nrules:\n  - {id: mine.done, class: idle, where: [plain], text: alles gut}\n");
  auto const outcome = run(folder, options);
  CHECK(outcome.code == 0);
  REQUIRE(outcome.lines.size() == 1);
  CHECK(outcome.lines[0].at("rule") == "mine.done");
  options.patterns = folder.file("bad.yaml", "agent: mine\nrules: 3\n");
  CHECK(run(folder, options).code == 64);
  options.patterns = folder.name("missing.yaml");
  CHECK(run(folder, options).code == 64);
}

TEST_CASE("a bad call exits 64, a file that cannot be read 74", "[daemon][classify]") {
  Folder const folder;
  std::string const screen = folder.file("screen", "x");
  auto const code = [&](ClassifyOptions options) {
    if (options.file == "-") options.file = screen;
    return run(folder, options).code;
  };
  CHECK(code({.agent = "nobody"}) == 64);
  CHECK(code({.now = "yesterday"}) == 64);
  CHECK(code({.tz = "Mars/Olympus"}) == 64);
  CHECK(code({.file = folder.name("missing")}) == 74);
  CHECK(code({.file = folder.name("")}) == 74);
}
