#include "core/classification.hpp"

#include "core/enum_names.hpp"

namespace failover::core {
namespace {

constexpr EnumNames<ScreenState, 14> state_names{{
    {ScreenState::quota_exhausted, "quota_exhausted"},
    {ScreenState::permission_prompt, "permission_prompt"},
    {ScreenState::dialog, "dialog"},
    {ScreenState::working, "working"},
    {ScreenState::rate_limited_transient, "rate_limited_transient"},
    {ScreenState::server_error, "server_error"},
    {ScreenState::network_error, "network_error"},
    {ScreenState::auth_error, "auth_error"},
    {ScreenState::billing, "billing"},
    {ScreenState::context_limit, "context_limit"},
    {ScreenState::other_limit, "other_limit"},
    {ScreenState::quota_warning, "quota_warning"},
    {ScreenState::idle, "idle"},
    {ScreenState::unknown, "unknown"},
}};

constexpr EnumNames<Scope, 4> scope_names{
    {{Scope::none, ""}, {Scope::account, "account"}, {Scope::model, "model"}, {Scope::spend, "spend"}}};

constexpr EnumNames<Window, 6> window_names{{
    {Window::none, ""},
    {Window::five_hour, "five_hour"},
    {Window::weekly, "weekly"},
    {Window::daily, "daily"},
    {Window::monthly, "monthly"},
    {Window::unknown, "unknown"},
}};

}  // namespace

std::string_view to_string(ScreenState state) {
  return name_of(state_names, state);
}
std::string_view to_string(Scope scope) {
  return name_of(scope_names, scope);
}
std::string_view to_string(Window window) {
  return name_of(window_names, window);
}
std::optional<ScreenState> screen_state_from(std::string_view text) {
  return value_of(state_names, text);
}
std::optional<Scope> scope_from(std::string_view text) {
  return value_of(scope_names, text);
}
std::optional<Window> window_from(std::string_view text) {
  return value_of(window_names, text);
}

}  // namespace failover::core
