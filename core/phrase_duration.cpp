#include "core/phrase_duration.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace failover::core {

using namespace std::chrono;

namespace {

struct Unit {
  std::string_view name;
  seconds length;
};
constexpr std::array<Unit, 17> units{{{"d", days{1}},
                                      {"day", days{1}},
                                      {"days", days{1}},
                                      {"h", hours{1}},
                                      {"hr", hours{1}},
                                      {"hrs", hours{1}},
                                      {"hour", hours{1}},
                                      {"hours", hours{1}},
                                      {"m", minutes{1}},
                                      {"min", minutes{1}},
                                      {"mins", minutes{1}},
                                      {"minute", minutes{1}},
                                      {"minutes", minutes{1}},
                                      {"s", seconds{1}},
                                      {"sec", seconds{1}},
                                      {"second", seconds{1}},
                                      {"seconds", seconds{1}}}};

std::optional<seconds> unit_of(std::string_view word) {
  for (auto const& unit : units)
    if (unit.name == word) return unit.length;
  if (word == "secs") return seconds{1};
  if (word == "w" || word == "week" || word == "weeks" || word == "wk") return weeks{1};
  return std::nullopt;
}

}  // namespace

std::optional<seconds> read_duration(PhraseWords& words) {
  std::size_t const before = words.at();
  if (words.word_is("less")) {
    words.word_is("than");
    if (words.word_is("a") && words.word_is("minute")) return minutes{1};
    words.back_to(before);
    return std::nullopt;
  }
  words.sign('~');
  if (!words.word_is("about") && !words.word_is("approximately")) words.word_is("roughly");
  seconds total{0};
  std::size_t parts = 0;
  for (;; ++parts) {
    std::size_t const part = words.at();
    if (parts > 0 && !words.sign(',')) words.word_is("and");
    std::optional<std::int64_t> count = words.number(6);
    if (!count && parts == 0 && (words.word_is("a") || words.word_is("an"))) count = 1;
    if (!count) {
      words.back_to(part);
      break;
    }
    auto const unit = unit_of(words.word());
    if (!unit) {
      words.back_to(parts == 0 ? before : part);
      if (parts == 0) return std::nullopt;
      break;
    }
    total += *unit * *count;
  }
  if (parts == 0) {
    words.back_to(before);
    return std::nullopt;
  }
  return total;
}

}  // namespace failover::core
