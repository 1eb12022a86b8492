#include "adapters/state_file.hpp"

#include "adapters/atomic_file.hpp"
#include "core/quota_policy.hpp"
#include "test/support/any_state.hpp"
#include "test/support/catch.hpp"
#include "test/support/scratch_directory.hpp"
#include "test/support/unprivileged.hpp"

#include <chrono>
#include <filesystem>

namespace adapters = failover::adapters;
namespace core = failover::core;
namespace fs = std::filesystem;
using failover::test::AnyState;
using failover::test::file_bytes;
using failover::test::holds_unprivileged;
using failover::test::names_in;
using failover::test::put_file;
using failover::test::ScratchDirectory;
using namespace std::chrono_literals;

namespace {

using Names = std::set<std::string>;

core::Now const now{core::WallTime{1'795'377'019'123ms}, core::MonoTime{5'000'000ms}};  // 2026-11-22T19:50:19.123Z

/// A state in which no list, map or choice between alternatives is left empty.
core::State rich_state() {
  for (std::uint64_t seed = 0;; ++seed) {
    auto state = AnyState{seed, now}.state();
    bool full = !state.accounts.empty() && !state.attempts.empty() && state.swap && !state.past_swaps.empty() &&
                !state.outbox.empty() && !state.counters.swaps.empty() && !state.counters.tasks.empty();
    bool recovering = false;
    for (auto const& [name, session] : state.sessions) recovering |= session.recovery && !session.starts.empty();
    bool ending = false;
    for (auto const& [id, task] : state.tasks) ending |= task.ending && task.file.unfit && task.file.claim;
    if (full && recovering && ending) return state;
  }
}

std::string reframed(std::string bytes, std::string const& from, std::string const& to) {
  auto const at = bytes.find(from);
  REQUIRE(at != std::string::npos);
  return bytes.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a state comes back from its bytes as it was", "[adapters][state_file]") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    auto const state = AnyState{seed, now}.state();
    auto const back = adapters::decode_state(adapters::encode_state(state, now), now);
    INFO("seed " << seed << ": " << (back ? "" : back.error().detail));
    REQUIRE(back);
    REQUIRE(*back == state);
  }
  CHECK(adapters::decode_state(adapters::encode_state({}, now), now) == core::Result<core::State>{core::State{}});
}

TEST_CASE("what is live is not saved", "[adapters][state_file]") {
  auto state = rich_state();
  auto& session = state.sessions[core::SessionName{"main"}];
  auto& entry = state.outbox.emplace_back();
  auto const saved = state;
  session.reading = core::Reading{};
  session.read_at = now;
  session.changed_at = now;
  session.suspicion = core::Suspicion{};
  session.busy_with_effect = true;
  entry.sending = true;
  state.live.accounts_known = true;
  state.live.tmux_up = true;
  state.live.stopping = true;
  state.live.entropy = 42;
  CHECK(adapters::encode_state(state, now) == adapters::encode_state(saved, now));
}

