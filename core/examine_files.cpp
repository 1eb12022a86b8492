#include "core/examine_files.hpp"

#include <array>

namespace failover::core {
namespace {

constexpr unsigned group_writes = 020;
constexpr unsigned others_write = 002;
constexpr unsigned others_read = 044;

std::string name_of(FileUse use) {
  switch (use) {
    case FileUse::configuration:
      return "configuration";
    case FileUse::state:
      return "state directory";
    case FileUse::runtime:
      return "runtime directory";
    case FileUse::queue:
      return "queue";
  }
  return "";
}

std::string danger_of(FileUse use) {
  switch (use) {
    case FileUse::configuration:
      return "could have commands run as you";
    case FileUse::queue:
      return "could run prompts as you";
    case FileUse::state:
    case FileUse::runtime:
      break;
  }
  return "could act as the daemon";
}

std::string made_private(FileFacts const& file) {
  return (file.directory ? "chmod 700 " : "chmod 600 ") + file.path;
}

/// What is wrong with it, if anything.
std::optional<Remark> fault_of(FileFacts const& file, std::int64_t user) {
  Remark remark{Grade::problem, "permissions", file.path, {}, {}};
  bool const roots = file.use == FileUse::configuration && file.owner == 0;
  if (file.owner != user && !roots) {
    remark.what = "the " + name_of(file.use) + " belongs to user " + std::to_string(file.owner) + ", and we are " +
                  std::to_string(user);
    remark.cure = "run this as the daemon's user, or chown it";
    return remark;
  }
  if ((file.mode & (group_writes | others_write)) != 0) {
    remark.what = "the " + name_of(file.use) + " can be written by others, who " + danger_of(file.use);
    remark.cure = "chmod go-w " + file.path;
    // Many a system gives each user a group of their own and lets it write; the queue the daemon refuses all the same.
    if (file.use == FileUse::configuration && (file.mode & others_write) == 0) remark.grade = Grade::warning;
    return remark;
  }
  if (file.use == FileUse::state && (file.mode & others_read) != 0) {
    remark.grade = Grade::warning;
    remark.what = "the state directory can be listed by others";
    remark.cure = made_private(file);
    return remark;
  }
  return std::nullopt;
}

Remark of_token(TokenFacts const& token) {
  Remark remark{Grade::ok, "tokens", token.path, token.key + ": readable, and by nobody else", ""};
  if (token.readable) return remark;
  if (token.credential) {
    remark.grade = Grade::skipped;
    remark.what = token.key + " is a credential of systemd, which only the service can see";
    return remark;
  }
  remark.grade = Grade::problem;
  remark.where = token.key;
  remark.what = token.readable.error().detail;
  return remark;
}

}  // namespace

Remarks examine_files(std::vector<FileFacts> const& files, std::int64_t user) {
  Remarks remarks;
  for (auto const use : std::array{FileUse::configuration, FileUse::state, FileUse::runtime, FileUse::queue}) {
    FileFacts const* first = nullptr;
    bool faulty = false;
    for (auto const& file : files) {
      if (file.use != use) continue;
      if (first == nullptr) first = &file;
      auto fault = file.present ? fault_of(file, user) : std::nullopt;
      if (!fault) continue;
      faulty = true;
      remarks.push_back(std::move(*fault));
    }
    if (first == nullptr || faulty) continue;
    if (first->present)
      remarks.push_back(
          {Grade::ok, "permissions", first->path, "the " + name_of(use) + " can be written by you alone", ""});
    else
      remarks.push_back({Grade::skipped, "permissions", first->path,
                         "the " + name_of(use) + " is not there yet; the daemon makes it", ""});
  }
  return remarks;
}

Remarks examine_tokens(std::vector<TokenFacts> const& tokens) {
  if (tokens.empty()) return {{Grade::skipped, "tokens", "", "no token file is configured", ""}};
  Remarks remarks;
  for (auto const& token : tokens) remarks.push_back(of_token(token));
  return remarks;
}

}  // namespace failover::core
