#pragma once

#include "core/effect.hpp"
#include "core/world.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reads what tmux prints. Titles, paths and screens are other people's text, so nothing is recognised by its looks:
/// our own parts are marked with a word that was drawn at random for this one command.
namespace failover::adapters::tmux {

/// The file of commands that lists all panes and who looks at them, for parse_panes. Like every batch of ours it ends
/// with a line of the mark and " end". Printable only: newer versions escape control characters.
[[nodiscard]] std::string listing_batch(std::string const& mark);

/// The panes of a listing, the active pane of a session before its others. A row that does not fit is left out.
[[nodiscard]] std::vector<core::PaneInfo> parse_panes(std::string_view output, std::string_view mark);

/// The session of a listing, by its id, that a control client disturbs least: ours rather than another's, then one that
/// no terminal shows. "" when there is none.
[[nodiscard]] std::string session_to_attach(std::string_view output, std::string_view mark);

/// The file of commands that prints the screens of a look, for parse_screens. Wrapped rows are joined.
[[nodiscard]] std::string capture_batch(core::effect::CapturePanes const& look, std::string const& mark);

/// The same of one screen, with SGR sequences and rows as they are.
[[nodiscard]] std::string colours_batch(core::PaneRef const& pane, std::string const& mark);

/// The screens that were asked for and answered in full, by the very server that was meant. Rows come without
/// trailing blanks; of a screen over `max_pane_bytes` the last rows are kept.
[[nodiscard]] std::vector<core::Screen> parse_screens(std::string_view output, std::string_view mark,
                                                      std::vector<core::PaneRef> const& panes);
inline constexpr std::size_t max_pane_bytes = 256 * 1024;

/// "PID START %ID" as printed for `#{pid} #{start_time} #{pane_id}`.
inline constexpr char pane_ref_format[] = "#{pid} #{start_time} #{pane_id}";
[[nodiscard]] std::string printed(core::PaneRef const& pane);
[[nodiscard]] std::optional<core::PaneRef> parse_pane_ref(std::string_view text);

/// The pane's first process, from what `pane_process_format` printed in one line; nothing when it was another pane's.
inline constexpr char pane_process_format[] = "#{pid} #{start_time} #{pane_id} #{pane_pid}";
[[nodiscard]] std::optional<std::int64_t> parse_pane_process(std::string_view line, core::PaneRef const& pane);

/// True for `%` and digits: the only form that may stand in a command.
[[nodiscard]] bool is_pane_id(std::string_view text);

}  // namespace failover::adapters::tmux
