#include "core/reset_time.hpp"

#include "core/local_time.hpp"
#include "core/phrase_duration.hpp"
#include "core/phrase_moment.hpp"
#include "core/phrase_words.hpp"
#include "core/phrase_zone.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace failover::core {

using namespace std::chrono;

namespace {

constexpr std::size_t longest_phrase = 256;

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
    if (!zoned) zone = SaidZone{std::string{local_zone_}, {}, true};
    if (!zone->offset && !zones_(zone->name, now_)) zone->offset = minutes{0};
    auto const at = place(*said, *zone);
    if (!at) return std::nullopt;
    ResetConfidence const confidence = !said->clock ? ResetConfidence::day
                                       : zoned      ? ResetConfidence::exact
                                                    : ResetConfidence::local_zone;
    return ResetTime{*at, confidence, said->day.has_value(), 0};
  }

  [[nodiscard]] LocalSeconds here(SaidZone const& zone) const {
    if (!zone.offset)
      if (auto const local = local_time(zones_, zone.name, now_)) return *local;
    return LocalSeconds{floor<seconds>(now_).time_since_epoch() + zone.offset.value_or(minutes{0})};
  }

  [[nodiscard]] std::optional<WallTime> when(SaidZone const& zone, LocalSeconds local) const {
    if (!zone.offset)
      if (auto const at = instant(zones_, zone.name, local)) return at;
    return WallTime{local.time_since_epoch()} - zone.offset.value_or(minutes{0});
  }

  [[nodiscard]] std::optional<WallTime> place(SaidMoment const& said, SaidZone const& zone) const {
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

  [[nodiscard]] std::optional<WallTime> place_date(SaidDay const& day, seconds clock, SaidZone const& zone,
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

  PhraseWords words_;
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
