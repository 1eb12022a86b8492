#include "core/reset_time.hpp"

#include "core/fold.hpp"
#include "core/local_time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace failover::core {

using namespace std::chrono;

namespace {

constexpr std::size_t longest_phrase = 256;
constexpr std::size_t most_zone_rows = 4;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A cursor over the phrase that takes words, numbers and signs, and can go back.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  void back_to(std::size_t at) { at_ = at; }
  [[nodiscard]] char peek() {
    skip_blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool sign(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  /// The next run of letters, lowered; empty when there is none.
  std::string word() {
    skip_blanks();
    std::string word;
    while (at_ < text_.size() && is_letter(text_[at_])) word += lowered(text_[at_++]);
    return word;
  }
  bool word_is(std::string_view wanted) {
    std::size_t const before = at_;
    if (word() == wanted) return true;
    at_ = before;
    return false;
  }
  /// The next run of digits, at most `most` of them; nothing when there is none or more.
  std::optional<std::int64_t> number(std::size_t most) {
    skip_blanks();
    std::size_t const begin = at_;
    std::int64_t value = 0;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      if (at_ - begin == most) {
        at_ = begin;
        return std::nullopt;
      }
      value = value * 10 + (text_[at_++] - '0');
    }
    if (at_ == begin) return std::nullopt;
    return value;
  }
  [[nodiscard]] std::size_t digits_ahead() {
    skip_blanks();
    std::size_t count = 0;
    while (at_ + count < text_.size() && is_digit(text_[at_ + count])) ++count;
    return count;
  }
  /// Whether the very next character is a letter or digit: then the last word was not whole.
  [[nodiscard]] bool runs_on() const { return at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_])); }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

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

struct Clock {
  int hour = 0;
  int minute = 0;
  int second = 0;
  [[nodiscard]] seconds since_midnight() const { return hours{hour} + minutes{minute} + seconds{second}; }
};

struct Day {
  std::optional<int> year = {};
  unsigned month = 0;
  unsigned day = 0;
};

/// What the phrase says, before it is placed in time.
struct Said {
  std::optional<Clock> clock = {};
  std::optional<Day> day = {};
  std::optional<unsigned> weekday = {};  ///< 0 = Sunday
  std::optional<int> days_ahead = {};    ///< today 0, tomorrow 1
};

