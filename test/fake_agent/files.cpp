#include "files.hpp"

#include "adapters/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace failover::fake_agent {

std::optional<std::string> read_file(fs::path const& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return std::nullopt;  // a stream opens it and then fails strangely
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

void append(fs::path const& path, std::string_view bytes) {
  auto const old_mask = ::umask(077);
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  adapters::UniqueFd const file{::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)};
  auto const reason = errno;
  ::umask(old_mask);
  if (!file.valid()) throw std::system_error{reason, std::generic_category(), path.string()};
  if (::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::system_error{errno, std::generic_category(), path.string()};
  }
}

std::string new_uuid() {
  std::array<std::uint8_t, 16> raw{};
  if (::getrandom(raw.data(), raw.size(), 0) != static_cast<ssize_t>(raw.size())) {
    throw std::system_error{errno, std::generic_category(), "getrandom"};
  }
  raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0fU) | 0x40U);
  raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3fU) | 0x80U);
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", raw[i]);
  }
  return text;
}

}  // namespace failover::fake_agent
