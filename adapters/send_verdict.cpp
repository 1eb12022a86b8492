#include "adapters/send_verdict.hpp"

#include <utility>

namespace failover::adapters {
namespace {

core::ErrorKind kind_of(unsigned status) {
  if (status == 401 || status == 403) return core::ErrorKind::permission;
  if (status == 404) return core::ErrorKind::not_found;
  if (status == 400 || status == 422) return core::ErrorKind::invalid;
  if (status >= 500) return core::ErrorKind::unavailable;
  return core::ErrorKind::refused;
}

bool is_permanent(unsigned status) {
  return status == 400 || status == 401 || status == 403 || status == 404 || status == 422;
}

}  // namespace

core::SendFailure refused_by_status(std::string const& service, unsigned status, std::string const& said,
                                    std::optional<core::Duration> retry_after) {
  core::SendFailure failure;
  failure.error.kind = kind_of(status);
  failure.error.detail = service + " answered " + std::to_string(status) + (said.empty() ? "" : ": " + said);
  failure.retry_after = retry_after;
  failure.permanent = is_permanent(status);
  return failure;
}

core::SendFailure permanent_failure(core::Error error) {
  auto failure = passing_failure(std::move(error));
  failure.permanent = true;
  return failure;
}

core::SendFailure passing_failure(core::Error error) {
  core::SendFailure failure;
  failure.error = std::move(error);
  return failure;
}

}  // namespace failover::adapters
