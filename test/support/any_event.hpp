#pragma once

#include "core/classification.hpp"
#include "core/event.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace failover::test {

/// Events with every field filled, from a seed: equal seeds give equal events.
class AnyEvent {
 public:
  explicit AnyEvent(std::uint64_t seed) : engine_(seed) {}

  /// An event of every type.
  [[nodiscard]] std::vector<core::Event> one_of_each();

  [[nodiscard]] core::TranscriptRow row();
  [[nodiscard]] core::Reading reading();

 private:
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::int64_t number() { return static_cast<std::int64_t>(engine_()); }
  bool flag() { return below(2) == 1; }
  core::Duration duration() { return core::Duration{static_cast<std::int64_t>(below(2'000'000'000'000))}; }
  core::WallTime wall() { return core::WallTime{duration()}; }
  std::string text() {
    static char const* const pieces[] = {"pool-1", "é", "€", "\"", "\\", "\n", "\x01", "\t", "\xFF", "\xC3(", "%7", ""};
    std::string text;
    for (auto count = below(6); count > 0; --count) text += pieces[below(std::size(pieces))];
    return text;
  }
  template <class Name>
  Name name() {
    return Name{text()};
  }
  template <class Enum>
  Enum word(Enum last) {
    return static_cast<Enum>(below(static_cast<std::uint64_t>(last) + 1));
  }
  core::Error error() { return {word(core::ErrorKind::unsupported), text()}; }
  template <class T>
  core::Result<T> perhaps(T value) {
    if (flag()) return error();
    return value;
  }
  core::Result<void> outcome() {
    if (flag()) return error();
    return {};
  }
  core::PaneRef pane() { return {number(), number(), name<core::PaneId>()}; }
  core::Caller caller() { return {number(), name<core::PaneId>(), text()}; }
  core::AccountsListing accounts();
  core::PaneInfo pane_info();
  core::QueueListing queue();
  core::HookCall hook();
  core::UsageReport usage();

  std::mt19937_64 engine_;
};

inline core::TranscriptRow AnyEvent::row() {
  core::TranscriptRow row{word(core::RowKind::notice),
                          name<core::ConversationId>(),
                          text(),
                          text(),
                          text(),
                          wall(),
                          flag(),
                          text(),
                          text(),
                          number(),
                          flag(),
                          flag(),
                          text(),
                          {},
                          {engine_(), engine_()},
                          flag(),
                          text(),
                          {number(), number(), number(), number()},
                          text()};
  if (flag()) row.resets_at = wall();
  return row;
}

inline core::Reading AnyEvent::reading() {
  core::Reading reading;
  reading.seen = {
      word(core::ScreenState::unknown),      word(core::Scope::spend), word(core::Window::unknown), {}, text(),
      {static_cast<int>(below(100)), text()}};
  if (flag()) reading.seen.resets_at = wall();
  reading.limit_menu = flag();
  reading.auto_continue_armed = flag();
  reading.has_input_box = flag();
  reading.input_text = text();
  reading.agent_version = text();
  reading.turn_hash = engine_();
  reading.prompts_seen = below(9);
  reading.newest_prompt = text();
  reading.unrecognised = text();
  reading.resume_refused = flag();
  reading.works_from = number();
  return reading;
}

inline core::AccountsListing AnyEvent::accounts() {
  core::AccountsListing listing{perhaps(text()), {}, {}, {}};
  listing.link = {core::LinkPlace{static_cast<int>(below(6))}, flag(), flag(), text()};
  if (flag()) listing.link_since = wall();
  for (auto count = below(3); count > 0; --count)
    listing.directories.push_back({name<core::AccountName>(), flag(), flag(), text(), text(), flag(), flag(),
                                   core::Credentials{static_cast<int>(below(5))}, wall()});
  return listing;
}

inline core::PaneInfo AnyEvent::pane_info() {
  return {pane(),
          name<core::SessionName>(),
          number(),
          text(),
          text(),
          number(),
          number(),
          flag(),
          flag(),
          flag(),
          flag(),
          text(),
          word(core::Foreground::program),
          text(),
          number()};
}

inline core::QueueListing AnyEvent::queue() {
  core::QueueListing listing;
  for (auto count = below(3); count > 0; --count) {
    core::TaskFile file;
    file.id = name<core::TaskId>();
    file.place = word(core::TaskPlace::held);
    file.file_name = text();
    file.title = text();
    if (flag()) file.claim = name<core::ClaimId>();
    file.changed_at = wall();
    if (flag())
      file.request = {name<core::SessionName>(),
                      word(core::SessionKind::adopted),
                      text(),
                      text(),
                      name<core::AccountName>(),
                      number(),
                      duration(),
                      number(),
                      wall(),
                      {name<core::TaskId>()}};
    if (flag()) file.unfit = error();
    listing.tasks.push_back(std::move(file));
    listing.signals.push_back({name<core::TaskId>(), name<core::ClaimId>(), flag(), text()});
  }
  listing.settling = below(5);
  return listing;
}

inline core::HookCall AnyEvent::hook() {
  return {
      text(), name<core::ConversationId>(), text(), text(), caller(), wall(), text(), text(), text(), text(), number(),
      flag()};
}

inline core::UsageReport AnyEvent::usage() {
  core::UsageReport report{name<core::ConversationId>(), caller(), wall(), text(), {}, {}};
  if (flag()) report.five_hour = core::WindowUse{static_cast<double>(below(1'000'000)) / 7, wall()};
  if (flag()) report.weekly = core::WindowUse{95, wall()};
  return report;
}

inline std::vector<core::Event> AnyEvent::one_of_each() {
  namespace event = core::event;
  core::SendFailure failure{error(), {}, flag()};
  if (flag()) failure.retry_after = duration();
  auto const session = name<core::SessionName>();
  return {
      event::Tick{},
      event::QueueTouched{},
      event::Reloaded{},
      event::StopRequested{},
      event::SwapAsked{name<core::AccountName>()},
      event::AccountSwitched{name<core::AccountName>(), flag()},
      event::BrakeSet{flag(), text()},
      event::SessionSwitched{name<core::SessionName>(), flag()},
      event::AccountsRead{accounts()},
      event::PanesListed{perhaps(std::vector{pane_info(), pane_info()}), {{number(), number()}, {number(), number()}}},
      event::ScreensCaptured{perhaps(
          std::vector{core::Screen{pane(), text(), {}, flag(), number(), flag()}, core::Screen{pane(), text()}})},
      event::SessionStarted{session, perhaps(pane())},
      event::AgentRestarted{session, outcome()},
      event::SessionEnded{session, outcome()},
      event::EscapePressed{session, outcome()},
      event::PromptDelivered{session, perhaps(word(core::Delivery::unknown))},
      event::LinkFlipped{name<core::AccountName>(), outcome()},
      event::QueueScanned{perhaps(queue())},
      event::TaskClaimed{name<core::TaskId>(), perhaps(text())},
      event::TaskMoved{name<core::TaskId>(), word(core::TaskPlace::held), outcome()},
      event::FinishedRemoved{perhaps(std::size_t{below(1000)})},
      event::MessageSent{text(), flag() ? std::optional(failure) : std::nullopt},
      event::StateSaved{outcome()},
      event::TranscriptGrew{{row(), row()}, flag()},
      event::HookCalled{hook()},
      event::UsageTold{usage()},
      event::TerminalsTouched{{pane(), pane()}, {pane()}},
      event::TaskAsked{name<core::TaskId>(), word(core::TaskOrder::fail), text()}};
}

}  // namespace failover::test
