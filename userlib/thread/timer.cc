#include "userlib/thread/timer.hh"

#include <algorithm>

#include "userlib/base/vector.hh"
#include "userlib/sys/thread_number.hh"
#include "userlib/thread/condition_variable.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/once.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace detail {

struct TimerEntry {
  Instant time;
  Nanoseconds period;  // 0: once
  unique_function<void()> function;
  bool is_due = true;  // there is a call to come; it is in the list then, or its function runs
  bool is_running = false;
  bool is_orphan = false;  // its timer is gone: the service takes it away
};

namespace {

// All timers of the process, and the thread that serves them.
class TimerService {
 public:
  void add(TimerEntry* entry) {
    call_once(started_,
              [this] { thread({.name = "timers", .daemon = true}, [this] { serve(); }).detach(); });
    const lock_guard guard(mutex_);
    insert(entry);
  }

  bool cancel(TimerEntry* entry) {
    unique_lock held(mutex_);
    const bool was_due = entry->is_due;
    entry->is_due = false;
    if (!entry->is_running) {
      if (was_due) remove(entry);
      held.unlock();
      delete entry;
      return was_due;
    }
    if (runner_ == sys::thread_number()) {
      entry->is_orphan = true;
      return was_due;
    }
    finished_.wait(held, [&] { return !entry->is_running; });
    held.unlock();
    delete entry;
    return was_due;
  }

 private:
  // The earliest stands last.
  void insert(TimerEntry* entry) {
    size_t at = 0;
    while (at < waiting_.size() && waiting_[at]->time > entry->time) ++at;
    waiting_.insert(at, entry);
    if (waiting_.back() == entry) earlier_.notify_one();
  }
  void remove(TimerEntry* entry) {
    const auto* place = std::find(waiting_.begin(), waiting_.end(), entry);
    waiting_.erase(static_cast<size_t>(place - waiting_.begin()));
  }

  void serve() {
    unique_lock held(mutex_);
    runner_ = sys::thread_number();
    for (;;) {
      const Instant next = waiting_.empty() ? k_never : waiting_.back()->time;
      if (next > instant_now()) {
        (void)earlier_.wait_until_instant(held, next);
        continue;
      }
      TimerEntry* entry = waiting_.back();
      waiting_.pop_back();
      call(entry, held);
    }
  }

  void call(TimerEntry* entry, unique_lock<mutex>& held) {
    entry->is_due = entry->period > 0;
    entry->is_running = true;
    held.unlock();
    entry->function();
    held.lock();
    entry->is_running = false;
    if (entry->is_orphan) {
      held.unlock();  // its function may have timers of its own, which want to be cancelled
      delete entry;
      held.lock();
      return;
    }
    if (entry->is_due) {
      entry->time += entry->period;
      insert(entry);
    }
    finished_.notify_all();
  }

  once_flag started_;
  mutex mutex_;
  condition_variable earlier_;   // there is a new first one
  condition_variable finished_;  // a function has returned
  Vector<TimerEntry*> waiting_;
  int32_t runner_ = 0;
};

// Never taken away: its thread may run to the very end of the process.
TimerService& service() {
  static once_flag made;
  static TimerService* only = nullptr;
  call_once(made, [] { only = new TimerService; });
  return *only;
}

}  // namespace
}  // namespace detail

timer::timer(Instant first, Nanoseconds period, unique_function<void()> function)
    : entry_(new detail::TimerEntry{first, period, std::move(function)}) {
  detail::service().add(entry_);
}

bool timer::cancel() {
  auto* entry = std::exchange(entry_, nullptr);
  return entry != nullptr && detail::service().cancel(entry);
}

}  // namespace weft
