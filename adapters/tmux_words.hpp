#pragma once

#include <string>
#include <string_view>

/// How text gets through tmux unchanged. Each place of a tmux command has a reader of its own.
///
/// Facts: tmux 3.3a, cmd-parse.y (file syntax, trailing semicolons of arguments), format.c (`#`), proved by tests.
namespace failover::adapters::tmux {

/// As a word of tmux's argv: one that ends in ';' would otherwise end the command there.
[[nodiscard]] std::string argument(std::string word);

/// As a word of a command file (`source-file`): any byte but NUL, newlines too.
[[nodiscard]] std::string quoted(std::string_view text);

/// As text where tmux expands formats (`-c`): `#(…)` there would run a shell command.
[[nodiscard]] std::string unexpanded(std::string_view text);

/// What may be typed into a program: valid UTF-8 without control characters, but with '\n' and '\t'. A CR or CRLF
/// becomes '\n'; all other C0 and C1 controls and DEL are left out, so no bracketed paste can be closed from inside.
[[nodiscard]] std::string typeable(std::string_view text);

}  // namespace failover::adapters::tmux
