#pragma once

#include "core/state.hpp"

namespace failover::sim {

/// The state as a restarted daemon reads it from the file that was saved at `saved_at`: nothing live, moments by their
/// wall time.
[[nodiscard]] core::State restored(core::State saved, core::Now saved_at, core::Now now, std::uint64_t entropy);

}  // namespace failover::sim
