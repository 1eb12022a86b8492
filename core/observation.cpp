#include "core/observation.hpp"

#include "core/enum_names.hpp"

namespace failover::core {
namespace {

constexpr EnumNames<Source, 4> sources{{
    {Source::pane, "pane"},
    {Source::statusline, "statusline"},
    {Source::hook, "hook"},
    {Source::transcript, "transcript"},
}};

constexpr EnumNames<Ruling, 8> rulings{{
    {Ruling::suspected, "suspected"},
    {Ruling::confirmed, "confirmed"},
    {Ruling::joined, "joined"},
    {Ruling::refuted, "refuted"},
    {Ruling::cleared, "cleared"},
    {Ruling::outdated, "outdated"},
    {Ruling::former_account, "former_account"},
    {Ruling::not_the_account, "not_the_account"},
}};

}  // namespace

std::string_view to_string(Source source) {
  return name_of(sources, source);
}

std::optional<Source> source_from(std::string_view text) {
  return value_of(sources, text);
}

std::string_view to_string(Ruling ruling) {
  return name_of(rulings, ruling);
}

std::optional<Ruling> ruling_from(std::string_view text) {
  return value_of(rulings, text);
}

}  // namespace failover::core
