#pragma once

#include "core/config.hpp"
#include "core/examination.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Who may read and write what the daemon trusts, and whether it can read its tokens.
namespace failover::core {

enum class FileUse {
  configuration,  ///< whoever writes it has commands run
  state,          ///< names, prompts and conversations' ids
  runtime,        ///< the control socket
  queue           ///< whoever writes there has prompts run
};

struct FileFacts {
  FileUse use = FileUse::configuration;
  std::string path = {};
  bool present = false;
  bool directory = false;
  std::int64_t owner = 0;
  unsigned mode = 0;  ///< permission bits
  bool operator==(FileFacts const&) const = default;
};

/// A remark for each file that is wrong, and one for all others of a kind. `user` is who looks, as the daemon's user.
[[nodiscard]] Remarks examine_files(std::vector<FileFacts> const& files, std::int64_t user);

/// A file with a token, read as the daemon reads it; what it holds is no fact.
struct TokenFacts {
  std::string key = {};  ///< of the configuration
  std::string path = {};
  Result<void> readable = {};
  bool credential = false;  ///< of systemd, and this process has none
};

[[nodiscard]] Remarks examine_tokens(std::vector<TokenFacts> const& tokens);

}  // namespace failover::core
