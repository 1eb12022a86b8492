#include "core/fold.hpp"
#include "core/rfc3339.hpp"
#include "test/support/catch.hpp"
#include "test/support/drawn_screen.hpp"
#include "test/support/labelled_texts.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

// What holds for a message holds for it in every frame, at every width and beside everything else that a screen may
// show. Each labelled message is drawn in many ways whose right reading is known, and read.
//
// Left out, for nobody can tell them from a screen alone: a limit's whole message, and nothing else, as the result of
// an agent's tool (`Task(…)`) or as the whole answer of the agent, which is what a real one looks like.

using namespace failover;
using test::DrawnScreen;
using test::Frame;
using test::Labelled;
using test::Look;

namespace {

constexpr Frame frames[] = {Frame::v1_0, Frame::v2_0, Frame::v2_1, Frame::v2_1_alternate};

/// A message without marks and frame, as it can be drawn into one.
bool drawable(Labelled const& one) {
  if (one.agent != "claude-code" || one.ambiguous) return false;
  if (one.id == "cc-q-under-context-footer" || one.id == "cc-q-after-warning") return false;  // begin with another row
  for (auto const* sign :
       {"❯", "─", "│", "╭", "▔", "> ", "⏺", "✻", "·\n", "\n\n", "…", "● ", "esc to", "⏵", "Rate exceeded"})
    if (one.text.find(sign) != std::string::npos) return false;
  return std::count(one.text.begin(), one.text.end(), '\n') < 3;
}

/// The message's rows without marks and indentation.
std::string bare(std::string_view text) {
  std::string out;
  for (std::size_t begin = 0; begin <= text.size();) {
    std::size_t const end = std::min(text.find('\n', begin), text.size());
    std::string row = core::without_controls(text.substr(begin, end - begin));
    for (bool stripped = true; stripped;) {
      stripped = false;
      for (std::string_view const mark : {"⎿", "●", "└", "⚠", "\u00a0", " "})
        if (row.substr(0, mark.size()) == mark) {
          row.erase(0, mark.size());
          stripped = true;
        }
    }
    if (!row.empty()) out += (out.empty() ? "" : "\n") + row;
    begin = end + 1;
  }
  return out;
}

bool is_message(std::string const& label) {
  for (auto const* known : {"quota_exhausted", "server_error", "rate_limited_transient", "auth_error", "billing",
                            "context_limit", "other_limit", "network_error"})
    if (label == known) return true;
  return false;
}

std::vector<Labelled> messages(std::function<bool(Labelled const&)> const& wanted) {
  std::vector<Labelled> all;
  for (auto& one : test::labelled_corpus()) {
    if (!drawable(one) || !wanted(one)) continue;
    one.text = bare(one.text);
    all.push_back(one);
  }
  return all;
}

std::vector<Labelled> limits() {
  return messages([](Labelled const& one) { return one.label == "quota_exhausted"; });
}

/// The messages by lot in two halves: a figure that only one of them carries would be luck.
char const* half_of(Labelled const& one) {
  std::uint32_t hash = 2166136261U;
  for (char const c : one.id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return (hash >> 7U) % 2 == 0 ? "one half" : "the other half";
}

struct Tally {
  std::size_t right = 0;
  std::size_t all = 0;
};

/// Reads drawn screens and counts what came out right, by half.
class Judge {
 public:
  explicit Judge(std::string what) : what_(std::move(what)) {}

  void expect(Labelled const& one, std::string const& screen, Look look,
              std::function<bool(core::Reading const&)> const& right) {
    Labelled drawn = one;
    drawn.text = screen;
    auto const reading = reader_.read(drawn);
    Tally& tally = tallies_[half_of(one)];
    ++tally.all;
    if (right(reading)) {
      ++tally.right;
    } else if (failures_[one.id]++ == 0 && failures_.size() <= 30) {
      fmt::print("{}: {} (frame {}, width {}, breaks words {}): {} by {}\n{}\n", what_, one.id,
                 static_cast<int>(look.frame), look.width, look.breaks_words, core::to_string(reading.seen.state),
                 reading.seen.rule, screen);
    }
  }

  /// Prints both halves' shares; the lesser one.
  double share() const {
    double least = 1;
    for (auto const& [half, tally] : tallies_) {
      double const share = static_cast<double>(tally.right) / static_cast<double>(tally.all);
      fmt::print("{}, {}: {}/{} = {:.2f} %\n", what_, half, tally.right, tally.all, 100 * share);
      least = std::min(least, share);
    }
    return least;
  }

 private:
  std::string what_;
  test::TextReader reader_;
  std::map<std::string, Tally> tallies_;
  std::map<std::string, std::size_t> failures_;
};

/// FAILOVER_SCREENS_SEED draws other widths and heights than those that the rules were written with.
std::uint32_t seed() {
  char const* const given = std::getenv("FAILOVER_SCREENS_SEED");
  return given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 0;
}

/// Every frame at a few widths, drawn by lot but the same each time.
std::vector<Look> looks(Labelled const& one, std::size_t narrowest = 40) {
  std::mt19937 random{static_cast<std::uint32_t>(std::hash<std::string>{}(one.id)) + seed()};
  std::vector<Look> all;
  for (Frame const frame : frames)
    for (bool const breaks_words : {false, true})
      for (std::size_t const width : {narrowest, narrowest + random() % 40, std::size_t{80}, 81 + random() % 220})
        all.push_back({frame, width, 24 + random() % 40, breaks_words});
  return all;
}

bool is_limit(core::Reading const& reading) {
  return reading.seen.state == core::ScreenState::quota_exhausted;
}
bool is_no_limit(core::Reading const& reading) {
  return !is_limit(reading) && reading.seen.state != core::ScreenState::auth_error;
}

/// Right for a message of `one` itself: its class, and its time of reset where one is known.
std::function<bool(core::Reading const&)> as_labelled(Labelled const& one) {
  return [&one](core::Reading const& reading) {
    if (core::to_string(reading.seen.state) != one.label) return false;
    return !one.reset || one.label != "quota_exhausted" ||
           (reading.seen.resets_at && abs(*reading.seen.resets_at - *one.reset) <= std::chrono::seconds{60});
  };
}

/// Whether nothing follows the limit's words and its time: else one may append more and it still reads like one.
bool ends_with_its_limit(std::string const& text) {
  if (text.find('{') != std::string::npos) return false;
  for (std::string_view const end : {")", "am", "pm", "AM", "PM", "limit", "reached", "limit.", "reached.", "0"})
    if (text.size() > end.size() && text.substr(text.size() - end.size()) == end)
      return text.find("anyway") == std::string::npos;
  return false;
}

std::string first_row(Labelled const& one) {
  return one.text.substr(0, one.text.find('\n'));
}

std::string continued(Labelled const& one) {
  std::string const limit = first_row(one);
  return ends_with_its_limit(limit) ? limit + " is what it prints, and the test looks for that." : "It prints " + limit;
}

/// With more output behind it; a raw answer of the service ends nowhere, so more goes before it.
std::string followed(Labelled const& one) {
  return one.text.find('{') == std::string::npos ? one.text + "\nA\nB\nC" : "It said:\n" + one.text;
}

using Draw = std::function<std::string(Look, Labelled const&)>;

/// Draws every limit in every look by each of `ways`; none may be read as a limit.
void none_is_a_limit(std::string const& what, std::vector<Draw> const& ways) {
  Judge judge{what};
  for (auto const& one : limits())
    for (Look const look : looks(one))
      for (auto const& draw : ways) judge.expect(one, draw(look, one), look, is_no_limit);
  CHECK(judge.share() == 1.0);
}

}  // namespace

TEST_CASE("a message is read alike in every frame, at every width", "[adapters][corpus][metamorphic]") {
  Judge judge{"in frames"};
  for (auto const& one : messages([](Labelled const& m) { return is_message(m.label); }))
    for (Look const look : looks(one))
      judge.expect(one,
                   DrawnScreen{look}.prompt("go on with it").answer("I will.").prompt("go on").result(one.text).boxed(),
                   look, as_labelled(one));
  CHECK(judge.share() >= 0.99);
}

TEST_CASE("a limit is seen at every width from 40 to 300", "[adapters][corpus][metamorphic]") {
  Judge judge{"widths"};
  std::size_t turn = 0;
  for (auto const& one : limits())
    for (std::size_t width = 40 + turn++ % 7; width <= 300; width += 7)
      for (bool const breaks_words : {false, true}) {
        Look const look{frames[(width + turn) % 4], width, 40, breaks_words};
        judge.expect(one, DrawnScreen{look}.prompt("go on").result(one.text).finished().boxed(), look,
                     as_labelled(one));
      }
  CHECK(judge.share() >= 0.99);
}

TEST_CASE("what is over or stands beside a limit does not hide it", "[adapters][corpus][metamorphic]") {
  std::string const error =
      "API Error: 500 {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"Internal server error\"}}";
  Judge judge{"beside a limit"};
  for (auto const& one : limits())
    for (Look const look : looks(one)) {
      auto const screen = [&] { return DrawnScreen{look}; };
      auto const right = as_labelled(one);
      judge.expect(one, screen().prompt("go").result(error).prompt("again").result(one.text).boxed(), look, right);
      judge.expect(one,
                   screen()
                       .prompt("go")
                       .result("You've hit your session limit · resets 1am (UTC)")
                       .prompt("again")
                       .result(one.text)
                       .boxed(),
                   look, right);
      judge.expect(one, screen().prompt("go").call("Bash(ls)", "a\nb").result(one.text).finished().boxed(), look,
                   right);
      judge.expect(one, screen().prompt("go").answer("I am going to look at the files first.").result(one.text).boxed(),
                   look, right);
      judge.expect(one, screen().prompt("go").call("Task(Look at it)", one.text).boxed(), look, right);
      auto widget = screen().prompt("go").result(one.text).finished().row("").row("  9 tasks (4 done, 1 in progress)");
      for (int i = 0; i < 9; ++i) widget.row("  ◻ Say that the limit of item " + std::to_string(i) + " is reached");
      judge.expect(one, widget.boxed(), look, right);
      judge.expect(one,
                   screen().prompt("go").result(one.text).boxed(
                       {"  Opus 5 | 5h 91% resets in 1h 20m | limit 100", "  ? for shortcuts"}),
                   look, right);
      judge.expect(one,
                   screen()
                       .prompt("続けて")
                       .answer("はい、続けます。")
                       .prompt("もう一度")
                       .result(one.text)
                       .boxed({"  ? for shortcuts", "", "[main] 0:claude* 1:bash-     \"host\" 10:03 22-Nov-26"}),
                   look, right);
    }
  CHECK(judge.share() >= 0.99);
}

TEST_CASE("apostrophes, separators and case do not matter", "[adapters][corpus][metamorphic]") {
  Judge judge{"variants"};
  auto const replaced = [](std::string text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
      text.replace(at, what.size(), with);
    return text;
  };
  for (auto const& one : limits())
    for (Look const look : looks(one)) {
      std::vector<std::string> variants{replaced(one.text, "'", "’"), replaced(one.text, " ", "\u00a0"),
                                        replaced(one.text, " resets", " Resets"), replaced(one.text, "limit", "Limit")};
      for (auto const* separator :
           {" ∙ resets", " • resets", " - resets", " – resets", " — resets", ", resets", ". Resets", "\nresets"})
        variants.push_back(replaced(replaced(one.text, " · resets", separator), " ∙ resets", separator));
      for (auto const& variant : variants)
        judge.expect(one, DrawnScreen{look}.prompt("go").result(variant).boxed(), look, as_labelled(one));
    }
  CHECK(judge.share() >= 0.99);
}

TEST_CASE("a sign before a limit does not matter", "[adapters][corpus][metamorphic]") {
  Judge judge{"signs"};
  for (auto const& one : limits()) {
    if (one.text.find('\n') != std::string::npos) continue;
    for (std::string const sign : {"∴", "※", "⚠️", "⊘", "§", "⛔", "⌛", "‼"})
      judge.expect(one, "❯ go\n\n● I will.\n\n" + sign + " " + one.text + "\n", {}, as_labelled(one));
  }
  CHECK(judge.share() >= 0.99);
}

TEST_CASE("a limit behind which something else pays is none", "[adapters][corpus][metamorphic]") {
  Judge judge{"now using"};
  for (auto const& one : limits()) {
    std::string const limit = first_row(one);
    if (limit.find("limit") == std::string::npos || !ends_with_its_limit(limit)) continue;
    if (limit.find("spend") != std::string::npos) continue;  // it is what would pay
    if (limit.find(" resets ") == std::string::npos || limit.find(": ") != std::string::npos) continue;
    for (std::string const tail : {" · now using extra usage", " · you're now using usage credits"})
      for (Look const look : looks(one, 200))
        judge.expect(one, DrawnScreen{look}.prompt("go").result(limit + tail).boxed(), look,
                     [](auto const& r) { return !is_limit(r); });
  }
  CHECK(judge.share() == 1.0);
}

TEST_CASE("what follows a limit outdates it", "[adapters][corpus][metamorphic]") {
  none_is_a_limit(
      "outdated",
      {[](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("go").result(one.text).prompt("again").answer("Done, all tests pass.").boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("go").result(one.text).answer("Done, all tests pass.").boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("go").result(one.text).call("Bash(ls)", "a\nb").boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("go").result(one.text).prompt("again").working().boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("go").result(one.text).finished().finished().boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}
             .prompt("go")
             .result(one.text)
             .finished()
             .row("")
             .row("  All of it is merged.")
             .finished()
             .boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("go").result(one.text).prompt("/login").result("Login successful").boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}
             .prompt("go")
             .result(one.text)
             .answer("Your usage limit has reset · press enter to continue")
             .boxed();
       }});
}

