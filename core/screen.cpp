#include "core/screen.hpp"

#include "core/fold.hpp"
#include "core/screen_blocks.hpp"
#include "core/screen_dialog.hpp"
#include "core/screen_input_box.hpp"
#include "core/screen_notices.hpp"
#include "core/screen_rows.hpp"

#include <algorithm>
#include <optional>

namespace failover::core {

void JoinedRows::append(std::string_view row, int number) {
  if (!numbers.empty()) text += '\n';
  starts.push_back(text.size());
  numbers.push_back(number);
  flows.push_back(true);
  text += row;
}

namespace {

constexpr std::size_t most_earlier = 40;

/// The prompt as it can be compared with what was typed, wherever its rows were broken.
std::string comparable(std::string_view prompt) {
  std::string text = squeezed(prompt).text;
  std::erase(text, '\n');
  if (text.size() <= max_prompt_bytes) return text;
  std::size_t end = max_prompt_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

class ScreenReader {
 public:
  ScreenReader(Layout const& layout, std::string_view screen)
      : layout_(layout), rows_(split_rows(layout, screen)), box_(find_input_box(layout, rows_)) {}

  ScreenParts read() {
    if (box_ && layout_.input_panel) take_panel();
    bool const has_box = box_.has_value();
    std::size_t const end = has_box ? box_->top : rows_.size();
    bool const above = has_box && has_notice_above(rows_, *box_);
    if (above) parts_.above.append(rows_[end - 1].text, rows_[end - 1].number);
    blocks_ = read_blocks(layout_, rows_, above ? end - 1 : end, has_box);
    parts_.dialog = open_dialog(rows_, blocks_, end, has_box);  // its last row may be that one
    if (!has_box && parts_.dialog.empty()) parts_.hints = last_hints(rows_, blocks_);
    if (has_box) describe_box();
    find_version();
    pick_turn();
    return std::move(parts_);
  }

 private:
  /// What is typed there is no part of the screen's text.
  void take_panel() {
    describe_text();
    parts_.has_input_panel = true;
    for (std::size_t i = box_->prompt; i < box_->text_end; ++i) {
      rows_[i].kind = ScreenRowKind::blank;
      rows_[i].text.clear();
    }
    box_.reset();
  }

  void describe_box() {
    parts_.has_input_box = true;
    describe_text();
    parts_.notices = notices_below(layout_, rows_, *box_);
  }

  void describe_text() {
    parts_.input_row = rows_[box_->prompt].number;
    for (std::size_t i = box_->prompt; i < box_->text_end; ++i) {
      if (rows_[i].kind == ScreenRowKind::rule) break;
      if (i > box_->prompt) parts_.input_text += '\n';
      if (rows_[i].text != panel_bar) parts_.input_text += rows_[i].text;
    }
    while (!parts_.input_text.empty() && parts_.input_text.back() == '\n') parts_.input_text.pop_back();
    if (std::count(layout_.placeholders.begin(), layout_.placeholders.end(), parts_.input_text) > 0)
      parts_.input_text.clear();
  }

  void pick_turn() {
    auto& blocks = blocks_.all;
    std::size_t begin = 0;
    std::size_t before = 0;
    Block const* newest = nullptr;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i].kind != BlockKind::prompt || blocks[i].rows.text.empty() || is_own_prompt(layout_, blocks[i]))
        continue;
      ++parts_.prompts_seen;
      before = begin;
      begin = i + 1;
      newest = &blocks[i];
    }
    if (newest) parts_.newest_prompt = comparable(newest->rows.text);
    if (!box_ && parts_.dialog.empty() && begin > 0 && begin == blocks.size()) {
      parts_.unanswered = true;
      begin = before;
    }
    for (std::size_t i = begin > most_earlier ? begin - most_earlier : 0; i < begin; ++i)
      if (blocks[i].kind != BlockKind::prompt) parts_.earlier.push_back(std::move(blocks[i]));
    for (std::size_t i = begin; i < blocks.size(); ++i) {
      bool const in_dialog = !parts_.dialog.empty() && blocks[i].rows.numbers.front() >= parts_.dialog.front().number;
      if (blocks[i].kind != BlockKind::prompt && !in_dialog) parts_.turn.push_back(std::move(blocks[i]));
    }
  }

  void find_version() {
    if (layout_.version_after.empty()) return;
    for (std::size_t i = 0; i < rows_.size() && parts_.agent_version.empty(); ++i) {
      if (rows_[i].kind != ScreenRowKind::plain || rows_[i].text.size() > 400 || blocks_.absorbed(i)) continue;
      std::string const text = squeezed(rows_[i].text).text;
      std::size_t at = text.find(layout_.version_after);
      if (at == std::string::npos) continue;
      for (at += layout_.version_after.size(); at < text.size(); ++at) {
        if ((text[at] < '0' || text[at] > '9') && text[at] != '.') break;
        parts_.agent_version += text[at];
      }
    }
  }

  Layout const& layout_;
  std::vector<ScreenRow> rows_;
  std::optional<InputBox> box_;
  ScreenBlocks blocks_;
  ScreenParts parts_;
};

}  // namespace

ScreenParts parse_screen(Layout const& layout, std::string_view screen) {
  return ScreenReader{layout, screen}.read();
}

}  // namespace failover::core
