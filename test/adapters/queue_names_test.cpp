#include "adapters/queue_names.hpp"

#include "adapters/utf8.hpp"
#include "test/support/catch.hpp"

namespace adapters = failover::adapters;
namespace core = failover::core;
using adapters::QueueName;

TEST_CASE("names of the queue read back into their parts", "[adapters][queue_names]") {
  core::TaskId const id{"01ARYZ6S41TSV4RRFFQ69G5FAV"};
  core::ClaimId const claim{"01ARYZ6S41TSV4RRFFQ69G5FAW"};
  for (std::string const title : {"a.md", "two words.txt", "a.b.c.yaml", "na\xC3\xAFve.md", ".md"}) {
    auto const filed = adapters::filed_name(title, id);
    CHECK(adapters::parse_filed_name(filed) == QueueName{title, id, {}});
    CHECK(adapters::parse_claimed_name(adapters::claimed_name(title, id, claim)) == QueueName{title, id, claim});
    CHECK_FALSE(adapters::parse_claimed_name(filed));
  }
  CHECK(adapters::filed_name("a.md", id) == "a.md.01ARYZ6S41TSV4RRFFQ69G5FAV");
  CHECK(adapters::result_name("a.md.1") == "a.md.1.result.json");
}

TEST_CASE("names that others gave have no id", "[adapters][queue_names]") {
  for (std::string const name :
       {"", ".", "a", "a.md", "a.md.", "a.json.1", "a.md.a b", "a.md.-1", "a.md.1.result.json"})
    CHECK_FALSE(adapters::parse_filed_name(name));
  for (std::string const name : {"a.md.1", "a.md.1.", "a.1.2", "1.2"}) CHECK_FALSE(adapters::parse_claimed_name(name));
}

TEST_CASE("a title is short and printable and ends like the author's name", "[adapters][queue_names]") {
  CHECK(adapters::title_of("plain.md") == "plain.md");
  CHECK(adapters::title_of("-rf;#(x) 'q'.md") == "-rf;#(x) 'q'.md");
  CHECK(adapters::title_of("a\nb\x1B[2J\xFF\xE2\x80\xAE.md") == "a_b_[2J__.md");
  auto const cut = adapters::title_of(std::string(100, 'x') + "\xE2\x82\xAC\xE2\x82\xAC.yaml");
  CHECK(cut == std::string(95, 'x') + ".yaml");
  std::string euros;
  for (int count = 0; count < 80; ++count) euros += "\xE2\x82\xAC";
  auto const title = adapters::title_of(euros + ".md");
  CHECK(title.size() <= 100);
  CHECK(adapters::is_valid_utf8(title));
  CHECK(title.ends_with("\xE2\x82\xAC.md"));
}

TEST_CASE("signals name task, claim and outcome", "[adapters][queue_names]") {
  core::TaskId const task{"deploy-1"};
  core::ClaimId const claim{"c1"};
  CHECK(adapters::parse_signal_name("deploy-1.c1.done") == core::TaskSignal{task, claim, true});
  CHECK(adapters::parse_signal_name("deploy-1.c1.failed") == core::TaskSignal{task, claim, false});
  for (std::string const name : {"", "done", "c1.done", "a.b.c.done", "a.b.over", "a..done", ".b.done", "a/b.c.done"})
    CHECK_FALSE(adapters::parse_signal_name(name));
}

TEST_CASE("hidden, temporary and result files are passed over", "[adapters][queue_names]") {
  for (std::string const name : {"", ".a.md", "a.md~", "a.md.tmp", "a.md.1.result.json"})
    CHECK(adapters::is_passed_over(name));
  for (std::string const name : {"a.md", "tmp", "-rf.md"}) CHECK_FALSE(adapters::is_passed_over(name));
}
