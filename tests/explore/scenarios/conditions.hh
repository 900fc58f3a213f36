// What condition variables are for, whichever of the userlib's two kinds they are: its threads', or its
// coroutines'.
#pragma once

#include "explore/scenario.hh"
#include "userlib/thread/lock.hh"

namespace weft::explore {

// One waits for a flag, one sets it.
template <typename Mutex, typename Condition>
void wait_for_a_flag(Stage& stage) {
  Mutex lock;
  Condition changed;
  bool is_set = false;
  stage.thread("waiter", [&] {
    unique_lock guard(lock);
    while (!is_set) changed.wait(guard);
  });
  stage.thread("setter", [&] {
    {
      lock_guard guard(lock);
      is_set = true;
    }
    changed.notify_one();
  });
  stage.run();
}

// Two numbers go through a place for one, to two consumers.
template <typename Mutex, typename Condition>
void pass_through_one_place(Stage& stage) {
  Mutex lock;
  Condition changed;
  int place = 0;
  int sum = 0;
  for (const char* name : {"consumer 1", "consumer 2"}) {
    stage.thread(name, [&] {
      unique_lock guard(lock);
      while (place == 0) changed.wait(guard);
      sum += place;
      place = 0;
      changed.notify_all();
    });
  }
  stage.thread("producer", [&] {
    for (const int number : {1, 2}) {
      unique_lock guard(lock);
      while (place != 0) changed.wait(guard);
      place = number;
      changed.notify_all();
    }
  });
  stage.run();
  check(sum == 3, "each number comes through once");
}

}  // namespace weft::explore
