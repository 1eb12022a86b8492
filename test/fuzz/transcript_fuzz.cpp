// Any bytes as a transcript: rows are bounded, and where the bytes are cut into readings decides nothing.

#include "adapters/transcript_file.hpp"
#include "adapters/transcript_row.hpp"
#include "adapters/utf8.hpp"
#include "core/expects.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace adapters = failover::adapters;
namespace core = failover::core;

namespace {

void check(core::TranscriptRow const& row) {
  EXPECTS(row.text.size() <= core::max_row_text);
  EXPECTS(adapters::is_valid_utf8(row.text));
  EXPECTS(adapters::is_valid_utf8(row.cwd));
  EXPECTS(row.usage_limit || !row.resets_at);
  bool const error = row.kind == core::RowKind::api_error;
  EXPECTS(error ||
          (row.error.empty() && row.status == 0 && !row.usage_limit && !row.transient && row.limit_type.empty()));
  EXPECTS(row.kind != core::RowKind::reply || row.text.empty());
}

/// What readings that end at `cut` and at the end tell.
adapters::TranscriptGain read_in_two(std::string_view bytes, std::size_t cut) {
  adapters::TranscriptGain gain;
  auto const taken = adapters::take_rows(bytes.substr(0, cut), gain);
  EXPECTS(taken <= cut);
  EXPECTS(taken == 0 || bytes[taken - 1] == '\n');
  auto const before = gain.rows.size();
  (void)adapters::take_rows(bytes.substr(taken), gain);
  for (auto i = before; i < gain.rows.size(); ++i) gain.rows[i].place.offset += taken;
  return gain;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes{reinterpret_cast<char const*>(data), size};
  (void)adapters::transcript_row(bytes);
  auto const whole = read_in_two(bytes, 0);
  for (auto const& row : whole.rows) check(row);
  auto const cut = size == 0 ? 0 : (data[0] * 257U + data[size / 2]) % (size + 1);
  auto const parts = read_in_two(bytes, cut);
  EXPECTS(whole.rows == parts.rows);
  EXPECTS(whole.broken == parts.broken);
  return 0;
}
