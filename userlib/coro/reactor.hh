// Reactor: a worker's coroutines that wait for descriptors, by way of epoll. io.hh has what programs use.
//
// Each descriptor has a place in a table that never moves: the coroutines that wait for it. An event
// names the descriptor, not a coroutine, so an event that comes late finds nobody rather than somebody
// else. A wait arms its descriptor for one event (EPOLLONESHOT); when more are waiting than the event
// woke, it is armed again. Nothing is kept of a descriptor when nobody waits for it, so programs close
// them as they like.
#pragma once

#include <span>

#include "core/abi/poll.hh"
#include "core/base/result.hh"
#include "userlib/coro/coroutine.hh"

namespace weft::coro {

class Reactor {
 public:
  ~Reactor();

  // Until the descriptor has one of those events (as poll() has them, with errors and hang-ups always), the
  // deadline, or a cancellation. An errno when the kernel refuses to watch it; a file that is always
  // ready is no error.
  static Result<Wake> wait(int32_t fd, uint32_t events, Instant deadline);

  // The same for several, until one of them has what its entry asks for. Those without a descriptor (-1) are
  // left out.
  static Result<Wake> wait(std::span<const abi::PollEntry> entries, Instant deadline);

  // How many wait by this reactor. Any thread.
  uint32_t waiting() const { return waiting_.load(relaxed); }
  // Unparks those whose descriptors are ready; doesn't wait. How many it was. Any thread.
  size_t poll();
  // The epoll set itself, readable when poll() would find something. -1 before the first wait.
  int32_t descriptor() const { return set_.load(acquire); }

 private:
  struct Place;
  class Watch;

  static Place* place_of(int32_t fd);
  Result<> arm(int32_t fd, uint32_t events);
  Result<int32_t> open();

  Atomic<int32_t> set_{-1};
  Atomic<uint32_t> waiting_{0};
};

}  // namespace weft::coro
