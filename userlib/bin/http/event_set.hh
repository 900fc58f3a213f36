// EventSet: descriptors, and what is awaited of each; the kernel's epoll, which is behind every event loop. It tells
// again and again what is so (it is "level-triggered"), until that is dealt with or not asked for any more.
#pragma once

#include <cstdint>
#include <span>

#include "core/abi/poll.hh"
#include "core/base/result.hh"

namespace weft::http {

class EventSet {
 public:
  EventSet() = default;
  EventSet(const EventSet&) = delete;
  EventSet& operator=(const EventSet&) = delete;
  ~EventSet();

  static constexpr uint32_t k_readable = 0x1;  // or at its end
  static constexpr uint32_t k_writable = 0x4;
  static constexpr uint32_t k_nothing = 0;  // errors and hang-ups are told always

  Result<> open();
  // Tells of them from now on. A descriptor that is closed leaves the set by itself.
  Result<> add(int fd, uint32_t events);
  Result<> change(int fd, uint32_t events);

  // The descriptors of which there is something to tell, at least one. They hold until the next call.
  struct Event {
    abi::EpollEvent event;
    int fd() const { return static_cast<int>(event.data); }
  };
  Result<std::span<const Event>> wait();

 private:
  static constexpr int k_most = 64;

  Result<> control(int operation, int fd, uint32_t events);

  int fd_ = -1;
  Event events_[k_most];
};

}  // namespace weft::http
