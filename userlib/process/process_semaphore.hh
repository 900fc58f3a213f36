// process_semaphore: a counting semaphore in memory that several processes share. A semaphore has no
// owner: what a process has acquired is gone with it. Where that matters, use a process_mutex.
#pragma once

#include "userlib/thread/semaphore.hh"

namespace weft {

class process_semaphore
    : public detail::BasicSemaphore<futex::Shared, detail::Semaphore<futex::Shared>::k_most> {
 public:
  using BasicSemaphore::BasicSemaphore;
};

}  // namespace weft
