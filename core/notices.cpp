#include "core/notices.hpp"

#include "core/fold.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace failover::core {
namespace {

constexpr Duration first_pause = std::chrono::seconds{5};
constexpr Duration longest_pause = std::chrono::minutes{10};
constexpr std::int64_t most_attempts = 50;

std::vector<Channel> channels(NotificationsConfig const& config) {
  std::vector<Channel> configured;
  if (config.telegram) configured.push_back(Channel::telegram);
  if (config.resend) configured.push_back(Channel::resend);
  if (config.command) configured.push_back(Channel::command);
  return configured;
}

void enqueue(Step& step, Channel channel, std::string const& subject, std::string const& body) {
  auto& state = step.state;
  if (state.outbox.size() >= max_outbox) {
    auto const oldest =
        std::find_if(state.outbox.begin(), state.outbox.end(), [](auto const& e) { return !e.sending; });
    if (oldest == state.outbox.end()) return;
    state.outbox.erase(oldest);
  }
  Message message{
      "cf-" + std::to_string(step.now.wall.time_since_epoch().count()) + "-" + std::to_string(state.next_message_id++),
      channel, subject, body};
  state.outbox.push_back({std::move(message), step.now, 0, step.now, false});
  step.changed();
}

Duration pause_after(std::int64_t attempts) {
  Duration pause = first_pause;
  for (std::int64_t i = 1; i < attempts && pause < longest_pause; ++i) pause *= 2;
  return std::min(pause, longest_pause);
}

void count(Step& step, Channel channel, std::string_view result) {
  ++step.state.counters.notifications[std::string(to_string(channel)) + "\n" + std::string(result)];
}

}  // namespace

void tell(Step& step, std::string subject, std::string body) {
  for (Channel const channel : channels(step.config.notifications)) enqueue(step, channel, subject, body);
}

void tell_unrecognised(Step& step, SessionName const& name, std::string_view text) {
  std::string const shown = clipped(without_controls(text), 120);
  std::string wording = shown;  // the same words with another time are the same wording
  std::replace_if(
      wording.begin(), wording.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
  auto& told = step.state.unrecognised;
  if (std::find(told.begin(), told.end(), wording) != told.end()) return;
  told.push_back(wording);
  if (told.size() > max_unrecognised) told.pop_front();
  step.changed();
  step.log(LogLevel::warning, "unrecognised wording", {{"session", name.str()}, {"text", shown}});
  tell(step, "Session " + name.str() + " speaks of a limit in unknown words",
       shown + "\nNothing was done. If it is a limit, add a rule for it to agents/ beside the configuration file.");
}

void send_due(Step& step) {
  std::set<Channel> taken;
  for (auto& entry : step.state.outbox) {
    if (!taken.insert(entry.message.channel).second) continue;  // order: an earlier one of this channel waits
    if (entry.sending || entry.next_try.mono > step.now.mono) continue;
    entry.sending = true;
    step.ask(effect::SendMessage{entry.message});
  }
}

std::optional<MonoTime> outbox_deadline(State const& state) {
  std::set<Channel> taken;
  std::optional<MonoTime> next;
  for (auto const& entry : state.outbox)
    if (taken.insert(entry.message.channel).second && !entry.sending)
      next = next ? std::min(*next, entry.next_try.mono) : entry.next_try.mono;
  return next;
}

void on_message_sent(Step& step, event::MessageSent const& sent) {
  auto& outbox = step.state.outbox;
  auto const entry = std::find_if(outbox.begin(), outbox.end(), [&](auto const& e) { return e.message.id == sent.id; });
  if (entry == outbox.end()) return;
  Channel const channel = entry->message.channel;
  entry->sending = false;
  ++entry->attempts;
  step.changed();
  if (!sent.failure) {
    count(step, channel, "sent");
    outbox.erase(entry);
    return;
  }
  count(step, channel, "failed");
  step.log(LogLevel::warning, "message not sent",
           {{"channel", std::string(to_string(channel))},
            {"kind", std::string(to_string(sent.failure->error.kind))},
            {"detail", sent.failure->error.detail}});
  if (!sent.failure->permanent && entry->attempts < most_attempts) {
    Duration const pause = sent.failure->retry_after.value_or(pause_after(entry->attempts));
    entry->next_try = {step.now.wall + pause, step.now.mono + pause};
    return;
  }
  std::string const lost = entry->message.subject;
  outbox.erase(entry);
  for (Channel const other : channels(step.config.notifications))
    if (other != channel && !lost.starts_with("Channel "))
      enqueue(step, other, "Channel " + std::string(to_string(channel)) + " is dead",
              "It refused a message for good: " + sent.failure->error.detail + "\nThe message was: " + lost);
}

}  // namespace failover::core
