#include "adapters/file_look.hpp"

#include "adapters/directory.hpp"
#include "adapters/pattern_file.hpp"
#include "adapters/secret_file.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/stat.h>

namespace failover::adapters {
namespace {

constexpr std::size_t most_names = 1000;

std::vector<std::string> names_in(std::string const& path) {
  auto const opened = open_directory(path);
  if (!opened) return {};
  auto names = list_names(*opened, path, most_names);
  if (!names) return {};
  std::sort(names->begin(), names->end());
  return std::move(*names);
}

core::TokenFacts look_at_token(std::string const& key, std::string const& path) {
  core::TokenFacts facts{key, path, {}, false};
  if (auto const secret = read_secret(path); !secret) facts.readable = secret.error();
  facts.credential = path.find('/') == std::string::npos && std::getenv("CREDENTIALS_DIRECTORY") == nullptr;
  return facts;
}

}  // namespace

core::FileFacts look_at_file(core::FileUse use, std::string const& path) {
  core::FileFacts facts;
  facts.use = use;
  facts.path = path;
  struct stat info {};
  facts.present = ::stat(path.c_str(), &info) == 0;
  if (!facts.present) return facts;
  facts.directory = S_ISDIR(info.st_mode);
  facts.owner = info.st_uid;
  facts.mode = info.st_mode & 07777U;
  return facts;
}

std::vector<core::FileFacts> look_at_files(core::Config const& config, std::string const& config_path) {
  using core::FileUse;
  std::vector<core::FileFacts> files{look_at_file(FileUse::configuration, config_path)};
  auto const patterns = pattern_directory(config_path);
  if (!patterns.empty())
    for (auto const& name : names_in(patterns))
      if (name.ends_with(".yaml")) files.push_back(look_at_file(FileUse::configuration, patterns + "/" + name));
  files.push_back(look_at_file(FileUse::state, config.state.dir));
  files.push_back(look_at_file(FileUse::runtime, config.state.runtime));
  auto const& queue = config.dispatcher.queue;
  files.push_back(look_at_file(FileUse::queue, queue));
  for (auto const& name : names_in(queue)) {
    auto place = look_at_file(FileUse::queue, queue + "/" + name);
    if (place.directory) files.push_back(std::move(place));
  }
  return files;
}

std::vector<core::TokenFacts> look_at_tokens(core::Config const& config) {
  std::vector<core::TokenFacts> tokens;
  auto const& channels = config.notifications;
  if (channels.telegram)
    tokens.push_back(look_at_token("notifications.telegram.token_file", channels.telegram->token_file));
  if (channels.resend) tokens.push_back(look_at_token("notifications.resend.key_file", channels.resend->key_file));
  if (!config.http.token_file.empty()) tokens.push_back(look_at_token("http.token_file", config.http.token_file));
  return tokens;
}

}  // namespace failover::adapters
