// What can happen in an event_loop: things that are posted, timers, and descriptors that get ready. The
// loop calls happen(); what that does is the business of who derives from these.
#pragma once

#include <cstdint>

#include "core/base/list.hh"
#include "core/base/rbtree.hh"
#include "core/base/types.hh"

namespace weft {

class event_loop;

namespace detail {

// Something that is done once for each time it is posted. It is in the loop's queue at most once.
class LoopEvent {
 public:
  LoopEvent() = default;
  LoopEvent(const LoopEvent&) = delete;
  LoopEvent& operator=(const LoopEvent&) = delete;

  // The event may be gone when it returns.
  virtual void happen() = 0;
  // The loop goes, and this has not happened: who belongs to nobody else goes with it.
  virtual void drop() {}

  ListHook hook;

 protected:
  ~LoopEvent() {
    if (hook.is_linked()) hook.unlink();
  }
};

// Something that is done at a time, unless it is stopped before.
class LoopTimer : public LoopEvent {
 public:
  struct Order {
    static bool before(const LoopTimer& a, const LoopTimer& b) { return a.when < b.when; }
  };

  RbNode node;
  Instant when = 0;
};

enum class Direction : uint8_t { read, write };

// Something that is done each time a descriptor is found ready.
class LoopWatch : public LoopEvent {
 public:
  int fd = -1;
  Direction direction = Direction::read;
};

}  // namespace detail
}  // namespace weft
