#include "input_box.hpp"

#include "text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace failover::fake_agent {
namespace {
constexpr std::ptrdiff_t collapsing_lines = 20;
constexpr std::size_t collapsing_characters = 900;

std::size_t characters(std::string const& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}
}  // namespace

void InputBox::paste(std::string const& text) {
  auto const newlines = std::count(text.begin(), text.end(), '\n');
  if (newlines + 1 < collapsing_lines && characters(text) < collapsing_characters) return type(text);
  ++pasted_;
  auto placeholder = newlines == 0 ? fmt::format("[Pasted text #{}]", pasted_)
                                   : fmt::format("[Pasted text #{} +{} lines]", pasted_, newlines);
  shown_ += placeholder;
  pastes_.emplace_back(std::move(placeholder), text);
}

void InputBox::backspace() {
  for (auto const& [placeholder, text] : pastes_) {
    if (!shown_.ends_with(placeholder)) continue;
    shown_.resize(shown_.size() - placeholder.size());
    return;
  }
  while (!shown_.empty() && (static_cast<unsigned char>(shown_.back()) & 0xc0U) == 0x80U) shown_.pop_back();
  if (!shown_.empty()) shown_.pop_back();
}

void InputBox::clear() {
  shown_.clear();
  pastes_.clear();
}

void InputBox::put(std::string text) {
  clear();
  shown_ = std::move(text);
}

bool InputBox::holds_collapsed_paste() const {
  return std::any_of(pastes_.begin(), pastes_.end(),
                     [this](auto const& paste) { return shown_.find(paste.first) != std::string::npos; });
}

std::string InputBox::take() {
  auto text = std::exchange(shown_, {});
  for (auto const& [placeholder, pasted] : std::exchange(pastes_, {})) {
    if (auto const at = text.find(placeholder); at != std::string::npos) text.replace(at, placeholder.size(), pasted);
  }
  return text;
}

}  // namespace failover::fake_agent
