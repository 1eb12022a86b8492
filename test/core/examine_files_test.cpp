#include "core/examine_files.hpp"

#include "test/support/catch.hpp"

using namespace failover::core;

namespace {

constexpr std::int64_t me = 1000;

Remark judged(FileUse use, unsigned mode, std::int64_t owner = me, bool directory = true) {
  auto const remarks = examine_files({{use, "/home/u/x", true, directory, owner, mode}}, me);
  REQUIRE(remarks.size() == 1);
  return remarks.front();
}

}  // namespace

TEST_CASE("files that only their user may write are well, one line a kind", "[core][examination]") {
  auto const remarks = examine_files({{FileUse::queue, "/q", true, true, me, 0755},
                                      {FileUse::queue, "/q/pending", true, true, me, 0700},
                                      {FileUse::configuration, "/c.yaml", true, false, me, 0644},
                                      {FileUse::state, "/s", false, false, 0, 0}},
                                     me);
  REQUIRE(remarks.size() == 3);
  CHECK(remarks[0].where == "/c.yaml");
  CHECK(remarks[0].grade == Grade::ok);
  CHECK(remarks[1].where == "/s");
  CHECK(remarks[1].grade == Grade::skipped);
  CHECK(remarks[2].where == "/q");
  CHECK(remarks[2].grade == Grade::ok);
}

TEST_CASE("whatever others may write is a problem, with the command that mends it", "[core][examination]") {
  for (auto const use : {FileUse::configuration, FileUse::state, FileUse::runtime, FileUse::queue}) {
    CHECK(judged(use, 0720).grade == (use == FileUse::configuration ? Grade::warning : Grade::problem));
    CHECK(judged(use, 0702).grade == Grade::problem);
    CHECK(judged(use, 0702).cure == "chmod go-w /home/u/x");
    CHECK(judged(use, 0700).grade == Grade::ok);
  }
  CHECK_THAT(judged(FileUse::queue, 0777).what, CF_CONTAINS("run prompts as you"));
  CHECK_THAT(judged(FileUse::configuration, 0666, me, false).what, CF_CONTAINS("have commands run as you"));
}

TEST_CASE("each faulty directory of the queue is named", "[core][examination]") {
  auto const remarks = examine_files({{FileUse::queue, "/q", true, true, me, 0700},
                                      {FileUse::queue, "/q/pending", true, true, me, 0777},
                                      {FileUse::queue, "/q/done", true, true, me, 0770}},
                                     me);
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[0].where == "/q/pending");
  CHECK(remarks[1].where == "/q/done");
}

TEST_CASE("a file of another user is a problem, but a configuration may be root's", "[core][examination]") {
  CHECK(judged(FileUse::state, 0700, 1001).grade == Grade::problem);
  CHECK(judged(FileUse::state, 0700, 0).grade == Grade::problem);
  CHECK(judged(FileUse::configuration, 0644, 0).grade == Grade::ok);
  CHECK(judged(FileUse::configuration, 0644, 1001).grade == Grade::problem);
}

TEST_CASE("a state directory that others may list is a warning", "[core][examination]") {
  CHECK(judged(FileUse::state, 0755).grade == Grade::warning);
  CHECK(judged(FileUse::state, 0755).cure == "chmod 700 /home/u/x");
  CHECK(judged(FileUse::state, 0711).grade == Grade::ok);
}

TEST_CASE("a token that cannot be read as it should be is a problem, with the reader's own words",
          "[core][examination]") {
  Error const open{ErrorKind::permission, "/t: others may read or change this file; chmod 600 /t"};
  auto const remarks = examine_tokens({{"notifications.telegram.token_file", "/good", {}, false},
                                       {"http.token_file", "/t", open, false},
                                       {"notifications.resend.key_file", "name", Error{}, true}});
  REQUIRE(remarks.size() == 3);
  CHECK(remarks[0].grade == Grade::ok);
  CHECK(remarks[1] == Remark{Grade::problem, "tokens", "http.token_file", open.detail, ""});
  CHECK(remarks[2].grade == Grade::skipped);
  CHECK(examine_tokens({}).front().grade == Grade::skipped);
}
