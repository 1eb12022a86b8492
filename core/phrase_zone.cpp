#include "core/phrase_zone.hpp"

#include "core/fold.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace failover::core {

using namespace std::chrono;

namespace {

constexpr std::size_t most_zone_rows = 4;

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

/// `+2`, `+02:00`, `-0530` after "UTC" or alone.
std::optional<minutes> read_offset(PhraseWords& words) {
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
std::vector<ZoneName> zone_names(PhraseWords& words) {
  words.skip_blanks();
  std::vector<ZoneName> names(1);
  for (std::size_t at = words.at(); at < words.text().size(); ++at) {
    char const c = words.text()[at];
    if (c == '\n') {
      if (!names.front().name.empty() && names.size() < most_zone_rows) names.insert(names.begin() + 1, names.front());
      continue;
    }
    if (!PhraseWords::is_letter(c) && !PhraseWords::is_digit(c) && c != '/' && c != '_' && c != '-' && c != '+') break;
    names.front().name += c;
    names.front().end = at + 1;
  }
  return names;
}

std::optional<SaidZone> read_zone_words(PhraseWords& words, WallTime now, ZoneLookup const& zones) {
  std::size_t const before = words.at();
  std::string const prefix = words.word();
  if (prefix == "utc" || prefix == "gmt" || prefix == "z") {
    if (auto const offset = read_offset(words)) return SaidZone{{}, offset, true};
    if (words.peek() != '/') return SaidZone{"UTC", minutes{0}, true};
  }
  words.back_to(before);
  if (prefix.empty()) {
    if (auto const offset = read_offset(words)) return SaidZone{{}, offset, true};
    return std::nullopt;
  }
  auto const names = zone_names(words);
  for (auto const& [name, end] : names) {
    words.back_to(end);
    if (!name.empty() && zones(name, now)) return SaidZone{name, {}, true};
    for (auto const& known : abbreviations)
      if (known.name == lowered(name)) return SaidZone{{}, minutes{known.minutes}, true};
  }
  words.back_to(names.front().end);
  return SaidZone{names.front().name, {}, false};
}

}  // namespace

std::optional<SaidZone> read_zone(PhraseWords& words, WallTime now, ZoneLookup const& zones) {
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

}  // namespace failover::core