TEST_CASE("a limit quoted in prose is none", "[adapters][corpus][metamorphic]") {
  none_is_a_limit(
      "prose",
      {[](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").answer("When the quota is gone it prints:\n\n" + one.text).boxed();
       },
       [](Look look, Labelled const& one) { return DrawnScreen{look}.prompt("q").answer(continued(one)).boxed(); },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}
             .prompt("q")
             .answer("Two are known:\n- " + first_row(one) + "\n- the other one")
             .boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").answer("\"" + first_row(one) + "\" is a message.").boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").answer("Here it is:\n\n```\n" + one.text + "\n```").boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").answer("Done.\n\nI think that " + first_row(one)).boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}
             .prompt("q")
             .answer("ok")
             .row("")
             .row("  2 tasks (1 done)")
             .row("  ☐ " + first_row(one))
             .row("  ◻ b")
             .boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").call("Update Todos", "☐ " + first_row(one) + "\n☐ another one").boxed();
       }});
}

TEST_CASE("a limit that a program or a file printed is none", "[adapters][corpus][metamorphic]") {
  none_is_a_limit(
      "output",
      {[](Look look, Labelled const& one) {
         return DrawnScreen{look}
             .prompt("q")
             .call("Bash(grep -rn limit src)", "src/a.ts:12: " + first_row(one) + "\nsrc/b.ts:40: // end")
             .boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").call("Bash(cat log.txt)", one.text).boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").call("Bash(cat log.txt)", "first\n" + one.text + "\nlast").boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").call("Read(log.txt)", one.text).finished().boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").call("github - get_issue (MCP)(number: 3)", one.text).boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}
             .prompt("q")
             .call("Update(src/limits.ts)", "Updated src/limits.ts with 1 addition\n  12 + " + first_row(one))
             .boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").call("Write(a.md)", "Wrote 2 lines to a.md\n" + one.text).boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").call("Task(Find it)", followed(one)).boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").answer("ok").shell("cat log.txt").result(one.text).boxed();
       }});
}

