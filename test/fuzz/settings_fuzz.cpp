#include "adapters/hook_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace failover::adapters;

namespace {

HookCommands const commands{"/usr/bin/claude-failover", "/run/cf/control.sock", "/var/lib/cf/spool"};

void must(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

/// Any bytes: refused, or edited so that nothing of them is lost. The first byte chooses what becomes of a status line.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  auto const theirs = data[0] % 2 == 0 ? TheirStatusLine::keep : TheirStatusLine::chain;
  std::string const text{reinterpret_cast<char const*>(data) + 1, size - 1};
  auto const added = add_hooks(text, commands, theirs);
  auto const pristine = remove_hooks(text);
  if (!added) return 0;
  must(add_hooks(*added, commands, theirs) == added);
  auto const removed = remove_hooks(*added);
  must(removed.has_value());
  auto const installed = installed_hooks(text);
  if (installed && !installed->any) {
    must(*removed == text);
    must(pristine && *pristine == text);
  }
  return 0;
}
