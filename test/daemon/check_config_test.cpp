#include "daemon/cli/check_config.hpp"

#include "test/support/catch.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fcntl.h>
#include <unistd.h>

using namespace failover;
using namespace failover::daemon;

namespace {

adapters::PathContext const context{"/home/u", "/", "/var/lib/cf", ""};

class ConfigFile {
 public:
  explicit ConfigFile(std::string const& text) {
    std::string name = (std::filesystem::temp_directory_path() / "cf-check-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory_ = name;
    std::ofstream(path(), std::ios::binary) << text;
  }
  ~ConfigFile() { std::filesystem::remove_all(directory_); }
  ConfigFile(ConfigFile const&) = delete;
  ConfigFile& operator=(ConfigFile const&) = delete;

  [[nodiscard]] std::string directory() const { return directory_; }
  [[nodiscard]] std::string path() const { return directory_ / "c.yaml"; }

 private:
  std::filesystem::path directory_;
};

std::string text_of(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Sends one of the process's own streams into a file for as long as it lives.
class CapturedStream {
 public:
  CapturedStream(std::FILE* stream, std::string const& path) : stream_(stream), original_(::dup(::fileno(stream))) {
    std::fflush(stream_);
    int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(::dup2(file, ::fileno(stream_)) >= 0);
    ::close(file);
  }
  ~CapturedStream() {
    std::fflush(stream_);
    (void)::dup2(original_, ::fileno(stream_));
    ::close(original_);
  }
  CapturedStream(CapturedStream const&) = delete;
  CapturedStream& operator=(CapturedStream const&) = delete;

 private:
  std::FILE* stream_;
  int original_;
};

std::string const good = "accounts:\n  - {name: main, config_dir: ~/a}\n";
std::string const bad = good + "quota: {setle: 5s}\nlog: {level: loud}\n";

}  // namespace

TEST_CASE("check-config says ok on standard output and exits 0", "[daemon][check_config]") {
  ConfigFile const file(good);
  CHECK(check_config(file.path(), ReportFormat::text, context) == CommandOutput{0, file.path() + ": ok\n", ""});
  CHECK(check_config(file.path(), ReportFormat::json, context) == CommandOutput{0, "[]\n", ""});
}

TEST_CASE("check-config prints every mistake with file, line and column and exits 78", "[daemon][check_config]") {
  ConfigFile const file(bad);
  auto const output = check_config(file.path(), ReportFormat::text, context);
  CHECK(output.exit_code == 78);
  CHECK(output.out.empty());
  CHECK(output.err == file.path() + ":3:9: unknown key 'setle' in quota: did you mean 'settle'?\n" + file.path() +
                          ":4:14: log.level: expects one of debug, info, warning, error, found 'loud'\n");
}

TEST_CASE("check-config --json prints the mistakes as an array", "[daemon][check_config]") {
  ConfigFile const file(bad);
  auto const output = check_config(file.path(), ReportFormat::json, context);
  CHECK(output.exit_code == 78);
  CHECK(output.err.empty());
  auto const list = boost::json::parse(output.out).as_array();
  REQUIRE(list.size() == 2);
  CHECK(list[0].at("file").as_string() == file.path());
  CHECK(list[0].at("line").as_int64() == 3);
  CHECK(list[0].at("column").as_int64() == 9);
  CHECK(list[0].at("message").as_string() == "unknown key 'setle' in quota: did you mean 'settle'?");
}

TEST_CASE("a missing file is a mistake of configuration, with the cure", "[daemon][check_config]") {
  ConfigFile const file(good);
  auto const missing = file.directory() + "/other.yaml";
  auto const output = check_config(missing, ReportFormat::text, context);
  CHECK(output.exit_code == 78);
  CHECK_THAT(output.err, CF_CONTAINS(missing + ":1:1: there is no such file: copy the example"));
  CHECK(check_config(file.directory(), ReportFormat::text, context).exit_code == 78);
  CHECK(check_config("", ReportFormat::text, context).exit_code == 78);
}

TEST_CASE("a file that cannot be read exits 74", "[daemon][check_config]") {
  // Reading our own memory from address 0 fails with EIO, for root as well.
  auto const output = check_config("/proc/self/mem", ReportFormat::text, context);
  CHECK(output.exit_code == 74);
  CHECK_THAT(output.err, CF_CONTAINS("/proc/self/mem:1:1: cannot read"));
}

TEST_CASE("a file name that is not UTF-8 still gives valid JSON", "[daemon][check_config]") {
  auto const output = check_config("/nonexistent/\xff.yaml", ReportFormat::json, context);
  auto const list = boost::json::parse(output.out).as_array();
  REQUIRE(list.size() == 1);
  CHECK(list[0].at("file").as_string() == "/nonexistent/\xEF\xBF\xBD.yaml");
}

TEST_CASE("the pattern tables beside the configuration are checked with it", "[daemon][check_config]") {
  ConfigFile const file(good);
  std::filesystem::create_directory(file.directory() + "/agents");
  std::ofstream(file.directory() + "/agents/codex.yaml") << "agent: codex\nrules: []\n";
  CHECK(check_config(file.path(), ReportFormat::text, context).exit_code == 0);
  std::ofstream(file.directory() + "/agents/gemini.yaml") << "agent: gemini\nrules: no\n";
  auto const output = check_config(file.path(), ReportFormat::text, context);
  CHECK(output.exit_code == 78);
  CHECK(output.err == file.directory() + "/agents/gemini.yaml:2:8: rules: expected a list\n");
}

TEST_CASE("run_check_config prints data on standard output and mistakes on standard error", "[daemon][check_config]") {
  ConfigFile const file(bad);
  auto const expected = check_config(file.path(), ReportFormat::text, context);
  auto const expected_json = check_config(file.path(), ReportFormat::json, context);
  {
    CapturedStream const out(stdout, file.directory() + "/out");
    CapturedStream const err(stderr, file.directory() + "/err");
    CHECK(run_check_config(file.path(), false) == 78);
    CHECK(run_check_config(file.path(), true) == 78);
  }
  CHECK(text_of(file.directory() + "/out") == expected_json.out);
  CHECK(text_of(file.directory() + "/err") == expected.err);
}

TEST_CASE("what the configured agent cannot do is a problem of the configuration", "[daemon][check_config]") {
  std::string const accounts = "accounts:\n  - {name: a, config_dir: /a}\n  - {name: b, config_dir: /b}\n";
  ConfigFile const one(accounts + "sessions: {agent: opencode}\n");
  auto const output = check_config(one.path(), ReportFormat::text, context);
  CHECK(output.exit_code == 78);
  CHECK_THAT(output.err, CF_CONTAINS(one.path() + ":1:1: accounts: opencode has no variable that names an account's"));
  ConfigFile const unknown(accounts + "sessions: {agent: nobody}\n");
  CHECK_THAT(check_config(unknown.path(), ReportFormat::text, context).err,
             CF_CONTAINS(unknown.path() + ":4:19: sessions.agent: no pattern table for agent 'nobody'"));
  ConfigFile const codex(accounts + "sessions: {agent: codex}\n");
  CHECK(check_config(codex.path(), ReportFormat::text, context).exit_code == 0);
}

TEST_CASE("faults of a user's profile are told with the configuration's, each once", "[daemon][check_config]") {
  ConfigFile const file("accounts: [{name: a, config_dir: /a}]\nsessions: {agent: codex}\n");
  std::filesystem::create_directory(file.directory() + "/agents");
  std::ofstream(file.directory() + "/agents/codex.yaml")
      << "agent: codex\nextends: codex\nprofile:\n  dialogs: {permission_prompt: escape}\n";
  auto const output = check_config(file.path(), ReportFormat::text, context);
  CHECK(output.exit_code == 78);
  CHECK_THAT(output.err, CF_CONTAINS(file.directory() + "/agents/codex.yaml:4:32: permission_prompt: the only answer"));
  CHECK(std::count(output.err.begin(), output.err.end(), '\n') == 1);
}
