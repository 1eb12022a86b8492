// Every distance and wording here was taken from screens of the real 2.1.330 at 120x40 and 80x24.
#include "look.hpp"
#include "rows.hpp"
#include "text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace failover::fake_agent {
namespace {

constexpr std::string_view nbsp = "\u00a0";
/// At 40 columns the real one leaves out how to cycle, at 80 it shows it; where between is not known.
constexpr std::size_t hint_width = 60;

Row right_aligned(std::string_view text, std::size_t width) {
  auto const shown = cut(text, less(width, 4));
  return {{std::string(width - std::min(width, columns(shown) + 2), ' ') + shown, Style::dim}};
}

Rows header(View const& view, std::size_t width) {
  Rows rows{{},
            {{" ▐▛███▛█   Claude Code v" + view.version}},
            {{"▝▜██████▀  Opus 5.5 · Claude Max"}},
            {{" ▝▝   ▝▝   " + view.directory}},
            {}};
  if (view.mode == PermissionMode::automatic && view.first_start) {
    for (auto const* text :
         {"Auto mode is now Claude Code's default permission mode.",
          "Auto mode lets Claude handle permission prompts automatically. Claude checks each tool call "
          "for risky actions and prompt injection before executing, runs the ones it assesses as "
          "lower-risk, and blocks the rest.",
          "https://code.claude.com/docs/en/permission-modes"}) {
      for (auto& line : wrap(text, less(width, 3))) rows.push_back({{"▎ " + std::move(line)}});
    }
  }
  rows.emplace_back();
  return rows;
}

Rows gutter(std::string_view text, std::size_t width, Style style) {
  return hanging(fmt::format("  ⎿ {}", nbsp), text, width, style);
}

Rows block_rows(Block const& block, std::size_t width) {
  switch (block.kind) {
    case BlockKind::prompt:
      return hanging("❯ ", block.text, less(width, 2));
    case BlockKind::queued: {
      auto rows = hanging("❯ ", block.text, less(width, 2));
      rows.push_back({{"  ⎿  Queued · ctrl+x ctrl+s to send now", Style::dim}});
      return rows;
    }
    case BlockKind::answer:
      return hanging("● ", block.text, less(width, 2));
    case BlockKind::api_error:
      return hanging("● ", block.text, less(width, 8));
    case BlockKind::notice:
      return hanging("● ", block.text, less(width, 2), Style::dim);
    case BlockKind::finished:
      return hanging("✻ ", block.text, less(width, 2), Style::dim);
    case BlockKind::wall: {
      auto rows = gutter(block.text, width, Style::error);
      if (!block.below.empty()) rows.push_back({{"     " + block.below, Style::dim}});
      return rows;
    }
    case BlockKind::interrupted:
      return gutter(block.text, width, Style::plain);
    case BlockKind::tool:
      return {{{"● Rebuilding"}}, {{"  ⎿  $ " + block.text, Style::dim}}};
    case BlockKind::refused: {
      Rows rows{{{"  Did not run 1 call"}}};
      append(rows, gutter("$ " + block.text, width, Style::dim));
      append(rows, gutter("Interrupted · What should Claude do instead?", width, Style::plain));
      return rows;
    }
  }
  return {};
}

/// A wall stands right below its prompt; everything else after a blank row.
Rows conversation(View const& view, std::size_t width) {
  auto rows = header(view, width);
  for (auto const& block : view.blocks) {
    if (block.kind == BlockKind::wall && rows.size() > 1 && rows.back().empty()) rows.pop_back();
    append(rows, block_rows(block, width));
    rows.emplace_back();
  }
  return rows;
}

std::string mode_line(View const& view, std::size_t width) {
  auto line = std::string{};
  switch (view.mode) {
    case PermissionMode::automatic:
      line = "⏵⏵ auto mode on";
      break;
    case PermissionMode::bypass:
      line = "⏵⏵ bypass permissions on";
      break;
    case PermissionMode::manual:
      line = "⏸ manual mode on";
      break;
  }
  auto const manual = view.mode == PermissionMode::manual;
  if (!manual && width >= hint_width) line += " (shift+tab to cycle)";
  if (manual && !view.working && view.status_line.empty()) line += " · ? for shortcuts";
  if (view.working) line += " · esc to interrupt";
  if (view.hints && !manual) line += " · ← for agents";
  return line;
}

Rows footer(View const& view, std::size_t width) {
  if (view.collapsed_paste) return {{{"  paste again to expand", Style::dim}}};
  Rows rows;
  for (auto const& line : view.banner) rows.push_back({{"  " + cut(line, less(width, 4))}});
  if (!view.status_line.empty()) rows.push_back({{"  " + cut(view.status_line, less(width, 4)), Style::dim}});
  rows.push_back({{"  " + cut(mode_line(view, width), less(width, 4)), Style::dim}});
  return rows;
}

/// The box's rows; more than half a screen of text shows its end.
Rows box_rows(View const& view, Size size) {
  if (view.box.empty()) return {{{"❯" + std::string{nbsp}}, {view.suggestion, Style::dim}}};
  auto rows = hanging("❯" + std::string{nbsp}, view.box, less(size.columns, 2));
  auto const most = std::max<std::size_t>(size.rows / 2, 1);
  if (rows.size() > most) rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(most));
  return rows;
}

