#pragma once

#include <string>
#include <utility>
#include <vector>

namespace failover::fake_agent {

/// What is being typed. A paste of 20 lines or 900 characters is shown as a placeholder and sent in full.
class InputBox {
 public:
  void type(std::string const& text) { shown_ += text; }
  void paste(std::string const& text);
  void backspace();
  void clear();
  void put(std::string text);

  [[nodiscard]] bool empty() const { return shown_.empty(); }
  [[nodiscard]] std::string const& shown() const { return shown_; }
  [[nodiscard]] bool holds_collapsed_paste() const;
  /// The text with its pastes unfolded; the box is empty afterwards.
  [[nodiscard]] std::string take();

 private:
  std::string shown_;
  std::vector<std::pair<std::string, std::string>> pastes_;  ///< placeholder, text
  int pasted_ = 0;
};

}  // namespace failover::fake_agent