TEST_CASE("moments are put into the life of the process that reads them", "[adapters][state_file]") {
  core::State state;
  auto& account = state.accounts[core::AccountName{"a"}];
  account.since = {now.wall - 1h, now.mono - 1h};
  auto const bytes = adapters::encode_state(state, now);
  core::Now const later{now.wall + 30min, core::MonoTime{1'000ms}};
  auto const back = adapters::decode_state(bytes, later);
  REQUIRE(back);
  auto const since = back->accounts.at(core::AccountName{"a"}).since;
  CHECK(since.wall == now.wall - 1h);
  CHECK(core::elapsed(since, later) == 90min);
  auto const clock_set_back = adapters::decode_state(bytes, {now.wall - 5h, now.mono});
  REQUIRE(clock_set_back);
  CHECK(core::elapsed(clock_set_back->accounts.at(core::AccountName{"a"}).since, now) == 1h);
}

TEST_CASE("what was saved after the clock was set is as old as it is", "[adapters][state_file]") {
  core::State state;
  state.active_since = {now.wall - 1h, now.mono - 1h};
  auto const step = GENERATE(-5h, 5h);
  core::Now const stepped{now.wall + step, now.mono};
  core::Now const started{stepped.wall + 10min, core::MonoTime{0ms}};
  auto const back = adapters::decode_state(adapters::encode_state(state, stepped), started);
  REQUIRE(back);
  CHECK(core::elapsed(back->active_since, started) == 70min);
}

TEST_CASE("an assumed release stays as far away when the clock was set before the save", "[adapters][state_file]") {
  core::State state;
  auto& account = state.accounts[core::AccountName{"a"}];
  account.kind = core::StandingKind::exhausted;
  account.since = {now.wall - 1h, now.mono - 1h};
  account.until = now.wall + 1h;
  account.until_assumed = GENERATE(true, false);
  auto const step = GENERATE(-5h, 0h, 5h);
  core::Now const stepped{now.wall + step, now.mono};
  core::Now const started{stepped.wall + 10min, core::MonoTime{0ms}};
  auto const back = adapters::decode_state(adapters::encode_state(state, stepped), started);
  REQUIRE(back);
  auto const release = core::release_of(back->accounts.at(core::AccountName{"a"}), started);
  CHECK(release == (account.until_assumed ? started.wall + 50min : now.wall + 1h));
}

TEST_CASE("words in the file are those of the specification", "[adapters][state_file]") {
  core::State state;
  state.sessions[core::SessionName{"main"}].phase = core::Phase::blocked;
  state.accounts[core::AccountName{"a"}].kind = core::StandingKind::spend_blocked;
  auto const bytes = adapters::encode_state(state, now);
  CHECK_THAT(bytes, CF_CONTAINS("\"blocked(quota)\"") && CF_CONTAINS("\"spend_blocked\""));
  CHECK(bytes.starts_with("{\"schema\":1,\"crc\":\""));
}

TEST_CASE("a state cut at any byte is refused", "[adapters][state_file]") {
  auto const bytes = adapters::encode_state(rich_state(), now);
  REQUIRE(bytes.size() > 4000);
  std::size_t refused = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    auto const outcome = adapters::decode_state(std::string_view{bytes}.substr(0, length), now);
    if (!outcome && outcome.error().kind == core::ErrorKind::invalid) ++refused;
  }
  CHECK(refused == bytes.size());
}

TEST_CASE("a state with any single bit flipped is refused as damaged", "[adapters][state_file]") {
  auto bytes = adapters::encode_state(rich_state(), now);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto const mask = static_cast<char>(1 << (bit % 8));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
    auto const outcome = adapters::decode_state(bytes, now);
    if (!outcome && outcome.error().kind == core::ErrorKind::invalid) ++refused;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
  }
  CHECK(refused == bytes.size() * 8);
}

TEST_CASE("bytes added to a state are refused", "[adapters][state_file]") {
  auto const bytes = adapters::encode_state({}, now);
  for (auto const& more : {bytes + "\n", bytes + bytes, " " + bytes, bytes + std::string(4096, '\0')})
    CHECK_FALSE(adapters::decode_state(more, now));
}

TEST_CASE("the first state is read after damage to nothing: no file is a fresh start", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  auto const loaded = adapters::load_state(scratch.str(), now);
  REQUIRE(loaded);
  CHECK(loaded->state == core::State{});
  CHECK(loaded->remarks.empty());
  CHECK(names_in(scratch.str()).empty());
}

TEST_CASE("a saved state is loaded again and the one before is kept", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  auto const first = AnyState{1, now}.state();
  auto const second = AnyState{2, now}.state();
  REQUIRE(adapters::save_state(scratch.str(), adapters::encode_state(first, now)));
  CHECK(names_in(scratch.str()) == Names{"state.json"});
  REQUIRE(adapters::save_state(scratch.str(), adapters::encode_state(second, now)));
  CHECK(names_in(scratch.str()) == Names{"state.json", "state.json.bak"});
  CHECK(file_bytes(scratch / "state.json.bak") == adapters::encode_state(first, now));
  auto loaded = adapters::load_state(scratch.str(), now);
  REQUIRE(loaded);
  loaded->state.live = {};  // the time of the save
  CHECK(loaded->state == second);
  CHECK(loaded->remarks.empty());
}

TEST_CASE("a save whose backup already is the present file leaves nothing behind", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  REQUIRE(adapters::save_state(scratch.str(), "one"));
  fs::create_hard_link(scratch / "state.json", scratch / "state.json.bak");  // as after a write that failed
  REQUIRE(adapters::save_state(scratch.str(), "two"));
  CHECK(names_in(scratch.str()) == Names{"state.json", "state.json.bak"});
  CHECK(file_bytes(scratch / "state.json.bak") == "one");
  CHECK(file_bytes(scratch / "state.json") == "two");
}

TEST_CASE("a state that is loaded tells when it was saved", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  REQUIRE(adapters::save_state(scratch.str(), adapters::encode_state(rich_state(), now)));
  auto later = now;
  later.wall += std::chrono::hours{1};
  auto const loaded = adapters::load_state(scratch.str(), later);
  REQUIRE(loaded);
  CHECK(loaded->state.live.saved_at == now.wall);
}

