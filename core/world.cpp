#include "core/world.hpp"

#include "core/enum_names.hpp"

namespace failover::core {

namespace {

constexpr EnumNames<Credentials, 5> credential_words{{
    {Credentials::absent, "absent"},
    {Credentials::file, "file"},
    {Credentials::empty_file, "empty_file"},
    {Credentials::symlink, "symlink"},
    {Credentials::other, "other"},
}};

constexpr EnumNames<LinkPlace, 6> link_places{{
    {LinkPlace::unknown, "unknown"},
    {LinkPlace::absent, "absent"},
    {LinkPlace::symlink, "symlink"},
    {LinkPlace::directory, "directory"},
    {LinkPlace::other, "other"},
    {LinkPlace::loop, "loop"},
}};

constexpr EnumNames<Foreground, 3> foregrounds{{
    {Foreground::unknown, "unknown"},
    {Foreground::shell, "shell"},
    {Foreground::program, "program"},
}};

}  // namespace

std::string_view to_string(Foreground foreground) {
  return name_of(foregrounds, foreground);
}

std::string_view to_string(Credentials credentials) {
  return name_of(credential_words, credentials);
}

std::string_view to_string(LinkPlace place) {
  return name_of(link_places, place);
}

std::string_view to_string(Delivery delivery) {
  switch (delivery) {
    case Delivery::submitted:
      return "submitted";
    case Delivery::not_ready:
      return "not_ready";
    case Delivery::draft_present:
      return "draft_present";
    case Delivery::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(Channel channel) {
  switch (channel) {
    case Channel::telegram:
      return "telegram";
    case Channel::resend:
      return "resend";
    case Channel::command:
      return "command";
  }
  return "unknown";
}

}  // namespace failover::core
