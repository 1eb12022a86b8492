#include "adapters/scope_means.hpp"

#include "adapters/program_path.hpp"

#include <cstdlib>

#include <unistd.h>

namespace failover::adapters {

core::ScopeMeans scope_means_from(EnvironmentLookup const& lookup) {
  core::ScopeMeans means;
  means.in_service = lookup("INVOCATION_ID").has_value() || lookup("NOTIFY_SOCKET").has_value();
  if (!means.in_service) return means;
  means.systemd_run = !program_path("systemd-run", lookup).empty();
  auto const runtime = lookup("XDG_RUNTIME_DIR").value_or("");
  auto const there = [&](char const* name) { return ::access((runtime + name).c_str(), F_OK) == 0; };
  means.user_manager = runtime.starts_with('/') && (there("/systemd/private") || there("/bus"));
  return means;
}

core::ScopeMeans scope_means() {
  return scope_means_from([](std::string const& variable) -> std::optional<std::string> {
    char const* const value = std::getenv(variable.c_str());
    return value ? std::optional<std::string>{value} : std::nullopt;
  });
}

}  // namespace failover::adapters
