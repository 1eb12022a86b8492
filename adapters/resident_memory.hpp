#pragma once

namespace failover::adapters {

/// Gives back to the kernel what the program's start has needed and its days do not: the program text that was run or
/// only read in beside it, which comes back from the page cache when it is run again, and free heap. Some hundred
/// cheap page faults follow. Nothing changes but the resident size.
void release_startup_memory();

}  // namespace failover::adapters
