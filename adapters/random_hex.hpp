#pragma once

#include <cstddef>
#include <string>

namespace failover::adapters {

/// `bytes` bytes of the kernel's randomness as lower-case hexadecimal digits: nobody can guess them.
[[nodiscard]] std::string random_hex(std::size_t bytes);

}  // namespace failover::adapters
