#include "adapters/task_group.hpp"

#include <exception>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace failover::adapters {

TaskGroup::TaskGroup(boost::asio::any_io_executor executor, OnFailure on_failure)
    : executor_(std::move(executor)), members_(std::make_shared<Members>()) {
  members_->on_failure = std::move(on_failure);
}

TaskGroup::~TaskGroup() {
  members_->on_failure = nullptr;
}

void TaskGroup::spawn(std::string name, boost::asio::awaitable<void> task) {
  members_->entries.emplace_front();
  auto const entry = members_->entries.begin();
  entry->name = std::move(name);
  auto on_end = [members = members_, entry](std::exception_ptr const& failure) {
    auto const ended = std::move(entry->name);
    members->entries.erase(entry);
    if (!failure || !members->on_failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (boost::system::system_error const& error) {
      if (error.code() != boost::asio::error::operation_aborted) members->on_failure(ended, error.what());
    } catch (std::exception const& error) {
      members->on_failure(ended, error.what());
    }
  };
  boost::asio::co_spawn(executor_, std::move(task),
                        boost::asio::bind_cancellation_slot(entry->signal.slot(), std::move(on_end)));
}

void TaskGroup::cancel_all() {
  auto next = members_->entries.begin();
  while (next != members_->entries.end()) {
    auto const current = next++;  // an emission may end the coroutine and erase its entry
    current->signal.emit(boost::asio::cancellation_type::terminal);
  }
}

std::size_t TaskGroup::size() const {
  return members_->entries.size();
}

std::vector<std::string> TaskGroup::names() const {
  std::vector<std::string> names;
  for (auto const& entry : members_->entries) names.push_back(entry.name);
  return names;
}

}  // namespace failover::adapters
