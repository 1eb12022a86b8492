#include "adapters/journal_line.hpp"

#include "adapters/config_json.hpp"
#include "adapters/event_json.hpp"
#include "adapters/journaled.hpp"
#include "adapters/listing_changes.hpp"
#include "adapters/live_fields.hpp"

#include <optional>
#include <set>
#include <variant>

namespace failover::adapters {

template <>
struct Fields<Heard::Message> {
  static void visit(auto& archive, auto& message) {
    auto& [text, at, said] = message;
    archive("text", text);
    archive("at", at);
    archive("said", said);
  }
};

template <>
struct Fields<core::AgentProfile> {
  static void visit(auto& archive, auto& profile) {
    auto& [command, start, resume, resume_prompt, account_variable, login_file, live_login_since, limit_menu] = profile;
    archive("command", command);
    archive("start", start);
    archive("resume", resume);
    archive("resume_prompt", resume_prompt);
    archive("account_variable", account_variable);
    archive("login_file", login_file);
    archive("live_login_since", live_login_since);
    archive("limit_menu", limit_menu);
  }
};

template <>
struct Fields<ListingPiece> {
  static void visit(auto& archive, auto& piece) {
    auto& [from, count, fresh] = piece;
    archive("from", from);
    archive("count", count);
    archive("fresh", fresh);
  }
};

template <>
struct Fields<ListingChanges> {
  static void visit(auto& archive, auto& changes) {
    auto& [tasks, signals, settling] = changes;
    archive("tasks", tasks);
    archive("signals", signals);
    archive("settling", settling);
  }
};

template <>
struct LastWord<core::DialogAnswer> {
  static constexpr auto value = core::DialogAnswer::escape;
};

namespace {

using Writer = RecordWriter<Extent::whole>;
using Reader = RecordReader<Extent::whole>;

constexpr std::string_view nothing_told = "{}";

core::Error invalid(std::string detail) {
  return {core::ErrorKind::invalid, std::move(detail)};
}

core::Result<JournalLine> read_segment(JsonNode const& node) {
  Reader reader{node, {}};
  JournalSegment segment;
  JsonNode config;
  core::AgentProfile profile;
  reader("program", segment.program);
  reader("because", segment.because);
  reader("lost", segment.lost);
  reader("dry_run", segment.dry_run);
  reader("now", segment.now);
  reader("config", config);
  reader.added("profile", profile);
  reader("state", segment.state);
  if (auto const problem = reader.problem(); !problem.empty()) return invalid("segment" + problem);
  auto read = config_from_json(config);
  if (!read) return read.error();
  segment.config = std::move(*read);
  segment.config.profile = std::move(profile);
  return JournalLine{std::move(segment)};
}

}  // namespace

std::string JournalEncoder::segment(JournalSegment const& segment) {
  last_events_.clear();
  last_readings_.clear();
  last_listing_ = segment.state.live.queue;
  Writer inner;
  inner("program", segment.program);
  inner("because", segment.because);
  inner("lost", segment.lost);
  inner("dry_run", segment.dry_run);
  inner("now", segment.now);
  inner("config", RawJson{config_to_json(segment.config)});
  inner("profile", segment.config.profile);
  inner("state", journaled(segment.state));
  Writer line;
  line("v", journal_version);
  line("segment", RawJson{inner.take()});
  return line.take() + "\n";
}

std::string JournalEncoder::step(std::uint64_t number, core::Event const& event, core::Now now, Heard const& heard,
                                 std::vector<std::string> const& effects) {
  Writer line;
  line("v", journal_version);
  line("n", number);
  line("now", now);
  auto const name = event_name(event);
  line("event", std::string(name));
  if (auto const* const listed = std::get_if<core::event::PanesListed>(&event)) forget_gone(*listed);
  auto const* const scanned = std::get_if<core::event::QueueScanned>(&event);
  if (scanned != nullptr && scanned->listing) {
    line("changes", listing_changes(last_listing_, *scanned->listing));
    last_listing_ = *scanned->listing;
  } else {
    auto told = event_to_json(journaled(event));
    auto& last = last_events_[name];
    if (told != nothing_told) told == last ? line("same", true) : line("told", RawJson{told});
    last = std::move(told);
  }

  std::vector<std::pair<core::PaneRef, core::Reading>> readings;
  auto const* const captured = std::get_if<core::event::ScreensCaptured>(&event);
  if (captured != nullptr && captured->screens)
    for (auto const& screen : *captured->screens) {
      auto const* const found = heard.of_screen(screen.text);
      if (found == nullptr) continue;
      auto reading = screen.first_row == 1 ? journaled(*found) : journaled_tail(*found);
      auto const [known, fresh] = last_readings_.try_emplace(screen.pane, reading);
      if (!fresh && known->second == reading) continue;
      known->second = reading;
      readings.emplace_back(screen.pane, std::move(reading));
    }
  if (!readings.empty()) line("readings", readings);
  std::vector<Heard::Message> messages;
  for (auto const& message : heard.messages)
    messages.push_back({journaled_text(message.text), message.at, message.said});
  if (!messages.empty()) line("messages", messages);
  if (!effects.empty()) line("effects", effects);
  return line.take() + "\n";
}

/// Panes come and go for months. Now and then is enough.
void JournalEncoder::forget_gone(core::event::PanesListed const& listed) {
  if (!listed.panes || last_readings_.size() <= 2 * listed.panes->size()) return;
  std::set<core::PaneRef> there;
  for (auto const& pane : *listed.panes) there.insert(pane.pane);
  std::erase_if(last_readings_, [&](auto const& known) { return !there.contains(known.first); });
}

core::Result<JournalLine> JournalDecoder::take(std::string_view text) {
  auto const document = JsonDocument::parse(text);
  if (!document) return document.error();
  auto const root = document->root();
  auto const version = root.member("v");
  auto const number = version ? version->integer() : std::nullopt;
  if (!number) return invalid("no line of a journal");
  if (*number > journal_version)
    return core::Error{core::ErrorKind::unsupported, "written by a newer version of claude-failover"};
  if (auto const segment = root.member("segment")) {
    last_events_.clear();
    auto begun = read_segment(*segment);
    if (begun) last_listing_ = std::get<JournalSegment>(*begun).state.live.queue;
    return begun;
  }

  Reader reader{root, {}};
  std::int64_t checked_version = 0;
  JournalStep step;
  std::string name;
  std::optional<JsonNode> told;
  std::optional<ListingChanges> changes;
  bool same = false;
  reader("v", checked_version);
  reader("n", step.number);
  reader("now", step.now);
  reader("event", name);
  reader.added("told", told);
  reader.added("changes", changes);
  reader.added("same", same);
  reader.added("readings", step.readings);
  reader.added("messages", step.messages);
  reader.added("effects", step.effects);
  if (auto const problem = reader.problem(); !problem.empty()) return invalid("line" + problem);
  if (changes) {
    auto listing = changed_listing(last_listing_, *changes);
    if (!listing) return listing.error();
    last_listing_ = *listing;
    step.event = core::event::QueueScanned{std::move(listing)};
    return JournalLine{std::move(step)};
  }
  auto const last = last_events_.find(name);
  if (same && last == last_events_.end()) return invalid(name + ": the same as one that is not there");
  if (!same) {
    auto event = told ? event_from_json(name, *told) : bare_event(name);
    if (!event) return event.error();
    last_events_.insert_or_assign(name, *event);
    step.event = std::move(*event);
  } else {
    step.event = last->second;
  }
  return JournalLine{std::move(step)};
}

}  // namespace failover::adapters