std::optional<Clock> read_clock(Words& words) {
  std::size_t const before = words.at();
  auto const give_up = [&]() -> std::optional<Clock> {
    words.back_to(before);
    return std::nullopt;
  };
  if (words.word_is("noon")) return Clock{12, 0, 0};
  if (words.word_is("midnight")) return Clock{0, 0, 0};
  auto const hour = words.number(2);
  if (!hour) return give_up();
  Clock clock{static_cast<int>(*hour), 0, 0};
  bool const colon = words.peek() == ':' || (words.peek() == '.' && words.at() + 1 < words.text().size() &&
                                             is_digit(words.text()[words.at() + 1]));
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

std::optional<int> read_year(Words& words) {
  std::size_t const before = words.at();
  words.sign(',');
  if (words.digits_ahead() == 4) {
    auto const year = words.number(4);
    if (words.peek() != ':' && *year >= 1970) return static_cast<int>(*year);
  }
  words.back_to(before);
  return std::nullopt;
}

std::optional<unsigned> read_day_number(Words& words) {
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
std::optional<Day> read_day(Words& words) {
  std::size_t const before = words.at();
  Day day;
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
  } else if (is_digit(words.peek())) {
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

bool read_named_day(Words& words, Said& said) {
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

void skip_joints(Words& words) {
  for (bool skipped = true; skipped;) {
    std::size_t const before = words.at();
    skipped = words.sign(',') || words.word_is("at") || words.word_is("on") || words.word_is("the");
    if (!skipped) words.back_to(before);
  }
}

bool read_any_day(Words& words, Said& said) {
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

/// A clock and a day in either order, or one of them.
std::optional<Said> read_moment(Words& words) {
  Said said;
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

/// `2h 30m`, `5 hours 23 minutes`, `3h38m47s`, `1 day and 4 hours`, `less than a minute`. An unknown unit spoils all.
std::optional<seconds> read_duration(Words& words) {
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

// Zones ---------------------------------------------------------------------------------------------------------------

struct Abbreviation {
  std::string_view name;
  int minutes;
};
/// Only what services print; where two zones share letters, the one the services' users mean most often.
constexpr std::array<Abbreviation, 30> abbreviations{
    {{"pst", -480}, {"pdt", -420}, {"mst", -420},  {"mdt", -360},  {"cst", -360}, {"cdt", -300},
     {"est", -300}, {"edt", -240}, {"akst", -540}, {"akdt", -480}, {"hst", -600}, {"ast", -240},
     {"adt", -180}, {"brt", -180}, {"wet", 0},     {"west", 60},   {"bst", 60},   {"cet", 60},
     {"cest", 120}, {"eet", 120},  {"eest", 180},  {"msk", 180},   {"ist", 330},  {"sgt", 480},
     {"hkt", 480},  {"jst", 540},  {"kst", 540},   {"aest", 600},  {"aedt", 660}, {"nzst", 720}}};

struct Zone {
  std::string name = {};
  std::optional<minutes> offset = {};
  bool known = false;
};

/// `+2`, `+02:00`, `-0530` after "UTC" or alone.
std::optional<minutes> read_offset(Words& words) {
  std::size_t const before = words.at();
  bool const plus = words.sign('+');
  if (!plus && !words.sign('-')) return std::nullopt;
  std::size_t const length = words.digits_ahead();
  if (length == 0 || length > 4 || length == 3) {
    words.back_to(before);
    return std::nullopt;
  }
  std::int64_t value = *words.number(4);
  std::int64_t minute = 0;
  if (length == 4) {
    minute = value % 100;
    value /= 100;
  } else if (words.sign(':') && words.digits_ahead() == 2) {
    minute = *words.number(2);
  }
  if (value > 15 || minute > 59) {
    words.back_to(before);
    return std::nullopt;
  }
  minutes const offset{value * 60 + minute};
  return plus ? offset : -offset;
}

/// A zone's name as far as it may reach, and where that ends.
struct ZoneName {
  std::string name = {};
  std::size_t end = 0;
};

/// The runs that may be a zone's name, longest first: a row may end inside the name or right after it.
std::vector<ZoneName> zone_names(Words& words) {
  words.skip_blanks();
  std::vector<ZoneName> names(1);
  for (std::size_t at = words.at(); at < words.text().size(); ++at) {
    char const c = words.text()[at];
    if (c == '\n') {
      if (!names.front().name.empty() && names.size() < most_zone_rows) names.insert(names.begin() + 1, names.front());
      continue;
    }
    if (!is_letter(c) && !is_digit(c) && c != '/' && c != '_' && c != '-' && c != '+') break;
    names.front().name += c;
    names.front().end = at + 1;
  }
  return names;
}

std::optional<Zone> read_zone_words(Words& words, WallTime now, ZoneLookup const& zones) {
  std::size_t const before = words.at();
  std::string const prefix = words.word();
  if (prefix == "utc" || prefix == "gmt" || prefix == "z") {
    if (auto const offset = read_offset(words)) return Zone{{}, offset, true};
    if (words.peek() != '/') return Zone{"UTC", minutes{0}, true};
  }
  words.back_to(before);
  if (prefix.empty()) {
    if (auto const offset = read_offset(words)) return Zone{{}, offset, true};
    return std::nullopt;
  }
  auto const names = zone_names(words);
  for (auto const& [name, end] : names) {
    words.back_to(end);
    if (!name.empty() && zones(name, now)) return Zone{name, {}, true};
    for (auto const& known : abbreviations)
      if (known.name == lowered(name)) return Zone{{}, minutes{known.minutes}, true};
  }
  words.back_to(names.front().end);
  return Zone{names.front().name, {}, false};
}

/// `(Europe/Berlin)` or `PST`. In brackets anything is taken for a zone, without them only what is one.
std::optional<Zone> read_zone(Words& words, WallTime now, ZoneLookup const& zones) {
  std::size_t const before = words.at();
  bool const square = words.sign('[');
  if (square || words.sign('(')) {
    char const closing = square ? ']' : ')';
    std::size_t const close = words.text().find(closing, words.at());
    auto zone = read_zone_words(words, now, zones);
    if (zone && close != std::string_view::npos && (words.peek() == closing || !zone->known)) {
      words.back_to(close + 1);
      return zone;
    }
    words.back_to(before);
    return std::nullopt;
  }
  words.sign(',');
  auto zone = read_zone_words(words, now, zones);
  if (zone && zone->known && !words.runs_on()) return zone;
  words.back_to(before);
  return std::nullopt;
}

// Placing in time -----------------------------------------------------------------------------------------------------

/// Reads one phrase whose row breaks are already decided.
class PhraseReader {
 public:
  PhraseReader(std::string_view phrase, WallTime now, ZoneLookup const& zones, std::string_view local_zone)
      : words_(phrase), now_(now), zones_(zones), local_zone_(local_zone) {}

  std::optional<ResetTime> read() {
    for (bool skipped = true; skipped;)
      skipped = words_.sign(':') || words_.sign('~') || words_.word_is("at") || words_.word_is("on") ||
                words_.word_is("by") || words_.word_is("around");
    bool const bracket = words_.sign('(');
    auto reset = read_epoch();
    if (!reset) reset = read_relative();
    if (!reset) reset = read_absolute();
    if (!reset) return std::nullopt;
    if (bracket && !words_.sign(')')) return std::nullopt;
    reset->length = words_.at();
    return reset;
  }

 private:
  std::optional<ResetTime> read_epoch() {
    std::size_t const digits = words_.digits_ahead();
    if (digits != 10 && digits != 13) return std::nullopt;
    std::int64_t const value = *words_.number(13);
    WallTime const at = digits == 13 ? WallTime{milliseconds{value}} : WallTime{seconds{value}};
    return ResetTime{at, ResetConfidence::exact, false, 0};
  }

  std::optional<ResetTime> read_relative() {
    std::size_t const before = words_.at();
    words_.word_is("in");
    auto const duration = read_duration(words_);
    if (!duration) {
      words_.back_to(before);
      return std::nullopt;
    }
    return ResetTime{now_ + *duration, ResetConfidence::exact, false, 0};
  }

  std::optional<ResetTime> read_absolute() {
    auto const said = read_moment(words_);
    if (!said) return std::nullopt;
    std::size_t const after = words_.at();
    auto zone = said->clock || said->day ? read_zone(words_, now_, zones_) : std::nullopt;
    if (!zone) words_.back_to(after);
    bool const zoned = zone && zone->known;
    if (!zoned) zone = Zone{std::string{local_zone_}, {}, true};
    if (!zone->offset && !zones_(zone->name, now_)) zone->offset = minutes{0};
    auto const at = place(*said, *zone);
    if (!at) return std::nullopt;
    ResetConfidence const confidence = !said->clock ? ResetConfidence::day
                                       : zoned      ? ResetConfidence::exact
                                                    : ResetConfidence::local_zone;
    return ResetTime{*at, confidence, said->day.has_value(), 0};
  }

  [[nodiscard]] LocalSeconds here(Zone const& zone) const {
    if (!zone.offset)
      if (auto const local = local_time(zones_, zone.name, now_)) return *local;
    return LocalSeconds{floor<seconds>(now_).time_since_epoch() + zone.offset.value_or(minutes{0})};
  }

  [[nodiscard]] std::optional<WallTime> when(Zone const& zone, LocalSeconds local) const {
    if (!zone.offset)
      if (auto const at = instant(zones_, zone.name, local)) return at;
    return WallTime{local.time_since_epoch()} - zone.offset.value_or(minutes{0});
  }

  [[nodiscard]] std::optional<WallTime> place(Said const& said, Zone const& zone) const {
    seconds const clock = said.clock ? said.clock->since_midnight() : seconds{0};
    local_days const today = floor<days>(here(zone));
    if (said.day) return place_date(*said.day, clock, zone, today);
    if (said.days_ahead) return when(zone, today + days{*said.days_ahead} + clock);
    if (said.weekday) {
      days const ahead = weekday{*said.weekday} - weekday{today};
      auto const at = when(zone, today + ahead + clock);
      return at && *at < now_ ? when(zone, today + ahead + weeks{1} + clock) : at;
    }
    // A gap or an overlap may move today's clock by an hour, so the day before is asked too.
    for (int ahead = -1; ahead <= 2; ++ahead)
      if (auto const at = when(zone, today + days{ahead} + clock); at && *at >= now_) return at;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<WallTime> place_date(Day const& day, seconds clock, Zone const& zone,
                                                   local_days today) const {
    auto const in_year = [&](int y) -> std::optional<WallTime> {
      year_month_day const date{year{y}, month{day.month}, std::chrono::day{day.day}};
      if (!date.ok()) return std::nullopt;
      return when(zone, local_days{date} + clock);
    };
    if (day.year) return in_year(*day.year);
    int const this_year = static_cast<int>(year_month_day{today}.year());
    std::optional<WallTime> nearest;
    for (int y = this_year - 1; y <= this_year + 1; ++y) {
      auto const at = in_year(y);
      if (at && (!nearest || abs(*at - now_) < abs(*nearest - now_))) nearest = at;
    }
    if (nearest) return nearest;
    for (int y = this_year + 2; y <= this_year + 8; ++y)  // the next 29 February
      if (auto const at = in_year(y)) return at;
    return std::nullopt;
  }

  Words words_;
  WallTime now_;
  ZoneLookup const& zones_;
  std::string_view local_zone_;
};

/// A phrase without its row breaks, and where each byte came from.
std::pair<std::string, std::vector<std::size_t>> without_breaks(std::string_view phrase) {
  std::pair<std::string, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < phrase.size(); ++i) {
    if (phrase[i] == '\n') continue;
    out.first += phrase[i];
    out.second.push_back(i + 1);
  }
  return out;
}

}  // namespace

std::optional<ResetTime> read_reset_time(std::string_view phrase, WallTime now, ZoneLookup const& zones,
                                         std::string_view local_zone) {
  phrase = phrase.substr(0, longest_phrase);
  auto spaced = PhraseReader{phrase, now, zones, local_zone}.read();
  if (phrase.find('\n') == std::string_view::npos) return spaced;
  auto const [text, origin] = without_breaks(phrase);
  auto glued = PhraseReader{text, now, zones, local_zone}.read();
  if (glued) glued->length = glued->length == 0 ? 0 : origin[glued->length - 1];
  if (!spaced || !glued) return spaced ? spaced : glued;
  bool const glued_is_better = glued->confidence > spaced->confidence ||
                               (glued->confidence == spaced->confidence && glued->length > spaced->length);
  return glued_is_better ? glued : spaced;
}

}  // namespace failover::core
