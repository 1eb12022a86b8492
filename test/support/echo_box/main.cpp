// An agent's input box without an agent: a raw terminal, a box between two rules, bracketed paste, and the faults that
// real agents have. Everything that is submitted or chosen is appended to the log file.
//
// echo-box LOG [drop-enters N] [show-after-ms N] [swallow] [collapse] [suggest TEXT] [draft TEXT] [menu]
//              [menu-after-paste] [limit-menu] [ask-after-submit] [no-box]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

class EchoBox {
 public:
  EchoBox(std::string log, std::map<std::string, std::string> options)
      : log_(std::move(log)), options_(std::move(options)), draft_(option("draft")), menu_(has("menu")) {
    drops_left_ = std::atoi(option("drop-enters").c_str());
  }

  void take(std::string_view bytes) {
    input_ += bytes;
    while (take_one()) continue;
    draw();
  }
  void draw() const;

 private:
  bool has(std::string const& name) const { return options_.contains(name); }
  std::string option(std::string const& name) const { return has(name) ? options_.at(name) : std::string{}; }
  void log(std::string const& line) { std::ofstream(log_, std::ios::app) << line << std::endl; }
  bool take_one();
  void paste(std::string text);
  void enter();
  bool pasted_text_is_hidden() const {
    return Clock::now() - pasted_at_ < std::chrono::milliseconds{std::atoi(option("show-after-ms").c_str())};
  }

  std::string log_;
  std::map<std::string, std::string> options_;
  std::string input_ = {};
  std::string draft_;
  std::vector<std::string> prompts_ = {};
  Clock::time_point pasted_at_ = {};
  bool menu_ = false;
  int drops_left_ = 0;
};

/// Takes one key or one whole paste from the input; false when there is none.
bool EchoBox::take_one() {
  constexpr std::string_view begin = "\x1b[200~";
  constexpr std::string_view end = "\x1b[201~";
  if (input_.empty()) return false;
  if (input_.starts_with(begin)) {
    auto const last = input_.find(end);
    if (last == std::string::npos) return false;
    paste(input_.substr(begin.size(), last - begin.size()));
    input_.erase(0, last + end.size());
    return true;
  }
  if (begin.starts_with(input_) && input_.size() > 1) return false;
  auto const key = input_[0];
  input_.erase(0, 1);
  if (key == '\r') {
    enter();
  } else if (key == '\x1b') {
    menu_ = false;
    log("escape");
  } else if (menu_) {
    log(std::string("key in the menu: ") + key);
  } else {
    draft_ += key;
  }
  return true;
}

void EchoBox::paste(std::string text) {
  for (auto& c : text) {
    if (c == '\r') c = '\n';
  }
  if (menu_) return log("paste into the menu");
  pasted_at_ = Clock::now();
  if (!has("swallow")) draft_ += text;
  if (has("menu-after-paste")) menu_ = true;
}

void EchoBox::enter() {
  if (menu_) {
    log("chosen: 1. Yes");
    menu_ = false;
    return;
  }
  if (drops_left_ > 0) {
    --drops_left_;
    return log("enter dropped");
  }
  if (draft_.empty()) return log("enter on an empty box");
  log("submitted: " + draft_);
  prompts_.push_back(draft_.substr(0, draft_.find('\n')));
  draft_.clear();
  menu_ = has("ask-after-submit");
}

void EchoBox::draw() const {
  std::string const rule = "\x1b[38;5;244m────────────────────────────────────────\x1b[39m\r\n";
  std::string screen = "\x1b[H\x1b[2Jecho box\r\n";
  for (auto const& prompt : prompts_) screen += "> " + prompt + "\r\n● done\r\n";
  if (menu_) {
    screen += has("limit-menu") ? "What do you want to do?\r\n" : "Do you want to proceed?\r\n";
    screen += "❯ 1. Yes\r\n  2. No\r\n";
  } else if (!has("no-box")) {
    auto text = pasted_text_is_hidden() ? std::string{} : draft_;
    if (has("collapse") && text.find('\n') != std::string::npos) text = "[Pasted text #1 +9 lines]";
    screen += rule + "❯\u00a0";
    for (auto const c : text) screen += c == '\n' ? std::string("\r\n  ") : std::string(1, c);
    auto const suggestion = option("suggest");
    if (text.empty() && !suggestion.empty()) {
      screen += "\x1b[7m" + suggestion.substr(0, 1) + "\x1b[0m\x1b[2m" + suggestion.substr(1) + "\x1b[0m";
    } else {
      screen += "\x1b[7m \x1b[0m";
    }
    screen += "\r\n" + rule + "\x1b[38;5;246m  ? for shortcuts\x1b[39m";
  }
  std::fputs(screen.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  std::map<std::string, std::string> options;
  for (int i = 2; i < argc; ++i) {
    std::string const name = argv[i];
    bool const valued = name == "drop-enters" || name == "show-after-ms" || name == "suggest" || name == "draft";
    options[name] = valued && i + 1 < argc ? argv[++i] : "";
  }
  termios raw = {};
  ::tcgetattr(STDIN_FILENO, &raw);
  ::cfmakeraw(&raw);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  std::fputs("\x1b[?2004h", stdout);

  EchoBox box(argv[1], std::move(options));
  box.draw();
  char buffer[4096];
  for (;;) {
    pollfd stdin_ready = {STDIN_FILENO, POLLIN, 0};
    if (::poll(&stdin_ready, 1, 50) > 0) {
      auto const count = ::read(STDIN_FILENO, buffer, sizeof buffer);
      if (count <= 0) return 0;
      box.take({buffer, static_cast<std::size_t>(count)});
    } else {
      box.draw();  // what was hidden for a time may now be shown
    }
  }
}
