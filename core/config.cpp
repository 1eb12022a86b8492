#include "core/config.hpp"

namespace failover::core {

AccountConfig const* find_account(Config const& config, AccountName const& name) {
  for (auto const& account : config.accounts)
    if (account.name == name) return &account;
  return nullptr;
}

}  // namespace failover::core
