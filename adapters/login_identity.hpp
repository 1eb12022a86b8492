#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <sys/types.h>

/// Whose login a configuration directory holds, told apart without knowing who it is.
namespace failover::adapters {

constexpr std::size_t max_identity_file_bytes = std::size_t{32} << 20;

/// A login's name in state, log and comparison: 16 hex digits of a 64-bit FNV-1a over what identifies it, so that no
/// e-mail address and no id of an account is kept. Stable over versions, for states remember it. No protection against
/// somebody who guesses the address: it stands in no answer of the daemon.
[[nodiscard]] std::string identity_digest(std::string_view who);

/// Reads the identity out of an agent's `.claude.json`: of `oauthAccount` the `accountUuid`, else `emailAddress` with
/// `organizationUuid`. Empty for a whole file that names nobody.
///
/// An Error for what gives no answer: no file, no regular file, more than max_identity_file_bytes, not one whole JSON
/// text in UTF-8 (the agent rewrites the file often). Uses constant memory; what else the file holds is not kept.
[[nodiscard]] core::Result<std::string> read_identity(std::string const& file);

/// The identities of directories, each file read again only after it changed: else a look costs one `stat`.
///
/// A file that gives no answer leaves what was known of that directory. Not for use by two threads at a time.
class LoginIdentities {
 public:
  /// The digest, "" while nothing is known. `real_path` says which directory it is: another one is known anew.
  [[nodiscard]] std::string look(std::string const& real_path);

 private:
  /// By which a changed file is told from an unchanged one.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    std::int64_t changed_ns = 0;  ///< mtime
    bool operator==(Stamp const&) const = default;
  };
  struct Known {
    Stamp stamp = {};
    std::string identity = {};
  };

  std::map<std::string, Known> known_ = {};
};

}  // namespace failover::adapters
