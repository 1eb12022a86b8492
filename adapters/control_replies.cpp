#include "adapters/control_replies.hpp"

#include <algorithm>
#include <utility>

namespace failover::adapters::tmux {
namespace {

constexpr std::size_t max_idle_line = 4096;
constexpr std::size_t short_answer = 16384;

/// The three numbers of a line "WORD TIME NUMBER FLAGS"; "" when it is no such line.
std::string_view numbers_after(std::string_view word, std::string_view text) {
  if (!text.starts_with(word)) return {};
  auto const numbers = text.substr(word.size());
  bool const well_formed = numbers.find_first_not_of("0123456789 ") == std::string_view::npos &&
                           std::count(numbers.begin(), numbers.end(), ' ') == 2 && !numbers.starts_with(' ') &&
                           !numbers.ends_with(' ') && numbers.find("  ") == std::string_view::npos;
  return well_formed ? numbers : std::string_view{};
}

}  // namespace

void ControlReplies::expect(std::string mark, std::size_t max_bytes) {
  mark_ = std::move(mark);
  max_bytes_ = max_bytes;
  answer_.clear();
  settled_ = 0;
  open_.clear();
  after_our_line_ = false;
  expecting_ = true;
}

ControlReplies::Progress ControlReplies::take(std::string_view bytes) {
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    auto const text = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (std::exchange(skipping_line_, false)) continue;
    if (partial_.empty()) {
      line(text);
    } else {
      partial_ += text;
      line(std::exchange(partial_, {}));
    }
    if (expecting_ && answer_.size() > max_bytes_) return Progress::too_large;
  }
  if (!skipping_line_) partial_ += bytes;
  if (expecting_) return answer_.size() + partial_.size() > max_bytes_ ? Progress::too_large : Progress::more;
  if (partial_.size() > max_idle_line) {
    partial_ = {};
    skipping_line_ = true;
  }
  return mark_.empty() ? Progress::more : Progress::done;
}

std::string ControlReplies::take_answer() {
  mark_.clear();
  longest_ = std::max(longest_, answer_.size());
  return std::exchange(answer_, {});
}

void ControlReplies::keep(std::string_view text) {
  // One that outgrows a few screens will be about as long as the longest was.
  if (answer_.size() + text.size() >= answer_.capacity() && answer_.size() > short_answer) answer_.reserve(longest_);
  answer_ += text;
  answer_ += '\n';
}

void ControlReplies::line(std::string_view text) {
  if (!expecting_) return;
  if (text.starts_with(mark_)) {
    keep(text);
    settled_ = answer_.size();
    auto const rest = text.substr(mark_.size());
    after_our_line_ = rest.starts_with(' ');  // a row of a listing may go on with somebody's text
    expecting_ = rest != " end";
    return;
  }
  bool const closes_any = std::exchange(after_our_line_, false);
  auto const end = numbers_after("%end ", text);
  auto const error = numbers_after("%error ", text);
  auto const closing = error.empty() ? end : error;
  if (!closing.empty() && (closes_any || closing == open_)) {
    if (!error.empty()) answer_.resize(settled_);
    open_.clear();
    return;
  }
  if (!open_.empty()) return keep(text);
  if (auto const begin = numbers_after("%begin ", text); !begin.empty()) {
    open_ = begin;
    settled_ = answer_.size();
    return;
  }
  if (!text.starts_with('%')) keep(text);
}

}  // namespace failover::adapters::tmux