TEST_CASE("a limit that the user typed is none", "[adapters][corpus][metamorphic]") {
  none_is_a_limit(
      "typed",
      {[](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt(one.text).answer("That is a limit.").boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("Why this?\n" + one.text).answer("Because.").boxed();
       },
       [](Look look, Labelled const& one) { return DrawnScreen{look}.prompt("Why this?\n" + one.text).boxed(); },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}.prompt("q").answer("ok").boxed({"  ? for shortcuts"}, first_row(one));
       }});
}

TEST_CASE("a server error in the same turn vetoes a limit", "[adapters][corpus][metamorphic]") {
  none_is_a_limit(
      "vetoed",
      {[](Look look, Labelled const& one) {
         return DrawnScreen{look}
             .prompt("q")
             .result(one.text)
             .result(
                 "API Error: 500 {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"rate limit\"}}")
             .boxed();
       },
       [](Look look, Labelled const& one) {
         return DrawnScreen{look}
             .prompt("q")
             .result(one.text)
             .answer(
                 "API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a moment.")
             .boxed();
       }});
}

TEST_CASE("what is no limit is none in any frame", "[adapters][corpus][metamorphic]") {
  Judge judge{"hard negatives"};
  for (auto const& one : messages([](Labelled const& m) {
         return m.hard_negative && m.label != "quota_exhausted" && m.id != "cc-q-dec31-old";
       }))
    for (Look const look : looks(one)) {
      judge.expect(one, DrawnScreen{look}.prompt("q").result(one.text).boxed(), look,
                   [](auto const& r) { return !is_limit(r); });
      judge.expect(one, DrawnScreen{look}.prompt("q").answer(one.text).boxed(), look,
                   [](auto const& r) { return !is_limit(r); });
      judge.expect(one, DrawnScreen{look}.prompt("q").answer("ok").boxed({"  " + first_row(one)}), look,
                   [](auto const& r) { return !is_limit(r); });
    }
  CHECK(judge.share() == 1.0);
}

