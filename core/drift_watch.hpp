#pragma once

#include "core/step.hpp"

namespace failover::core {

/// Compares what was just read of the accounts with what was known.
///
/// Each drift is told when it appears (log, and a message where it is severe) and logged when it is gone; the present
/// ones stand in `State::live`. A changed login stands there for a day, unless the account is logged out or the daemon
/// is started anew. Remembers whose login each account holds, as far as that is known, and since when; at 27 days it
/// asks once for a new one, for logins end at about 30. A look that failed changes nothing.
void note_drift(Step& step);

}  // namespace failover::core
