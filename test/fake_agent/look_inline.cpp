// 2.1.100, 2.0.77 and 1.0.128, after notes on their screens: what a reader goes by is theirs, distances are not
// measured.
#include "look.hpp"
#include "rows.hpp"
#include "text.hpp"
#include "version.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace failover::fake_agent {
namespace {

constexpr std::string_view nbsp = "\u00a0";

bool is_first(View const& view) {
  return view.version.starts_with("1.");
}

std::string_view prompt_glyph(View const& view) {
  return is_first(view) ? ">" : "❯";
}

Rows header(View const& view) {
  if (!is_first(view)) {
    return {{},
            {{" ▐▛███▜▌   Claude Code v" + view.version}},
            {{"▝▜█████▛▘  Opus 4.5 · Claude Max"}},
            {{"  ▘▘ ▝▝    " + view.directory}},
            {}};
  }
  auto const inner = std::max<std::size_t>(columns(view.directory) + 7, 28);
  auto const row = [&](std::string const& text) {
    return Row{{"│ " + text + std::string(inner - columns(text), ' ') + " │"}};
  };
  return {{{"╭" + repeated("─", inner + 2) + "╮"}}, row("✻ Welcome to Claude Code!"),         row(""),
          row("  cwd: " + view.directory),          {{"╰" + repeated("─", inner + 2) + "╯"}}, {}};
}

Rows gutter(std::string_view text, std::size_t width, Style style) {
  return hanging(fmt::format("  ⎿ {}", nbsp), text, width, style);
}

Rows block_rows(View const& view, Block const& block, std::size_t width) {
  auto const asked = fmt::format("{} ", prompt_glyph(view));
  switch (block.kind) {
    case BlockKind::prompt:
    case BlockKind::queued:
      return hanging(asked, block.text, less(width, 2));
    case BlockKind::answer:
    case BlockKind::notice:
    case BlockKind::finished:
      return hanging("● ", block.text, less(width, 2));
    case BlockKind::wall:
    case BlockKind::api_error: {
      auto rows = gutter(block.text, width, Style::error);
      if (!block.below.empty()) rows.push_back({{"     " + block.below, Style::dim}});
      return rows;
    }
    case BlockKind::interrupted:
      return gutter(block.text, width, Style::plain);
    case BlockKind::tool:
      return {{{"● Bash(" + block.text + ")"}}, {{"  ⎿  Waiting…", Style::dim}}};
    case BlockKind::refused: {
      Rows rows{{{"● Bash(" + block.text + ")"}}};
      append(rows, gutter("No (tell Claude what to do differently)", width, Style::plain));
      return rows;
    }
  }
  return {};
}

bool hangs_on_its_prompt(BlockKind kind) {
  return kind == BlockKind::wall || kind == BlockKind::api_error || kind == BlockKind::interrupted;
}

Rows conversation(View const& view, std::size_t width) {
  auto rows = header(view);
  for (auto const& block : view.blocks) {
    if (hangs_on_its_prompt(block.kind) && rows.back().empty()) rows.pop_back();
    append(rows, block_rows(view, block, width));
    rows.emplace_back();
  }
  return rows;
}

std::string footer(View const& view) {
  if (view.collapsed_paste) return "paste again to expand";
  if (view.working && find_version(view.version)->working_in_footer) return "esc to interrupt";
  return view.status_line.empty() ? "? for shortcuts" : view.status_line;
}

Frame bottom(View const& view, Size size) {
  Frame frame;
  if (!view.spinner.empty()) {
    frame.rows.push_back({{cut(view.spinner, less(size.columns, 2))}});
    frame.rows.emplace_back();
  }
  Row const rule{{repeated("─", size.columns), Style::dim}};
  auto const lead = fmt::format("{}{}", prompt_glyph(view), nbsp);
  frame.rows.push_back(rule);
  append(frame.rows, view.box.empty() ? Rows{{{lead}, {view.suggestion, Style::dim}}}
                                      : hanging(lead, view.box, less(size.columns, 2)));
  frame.cursor_row = frame.rows.size() - 1;
  frame.cursor_column = 2;
  if (!view.box.empty()) {
    frame.cursor_column = 0;
    for (auto const& span : frame.rows.back()) frame.cursor_column += columns(span.text);
  }
  frame.rows.push_back(rule);
  frame.rows.push_back({{"  " + cut(footer(view), less(size.columns, 4)), Style::dim}});
  return frame;
}

Rows menu_rows(View const& view, std::size_t width) {
  auto const& menu = *view.menu;
  Rows rows{{{repeated("─", width), Style::dim}}};
  auto const say = [&](std::string_view text) { append(rows, hanging(" ", text, less(width, 1))); };
  if (menu.kind == MenuKind::trust) {
    say(view.version.starts_with("2.1") ? "Quick safety check: Is this a project you created or one you trust?"
                                        : "Do you trust the files in this folder?");
    rows.emplace_back();
    say(view.directory);
  } else if (menu.kind == MenuKind::permission) {
    say("Bash command");
    rows.emplace_back();
    append(rows, hanging("   ", menu.subject, less(width, 1)));
    rows.emplace_back();
    say("Do you want to proceed?");
  } else {
    say("What do you want to do?");
    rows.emplace_back();
  }
  append(rows, option_rows(menu, " ", true, width));
  rows.emplace_back();
  say(menu.kind == MenuKind::permission ? "Esc to cancel" : "Enter to confirm · Esc to cancel");
  return rows;
}

}  // namespace

Frame draw_inline(View const& view, Size size) {
  if (!view.menu) return stacked(conversation(view, size.columns), bottom(view, size), size, false);
  auto above = view.menu->kind == MenuKind::trust ? Rows{} : conversation(view, size.columns);
  return stacked(std::move(above), lower_part(menu_rows(view, size.columns)), size, false);
}

}  // namespace failover::fake_agent
