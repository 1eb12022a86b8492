#pragma once

#include <stdexcept>

#include <sys/resource.h>

namespace failover::test {

/// While it lives, this process gets no new descriptor: opening anything fails with EMFILE.
class NoDescriptors {
 public:
  NoDescriptors() {
    if (::getrlimit(RLIMIT_NOFILE, &before_) != 0) throw std::runtime_error("cannot read the limit of descriptors");
    rlimit const none{0, before_.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &none) != 0) throw std::runtime_error("cannot set the limit of descriptors");
  }
  NoDescriptors(NoDescriptors const&) = delete;
  NoDescriptors& operator=(NoDescriptors const&) = delete;
  ~NoDescriptors() { (void)::setrlimit(RLIMIT_NOFILE, &before_); }  // within the hard limit: cannot fail

 private:
  rlimit before_ = {};
};

}  // namespace failover::test
