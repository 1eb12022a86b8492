#include "adapters/resident_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <link.h>
#include <malloc.h>

#include <sys/mman.h>
#include <unistd.h>

namespace failover::adapters {
namespace {

/// A segment that may not be written was never relocated, so what is dropped of it is what its file holds.
void drop_pages(dl_phdr_info const& object, ElfW(Phdr) const& segment, std::uintptr_t page) {
  if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) return;
  auto const from = (object.dlpi_addr + segment.p_vaddr) & ~(page - 1);
  auto const size = object.dlpi_addr + segment.p_vaddr + segment.p_memsz - from;
  (void)::madvise(reinterpret_cast<void*>(from), size, MADV_DONTNEED);  // NOLINT: advice, and an address is a number
}

int drop_text(dl_phdr_info* object, std::size_t, void*) {
  auto const page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (std::size_t i = 0; i < object->dlpi_phnum; ++i) drop_pages(*object, object->dlpi_phdr[i], page);
  return 0;
}

}  // namespace

void release_startup_memory() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(drop_text, nullptr);
}

}  // namespace failover::adapters