/// Spinner, notice, box and footer; says where the cursor stands within.
Frame bottom(View const& view, Size size) {
  Frame frame;
  if (!view.spinner.empty()) {
    frame.rows.emplace_back();
    frame.rows.push_back({{cut(view.spinner, less(size.columns, 2))}});
  }
  frame.rows.push_back(view.hints ? right_aligned("◐ medium · /effort", size.columns) : Row{});
  frame.rows.push_back({{repeated("─", size.columns), Style::dim}});
  append(frame.rows, box_rows(view, size));
  frame.cursor_row = frame.rows.size() - 1;
  frame.cursor_column = 2;
  if (!view.box.empty()) {
    frame.cursor_column = 0;
    for (auto const& span : frame.rows.back()) frame.cursor_column += columns(span.text);
  }
  frame.rows.push_back({{repeated("─", size.columns), Style::dim}});
  append(frame.rows, footer(view, size.columns));
  return frame;
}

Rows limit_menu(Menu const& menu, std::size_t width) {
  Rows rows{{{repeated("▔", width)}}, {{"  What do you want to do?"}}, {}};
  append(rows, option_rows(menu, "  ", true, width));
  rows.emplace_back();
  rows.push_back({{"  Enter to confirm · Esc to cancel", Style::dim}});
  return rows;
}

Rows permission_menu(Menu const& menu, std::size_t width) {
  Rows rows{{{repeated("─", width)}}, {{" Bash command"}}};
  append(rows,
         hanging(" ", "Tip: auto mode handles these prompts for you — choose \"switch to auto mode\" below", width));
  rows.push_back({{" Rebuild"}});
  rows.push_back({{repeated("╌", width)}});
  append(rows, hanging(" ", menu.subject, width));
  rows.push_back({{repeated("╌", width)}});
  rows.push_back({{" This command requires approval"}});
  rows.emplace_back();
  rows.push_back({{" Do you want to proceed?"}});
  append(rows, option_rows(menu, " ", true, width));
  rows.emplace_back();
  rows.push_back({{" Esc to cancel · Tab to amend", Style::dim}});
  return rows;
}

Rows trust_dialog(View const& view, std::size_t width) {
  Rows rows{{}, {{repeated("─", width)}}, {{" Accessing workspace:"}}, {}, {{" " + view.directory}}, {}};
  append(rows,
         hanging(" ",
                 "Quick safety check: Is this a project you created or one you trust? (Like your own code, a "
                 "well-known open source project, or work from your team). If not, take a moment to review what's "
                 "in this folder first.",
                 less(width, 1)));
  rows.emplace_back();
  append(rows, hanging(" ", "Claude Code'll be able to read, edit, and execute files here.", less(width, 1)));
  rows.emplace_back();
  rows.push_back({{" Security guide"}});
  rows.emplace_back();
  append(rows, option_rows(*view.menu, " ", false, width));
  rows.emplace_back();
  rows.push_back({{" Enter to confirm · Esc to cancel", Style::dim}});
  return rows;
}

}  // namespace

Frame draw_2_1_330(View const& view, Size size) {
  if (view.menu) {
    switch (view.menu->kind) {
      case MenuKind::trust:
        return stacked({}, lower_part(trust_dialog(view, size.columns)), size, false);
      case MenuKind::limit:
        return stacked(conversation(view, size.columns), lower_part(limit_menu(*view.menu, size.columns)), size, true);
      case MenuKind::permission:
        return stacked(conversation(view, size.columns), lower_part(permission_menu(*view.menu, size.columns)), size,
                       false);
    }
  }
  return stacked(conversation(view, size.columns), bottom(view, size), size, true);
}

}  // namespace failover::fake_agent