TEST_CASE("every way to write a time of reset is read", "[adapters][corpus][metamorphic]") {
  struct Way {
    char const* words;
    char const* at;
  };
  Way const ways[] = {{"resets 3pm", "2026-11-22T15:00:00Z"},
                      {"resets 3:20pm", "2026-11-22T15:20:00Z"},
                      {"resets at 3:20 PM", "2026-11-22T15:20:00Z"},
                      {"resets 15:20", "2026-11-22T15:20:00Z"},
                      {"resets 3:20 p.m.", "2026-11-22T15:20:00Z"},
                      {"resets 12am", "2026-11-23T00:00:00Z"},
                      {"resets 9am", "2026-11-23T09:00:00Z"},
                      {"resets Nov 25, 8:27pm", "2026-11-25T20:27:00Z"},
                      {"resets Nov 25 at 8:27pm", "2026-11-25T20:27:00Z"},
                      {"resets on 25 Nov at 20:27", "2026-11-25T20:27:00Z"},
                      {"resets November 25th, 2026 8:27 PM", "2026-11-25T20:27:00Z"},
                      {"resets Jan 2, 2027, 9am", "2027-01-02T09:00:00Z"},
                      {"resets 2026-11-25 20:27", "2026-11-25T20:27:00Z"},
                      {"resets Tue 9am", "2026-11-24T09:00:00Z"},
                      {"resets Tuesday at 9:00am", "2026-11-24T09:00:00Z"},
                      {"resets tomorrow at 9am", "2026-11-23T09:00:00Z"},
                      {"resets in 3h 20m", "2026-11-22T13:20:00Z"},
                      {"resets in 2 days 5 hours", "2026-11-24T15:00:00Z"}};
  Judge judge{"times"};
  for (auto const& way : ways)
    for (auto const* limit :
         {"You've hit your session limit", "Weekly limit reached", "You've hit your Sonnet 5 limit"})
      for (auto const* zone : {"", " (UTC)", " (Etc/UTC)", " UTC", " (Africa/Abidjan)", " [UTC]", " (GMT+0)"}) {
        Labelled one;
        one.id = std::string{way.words} + limit + zone;
        one.label = "quota_exhausted";
        one.now = core::from_rfc3339("2026-11-22T10:00:00Z").value();
        one.reset = core::from_rfc3339(way.at);
        one.text = std::string{limit} + " · " + way.words + zone;
        for (Look const look : looks(one))
          for (std::string const follows :
               {"", "\n/upgrade to increase your usage limit.", " · /upgrade to keep using Claude Code"})
            judge.expect(one, DrawnScreen{look}.prompt("go").result(one.text + follows).boxed(), look,
                         as_labelled(one));
      }
  CHECK(judge.share() >= 0.99);
}
