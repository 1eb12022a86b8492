#include "core/phrase_moment.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace failover::core {
namespace {

constexpr std::array<std::string_view, 12> month_names{"january",   "february", "march",    "april",
                                                       "may",       "june",     "july",     "august",
                                                       "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> weekday_names{"sunday",   "monday", "tuesday", "wednesday",
                                                        "thursday", "friday", "saturday"};

/// "sep", "sept", "september": at least three letters of a name, from its start.
template <std::size_t N>
std::optional<unsigned> name_index(std::array<std::string_view, N> const& names, std::string_view word) {
  if (word.size() < 3) return std::nullopt;
  for (unsigned i = 0; i < N; ++i)
    if (names[i].substr(0, word.size()) == word) return i;
  return std::nullopt;
}

std::optional<SaidClock> read_clock(PhraseWords& words) {
  std::size_t const before = words.at();
  auto const give_up = [&]() -> std::optional<SaidClock> {
    words.back_to(before);
    return std::nullopt;
  };
  if (words.word_is("noon")) return SaidClock{12, 0, 0};
  if (words.word_is("midnight")) return SaidClock{0, 0, 0};
  auto const hour = words.number(2);
  if (!hour) return give_up();
  SaidClock clock{static_cast<int>(*hour), 0, 0};
  bool const colon = words.peek() == ':' || (words.peek() == '.' && words.at() + 1 < words.text().size() &&
                                             PhraseWords::is_digit(words.text()[words.at() + 1]));
  if (colon) {
    words.sign(words.peek());
    if (words.digits_ahead() != 2) return give_up();
    clock.minute = static_cast<int>(*words.number(2));
    std::size_t const after_minutes = words.at();
    if (words.sign(':') && words.digits_ahead() == 2)
      clock.second = static_cast<int>(*words.number(2));
    else
      words.back_to(after_minutes);
  }
  std::size_t const after_digits = words.at();
  std::string half = words.word();
  if ((half == "a" || half == "p") && words.sign('.')) {
    if (words.word_is("m")) half += 'm';
    words.sign('.');
  }
  if (half == "am" || half == "pm") {
    if (clock.hour > 12 || words.runs_on()) return give_up();
    clock.hour = clock.hour % 12 + (half == "pm" ? 12 : 0);
  } else {
    words.back_to(after_digits);
    if (!colon || words.runs_on()) return give_up();
  }
  if (clock.hour > 23 || clock.minute > 59 || clock.second > 59) return give_up();
  return clock;
}

std::optional<int> read_year(PhraseWords& words) {
  std::size_t const before = words.at();
  words.sign(',');
  if (words.digits_ahead() == 4) {
    auto const year = words.number(4);
    if (words.peek() != ':' && *year >= 1970) return static_cast<int>(*year);
  }
  words.back_to(before);
  return std::nullopt;
}

std::optional<unsigned> read_day_number(PhraseWords& words) {
  std::size_t const before = words.at();
  auto const day = words.number(2);
  std::size_t const after = words.at();
  if (!day || *day < 1 || *day > 31 || words.peek() == ':') {
    words.back_to(before);
    return std::nullopt;
  }
  words.back_to(after);
  std::string const ending = words.word();
  if (ending != "st" && ending != "nd" && ending != "rd" && ending != "th") words.back_to(after);
  return static_cast<unsigned>(*day);
}

/// `Nov 25`, `November 25th, 2026`, `25 Nov`, `2026-11-25`.
std::optional<SaidDay> read_day(PhraseWords& words) {
  std::size_t const before = words.at();
  SaidDay day;
  if (words.digits_ahead() == 4) {
    day.year = static_cast<int>(*words.number(4));
    std::int64_t const month = words.sign('-') ? words.number(2).value_or(0) : 0;
    std::int64_t const number = words.sign('-') ? words.number(2).value_or(0) : 0;
    if (month >= 1 && month <= 12 && number >= 1 && number <= 31) {
      day.month = static_cast<unsigned>(month);
      day.day = static_cast<unsigned>(number);
      std::size_t const after = words.at();
      if (!words.word_is("t")) words.back_to(after);
      return day;
    }
  } else if (PhraseWords::is_digit(words.peek())) {
    auto const number = read_day_number(words);
    auto const month = name_index(month_names, words.word());
    if (number && month) {
      day.day = *number;
      day.month = *month + 1;
      words.sign('.');
      day.year = read_year(words);
      return day;
    }
  } else if (auto const month = name_index(month_names, words.word())) {
    words.sign('.');
    if (auto const number = read_day_number(words)) {
      day.month = *month + 1;
      day.day = *number;
      day.year = read_year(words);
      return day;
    }
  }
  words.back_to(before);
  return std::nullopt;
}

bool read_named_day(PhraseWords& words, SaidMoment& said) {
  std::size_t const before = words.at();
  std::string const word = words.word();
  if (word == "today" || word == "tonight") {
    said.days_ahead = 0;
    return true;
  }
  if (word == "tomorrow") {
    said.days_ahead = 1;
    return true;
  }
  if (word == "next") return read_named_day(words, said);
  if (auto const weekday = name_index(weekday_names, word); weekday && !words.runs_on()) {
    said.weekday = weekday;
    words.sign('.');
    return true;
  }
  words.back_to(before);
  return false;
}

void skip_joints(PhraseWords& words) {
  for (bool skipped = true; skipped;) {
    std::size_t const before = words.at();
    skipped = words.sign(',') || words.word_is("at") || words.word_is("on") || words.word_is("the");
    if (!skipped) words.back_to(before);
  }
}

bool read_any_day(PhraseWords& words, SaidMoment& said) {
  std::size_t const before = words.at();
  if (!said.weekday && !said.days_ahead && read_named_day(words, said)) {
    std::size_t const after = words.at();
    skip_joints(words);
    if (!said.day) said.day = read_day(words);  // "Monday, Nov 25"
    if (!said.day) words.back_to(after);
    return true;
  }
  if (!said.day) said.day = read_day(words);
  if (said.day) return true;
  words.back_to(before);
  return false;
}

}  // namespace

std::optional<SaidMoment> read_moment(PhraseWords& words) {
  SaidMoment said;
  bool const day_first = read_any_day(words, said);
  std::size_t after = words.at();
  skip_joints(words);
  said.clock = read_clock(words);
  if (!said.clock) words.back_to(after);
  if (!day_first && said.clock) {
    after = words.at();
    skip_joints(words);
    if (!read_any_day(words, said)) words.back_to(after);
  }
  if (!said.clock && !day_first) return std::nullopt;
  return said;
}

}  // namespace failover::core
