// Crew: the threads of a demo. They are made one by one and set off together, or not at all: if the
// memory doesn't suffice for all of them, none waits for one that never comes.
//   Crew<3> crew;
//   for (unsigned i = 0; i < 3; ++i) crew.add({.name = "worker"}, [&, i] { ... });
//   if (!crew.run(out)) return false;
#pragma once

#include <array>

#include "core/proc/kernel_thread.hh"
#include "core/sync/event.hh"
#include "monitor/console.hh"

namespace weft::monitor {

template <size_t k_size>
class Crew {
 public:
  Crew() = default;
  ~Crew() { finish(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // One more thread for the crew. It does not begin before run().
  template <typename Function>
  void add(const ThreadOptions& options, Function function) {
    ASSERT(count_ < k_size, "a crew has room for all its threads");
    Result<ThreadHandle> made = spawn(options, [this, function] {
      start_.wait();
      if (complete_) function();
    });
    if (made) {
      members_[count_++] = std::move(*made);
    } else {
      complete_ = false;
    }
  }

  // Lets them begin and waits until all have ended. False, with a message, if one could not be made.
  [[nodiscard]] bool run(Sink& out) {
    begin();
    finish();
    if (!complete_) say(out, "There is not enough memory for all the threads.");
    return complete_;
  }

  // The two halves of run(), for who has something to do in between.
  void begin() { start_.set(); }
  void finish() {
    start_.set();
    while (count_ > 0) members_[--count_].join();
  }
  bool is_complete() const { return complete_; }
  Thread& member(size_t index) { return *members_[index]; }

 private:
  Event start_;
  bool complete_ = true;  // written before the start only
  std::array<ThreadHandle, k_size> members_;
  size_t count_ = 0;
};

}  // namespace weft::monitor
