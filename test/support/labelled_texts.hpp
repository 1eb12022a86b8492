#pragma once

#include "core/classification.hpp"
#include "core/time.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace failover::test {

/// One text of test/data with what is known of it.
struct Labelled {
  std::string id = {};
  std::string agent = "claude-code";
  std::string text = {};
  std::string label = {};  ///< a state, or `transcript_mention`: anything but a limit or a login fault
  bool ambiguous = false;
  bool hard_negative = false;
  core::WallTime now = {};
  std::string zone = "UTC";
  std::optional<core::WallTime> reset = {};
};

/// The texts of corpus/panes.jsonl, those of corpus/families.jsonl, which were written after a kind of screen each, and
/// the screens of screens/, in their order. Throw when a file cannot be read.
[[nodiscard]] std::vector<Labelled> labelled_corpus();
[[nodiscard]] std::vector<Labelled> labelled_families();
/// Those of corpus/second.jsonl to fifth.jsonl, collected by somebody who did not know the rules.
[[nodiscard]] std::vector<Labelled> labelled_second();
[[nodiscard]] std::vector<Labelled> labelled_third();
[[nodiscard]] std::vector<Labelled> labelled_fourth();
[[nodiscard]] std::vector<Labelled> labelled_fifth();
[[nodiscard]] std::vector<Labelled> labelled_screens();

[[nodiscard]] std::string file_text(std::string const& path);

/// Reads texts with the tables that the program brings and the system's time zones.
class TextReader {
 public:
  TextReader();
  ~TextReader();
  TextReader(TextReader const&) = delete;
  TextReader& operator=(TextReader const&) = delete;

  [[nodiscard]] core::Reading read(Labelled const& one);

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace failover::test