TEST_CASE("a damaged state is put aside and the backup is used", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  auto const state = rich_state();
  REQUIRE(adapters::save_state(scratch.str(), adapters::encode_state(state, now)));
  REQUIRE(adapters::save_state(scratch.str(), "{}"));
  auto const loaded = adapters::load_state(scratch.str(), now);
  REQUIRE(loaded);
  CHECK(loaded->state == state);
  CHECK_FALSE(loaded->state.live.saved_at);
  REQUIRE(loaded->remarks.size() == 2);
  CHECK_THAT(loaded->remarks[0], CF_CONTAINS("state.json.corrupt-20261122T195019Z"));
  CHECK_THAT(loaded->remarks[1], CF_CONTAINS("state.json.bak"));
  CHECK(names_in(scratch.str()) == Names{"state.json.bak", "state.json.corrupt-20261122T195019Z"});
  CHECK(file_bytes(scratch / "state.json.corrupt-20261122T195019Z") == "{}");
}

TEST_CASE("the backup survives the first save after a damaged state", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  auto const good = adapters::encode_state(rich_state(), now);
  put_file(scratch / "state.json", "damaged");
  put_file(scratch / "state.json.bak", good);
  REQUIRE(adapters::load_state(scratch.str(), now));
  REQUIRE(adapters::save_state(scratch.str(), adapters::encode_state({}, now)));
  CHECK(file_bytes(scratch / "state.json.bak") == good);
}

TEST_CASE("whatever stands in both files, the daemon starts and keeps them aside", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  for (int round = 0; round < 3; ++round) {  // the same second: the names must not collide
    put_file(scratch / "state.json", "");
    put_file(scratch / "state.json.bak", std::string(1000, '['));
    auto const loaded = adapters::load_state(scratch.str(), now);
    REQUIRE(loaded);
    CHECK(loaded->state == core::State{});
    CHECK(loaded->remarks.size() == 3);
  }
  CHECK(names_in(scratch.str()).size() == 6);
  CHECK(names_in(scratch.str()).contains("state.json.bak.corrupt-20261122T195019Z-3"));
}

TEST_CASE("a directory in the place of the state is put aside too", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  fs::create_directory(scratch / "state.json");
  auto const loaded = adapters::load_state(scratch.str(), now);
  REQUIRE(loaded);
  CHECK(loaded->remarks.size() == 2);
  CHECK(fs::is_directory(scratch / "state.json.corrupt-20261122T195019Z"));
}

TEST_CASE("a state of a newer schema is refused and left untouched", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  // A file as a later version would write it: another schema, another body, the same frame; CRC-64/XZ of the body.
  std::string const newer = "{\"schema\":2,\"crc\":\"e11f112b069a71a8\",\"body\":{\"schema\":2,\"later\":true}}\n";
  put_file(scratch / "state.json", newer);
  auto const loaded = adapters::load_state(scratch.str(), now);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().kind == core::ErrorKind::unsupported);
  CHECK_THAT(loaded.error().detail, CF_CONTAINS("schema 2"));
  CHECK(names_in(scratch.str()) == Names{"state.json"});
  CHECK(file_bytes(scratch / "state.json") == newer);
  CHECK(adapters::peek_state(scratch.str(), now).error().kind == core::ErrorKind::unsupported);
}

TEST_CASE("an envelope that claims another schema than its body is damaged, not newer", "[adapters][state_file]") {
  auto const bytes = reframed(adapters::encode_state({}, now), "{\"schema\":1,\"crc\"", "{\"schema\":3,\"crc\"");
  auto const outcome = adapters::decode_state(bytes, now);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().kind == core::ErrorKind::invalid);
}

TEST_CASE("a state that may not be read stops the start and is left alone", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  put_file(scratch / "state.json", "x");
  fs::permissions(scratch / "state.json", fs::perms::none);
  fs::permissions(scratch.str(), fs::perms::all);
  CHECK(holds_unprivileged([&] {
    if (::geteuid() == 0) return false;
    auto const loaded = adapters::load_state(scratch.str(), now);
    return !loaded && loaded.error().kind == core::ErrorKind::permission;
  }));
  CHECK(names_in(scratch.str()) == Names{"state.json"});
}

TEST_CASE("temporary files of a crash are gone after a start", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  put_file(scratch / ".failover-0123456789abcdef.tmp", "half");
  put_file(scratch / ".failover-backup.tmp", "half");
  put_file(scratch / ".kept", "");
  REQUIRE(adapters::load_state(scratch.str(), now));
  CHECK(names_in(scratch.str()) == Names{".kept"});
}

TEST_CASE("a look at the saved state changes nothing", "[adapters][state_file]") {
  ScratchDirectory const scratch;
  CHECK(adapters::peek_state(scratch.str(), now).error().kind == core::ErrorKind::not_found);
  auto const state = rich_state();
  put_file(scratch / "state.json", "damaged");
  CHECK(adapters::peek_state(scratch.str(), now).error().kind == core::ErrorKind::invalid);
  put_file(scratch / "state.json.bak", adapters::encode_state(state, now));
  CHECK(adapters::peek_state(scratch.str(), now) == core::Result<core::State>{state});
  CHECK(names_in(scratch.str()) == Names{"state.json", "state.json.bak"});
}
