#pragma once

#include "core/event.hpp"
#include "core/step.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What deserves a message to the person, and the outbox that carries it over every configured channel.
namespace failover::core {

/// Puts one message into the outbox of each configured channel. A full outbox drops its oldest.
void tell(Step& step, std::string subject, std::string body);

/// Tells, once for each wording, that an agent speaks of a limit in words that no rule knows. Nothing else follows.
void tell_unrecognised(Step& step, SessionName const& name, std::string_view text);

/// Sends what is due: one message at a time and in order on each channel.
void send_due(Step& step);

/// When the next message is due, of the channels that are not sending.
[[nodiscard]] std::optional<MonoTime> outbox_deadline(State const& state);

/// Takes a channel's answer: done, or tried again after `retry_after` or a doubling pause, or given up.
void on_message_sent(Step& step, event::MessageSent const& sent);

}  // namespace failover::core
