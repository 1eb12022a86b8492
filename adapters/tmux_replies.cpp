#include "adapters/tmux_replies.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

namespace failover::adapters::tmux {
namespace {

constexpr std::array fields = {"pid",
                               "start_time",
                               "pane_id",
                               "session_name",
                               "pane_pid",
                               "pane_current_command",
                               "pane_current_path",
                               "pane_width",
                               "pane_height",
                               "pane_dead",
                               "pane_dead_status",
                               "pane_in_mode",
                               "pane_active",
                               "window_active",
                               "session_id",
                               "pane_tty",
                               "@cf_owner"};

using Row = std::vector<std::string_view>;

std::string_view field(Row const& row, std::string_view name) {
  auto const place = std::find(fields.begin(), fields.end(), name) - fields.begin();
  return row[static_cast<std::size_t>(place)];
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

bool set(std::string_view flag) {
  return !flag.empty() && flag != "0";
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    auto const at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

std::optional<core::PaneInfo> pane_of(Row const& row) {
  auto const server = number(field(row, "pid"));
  auto const start = number(field(row, "start_time"));
  auto const columns = number(field(row, "pane_width"));
  auto const rows = number(field(row, "pane_height"));
  auto const id = field(row, "pane_id");
  if (!server || !start || !columns || !rows || !is_pane_id(id)) return {};
  core::PaneInfo info;
  info.pane = {*server, *start, core::PaneId{std::string(id)}};
  info.session = core::SessionName{std::string(field(row, "session_name"))};
  info.pid = number(field(row, "pane_pid")).value_or(0);
  info.command = field(row, "pane_current_command");
  info.cwd = field(row, "pane_current_path");
  info.columns = *columns;
  info.rows = *rows;
  info.dead = set(field(row, "pane_dead"));
  if (info.dead) info.exit_status = number(field(row, "pane_dead_status"));
  info.in_mode = set(field(row, "pane_in_mode"));
  info.active = set(field(row, "pane_active")) && set(field(row, "window_active"));
  info.tty = field(row, "pane_tty");
  info.owner_mark = field(row, "@cf_owner");
  return info;
}

// Measured with 3.3a: the activity of a client is its last key, or its attaching; neither what we type nor a change of
// size counts. The session's own activity would tell of our control client's attaching, too.
constexpr char client_format[] =
    " client #{client_control_mode} #{client_activity} #{session_id} #{?client_control_mode,,#{W:#{window_id} }}";

/// A terminal that shows a session, so a person.
struct Viewer {
  std::string_view session = {};
  core::WallTime activity = {};
  std::vector<std::string_view> windows = {};  ///< all that the session holds, linked ones among them
};

/// From what client_format printed after the mark; nothing for a client in control mode.
std::optional<Viewer> viewer_of(std::string_view printed) {
  if (!printed.starts_with("client ")) return {};
  auto words = split(printed, " ");
  auto const activity = words.size() > 3 ? number(words[2]) : std::nullopt;
  if (!activity || words[1] != "0") return {};
  Viewer viewer{words[3], core::WallTime{std::chrono::seconds{*activity}}, {}};
  viewer.windows.assign(words.begin() + 4, words.end());
  return viewer;
}

std::vector<Viewer> viewers(std::string_view output, std::string_view mark) {
  auto const our_line = std::string(mark) + " ";
  std::vector<Viewer> found;
  for (auto const row : split(output, "\n")) {
    if (!row.starts_with(our_line)) continue;
    if (auto viewer = viewer_of(row.substr(our_line.size()))) found.push_back(std::move(*viewer));
  }
  return found;
}

bool shown(std::string_view session, std::vector<Viewer> const& viewers) {
  return std::any_of(viewers.begin(), viewers.end(), [&](Viewer const& viewer) { return viewer.session == session; });
}

/// The last key of whoever could have typed into this window.
std::optional<core::WallTime> last_key(std::string_view window, std::vector<Viewer> const& viewers) {
  std::optional<core::WallTime> last;
  for (auto const& viewer : viewers) {
    auto const& windows = viewer.windows;
    if (std::find(windows.begin(), windows.end(), window) == windows.end()) continue;
    last = std::max(last.value_or(viewer.activity), viewer.activity);
  }
  return last;
}

std::vector<Row> rows_of_listing(std::string_view output, std::string_view mark) {
  auto const begin = std::string(mark) + "[";
  auto const between = std::string(mark) + "|";
  auto const end = std::string(mark) + "]";
  std::vector<Row> rows;
  for (auto const piece : split(output, begin)) {
    auto const last = piece.find(end);
    if (last == std::string_view::npos) continue;
    auto row = split(piece.substr(0, last), between);
    if (row.size() == fields.size()) rows.push_back(std::move(row));
  }
  return rows;
}

std::string without_trailing_blanks(std::string_view row) {
  auto const last = row.find_last_not_of(' ');
  return std::string(row.substr(0, last + 1));
}

std::pair<std::string_view, std::string_view> before_and_after(std::string_view text, std::string_view between) {
  auto const at = text.find(between);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + between.size())};
}

/// The last whole rows that fit into the bound.
void keep_the_end(std::string& text) {
  if (text.size() <= max_pane_bytes) return;
  auto const cut = text.find('\n', text.size() - max_pane_bytes);
  text.erase(0, cut == std::string::npos ? text.size() - max_pane_bytes : cut + 1);
}

std::string pane_format(std::string const& mark) {
  std::string format;
  for (auto const* name : fields) {
    format += mark + (format.empty() ? "[" : "|") + "#{" + name + "}";
  }
  return format + mark + "]";
}

constexpr std::string_view as_before = " as before";

std::string clients_and_end(std::string const& mark) {
  return "list-clients -F '" + mark + client_format + "'\n" + "display-message -p '" + mark + " end'\n";
}

/// Before each screen.
std::string name_of_screen(core::PaneRef const& pane, std::string const& mark) {
  return "display-message -p -t " + pane.id.str() + " '" + mark + " " + pane_ref_format + " | #{window_id}'\n";
}

std::string capture_of(core::PaneRef const& pane) {
  return "capture-pane -p -J -t " + pane.id.str();
}

/// Where a program ends, tmux writes its own row at the bottom and scrolls the first one away: what it said may be just
/// that.
std::string capture_whole(core::PaneRef const& pane) {
  auto const capture = capture_of(pane);
  return "if-shell -F -t " + pane.id.str() + " '#{pane_dead}' { " + capture + " -S -1 } { " + capture + " }";
}

/// Measured with 3.3a: a window's activity is when one of its panes was last written to, to the second, also where
/// nobody is attached; the row of a pane that has died is none. A version that cannot compare reads the screen.
std::string capture_if_written(core::PaneRef const& pane, core::WallTime since, std::string const& mark) {
  auto const second = std::chrono::floor<std::chrono::seconds>(since).time_since_epoch().count();
  auto const silent = "#{&&:#{e|<|:#{window_activity}," + std::to_string(second) + "},#{?pane_dead,,1}}";
  return "if-shell -F -t " + pane.id.str() + " '" + silent + "' { display-message -p '" + mark +
         std::string(as_before) + "' } { " + capture_whole(pane) + " }\n";
}

}  // namespace

std::vector<core::PaneInfo> parse_panes(std::string_view output, std::string_view mark) {
  auto const persons = viewers(output, mark);
  std::vector<core::PaneInfo> panes;
  for (auto const& row : rows_of_listing(output, mark)) {
    auto pane = pane_of(row);
    if (!pane) continue;
    pane->attached = shown(field(row, "session_id"), persons);
    panes.push_back(std::move(*pane));
  }
  std::stable_partition(panes.begin(), panes.end(), [](core::PaneInfo const& pane) { return pane.active; });
  return panes;
}

std::string session_to_attach(std::string_view output, std::string_view mark) {
  auto const persons = viewers(output, mark);
  std::string best;
  int best_rank = -1;
  for (auto const& row : rows_of_listing(output, mark)) {
    auto const session = field(row, "session_id");
    auto const digits = session.substr(std::min<std::size_t>(1, session.size()));
    if (!session.starts_with('$') || !number(digits)) continue;
    int const rank = (field(row, "@cf_owner").empty() ? 0 : 2) + (shown(session, persons) ? 0 : 1);
    if (rank <= best_rank) continue;
    best = session;
    best_rank = rank;
  }
  return best;
}

std::string listing_batch(std::string const& mark) {
  return "list-panes -a -F '" + pane_format(mark) + "'\n" + clients_and_end(mark);
}

std::string capture_batch(core::effect::CapturePanes const& look, std::string const& mark) {
  std::string batch;
  for (auto const& pane : look.panes) {
    if (!is_pane_id(pane.id.str())) continue;
    batch += name_of_screen(pane, mark);
    auto const tail = look.tails.find(pane);
    auto const since = look.if_written.find(pane);
    if (tail != look.tails.end())
      batch += capture_of(pane) + " -S " + std::to_string(tail->second - 1) + "\n";
    else if (since != look.if_written.end())
      batch += capture_if_written(pane, since->second, mark);
    else
      batch += capture_whole(pane) + "\n";
  }
  return batch + clients_and_end(mark);
}

std::string colours_batch(core::PaneRef const& pane, std::string const& mark) {
  if (!is_pane_id(pane.id.str())) return clients_and_end(mark);
  return name_of_screen(pane, mark) + "capture-pane -p -e -t " + pane.id.str() + "\n" + clients_and_end(mark);
}

std::vector<core::Screen> parse_screens(std::string_view output, std::string_view mark,
                                        std::vector<core::PaneRef> const& panes) {
  auto const our_line = std::string(mark) + " ";
  std::set<core::PaneRef> wanted(panes.begin(), panes.end());
  std::vector<core::Screen> screens;
  auto const persons = viewers(output, mark);
  std::optional<core::Screen> current;
  for (auto const row : split(output, "\n")) {
    if (!row.starts_with(our_line)) {
      if (current) current->text += without_trailing_blanks(row) + "\n";
      continue;
    }
    auto const said = row.substr(our_line.size() - 1);
    if (current) current->as_before = said == as_before;
    if (current && (current->as_before || !current->text.empty())) screens.push_back(std::move(*current));
    current.reset();
    auto const [printed_pane, window] = before_and_after(row.substr(our_line.size()), " | ");
    auto const pane = parse_pane_ref(printed_pane);
    if (pane && wanted.erase(*pane) > 0) current = core::Screen{*pane, {}, last_key(window, persons)};
  }
  for (auto& screen : screens) keep_the_end(screen.text);  // one without our next line after it was cut off: not kept
  return screens;
}

std::string printed(core::PaneRef const& pane) {
  return std::to_string(pane.server_pid) + " " + std::to_string(pane.server_start) + " " + pane.id.str();
}

std::optional<core::PaneRef> parse_pane_ref(std::string_view text) {
  auto const words = split(text, " ");
  if (words.size() != 3 || !is_pane_id(words[2])) return {};
  auto const pid = number(words[0]);
  auto const start = number(words[1]);
  if (!pid || !start) return {};
  return core::PaneRef{*pid, *start, core::PaneId{std::string(words[2])}};
}

std::optional<std::int64_t> parse_pane_process(std::string_view line, core::PaneRef const& pane) {
  line = line.substr(0, line.find('\n'));
  auto const last = line.rfind(' ');
  if (last == std::string_view::npos || parse_pane_ref(line.substr(0, last)) != pane) return {};
  return number(line.substr(last + 1));
}

bool is_pane_id(std::string_view text) {
  return text.size() > 1 && text.size() < 12 && text[0] == '%' &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace failover::adapters::tmux
