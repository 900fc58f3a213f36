// Scheduler: what the workers of the running runtime share. scheduler.hh is its face.
#pragma once

#include "userlib/base/clock.hh"
#include "userlib/base/lock.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/ticks.hh"
#include "userlib/coro/watch.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/asymmetric.hh"
#include "userlib/thread/thread_record.hh"

namespace weft::coro {

class Scheduler {
 public:
  explicit Scheduler(const Options& options);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // The one that runs, or null.
  static Scheduler* running();

  void run(void (*begin)(void*), void* argument);

  const Options& options() const { return options_; }
  bool has_slices() const { return has_slices_; }
  bool is_lone() const { return options_.mode != Mode::shared; }
  unsigned worker_count() const { return worker_count_.load(acquire); }
  Worker& worker(unsigned number) { return *workers_[number]; }
  Worker& first_worker() { return *workers_[0]; }

  // For threads that are no workers. All may be over before it comes back, but this one waits for it.
  void make_runnable(Coroutine& coroutine);

  // How many coroutines have not ended. Exact when all workers stand still.
  uint64_t alive() const;

  // The queue that all share.
  void share(Chain& chain);
  Coroutine* take_shared(Worker& taker);
  bool shared_queue_empty() const { return shared_count_.load(seq_cst) == 0; }

  // Is there anything runnable in any queue?
  bool something_waits();

  // Something has become runnable: if a worker sleeps and none searches, one is woken to search. Who
  // wakes it counts it as searching already, so that not all are woken for one coroutine.
  // This comes after each spawn and each wake, so it has the light half of the fence. The heavy one is that of
  // whoever goes to sleep, between its mark (and the end of its search) and its last look at all queues.
  bool notify() {
    sys::light_fence();
    return idle_.load(seq_cst) != 0 && searching_.load(seq_cst) == 0 && wake_one();
  }
  const Atomic<uint64_t>& idle() const { return idle_; }
  // The word that a worker sleeps by.
  Atomic<uint32_t>& sleep_of(unsigned number) { return sleeps_[number]; }
  void begin_search() { searching_.fetch_add(1, seq_cst); }
  // At most half of the workers search.
  bool try_begin_search();
  // The searcher found something: there may be more, so another goes on searching. (A search that found
  // nothing ends with stop_search(), and that worker's own last look.)
  void end_search();
  void stop_search() { searching_.fetch_sub(1, seq_cst); }

  // The others look for it after that whenever they leave a parent.
  void mark_idle(Worker& sleeper) {
    idle_.fetch_or(mark_of(sleeper), seq_cst);
    for (unsigned i = 0; i < worker_count(); ++i) {
      if (i != sleeper.number()) worker(i).ask_for_parents();
    }
  }
  // False if somebody else has taken the mark away.
  bool unmark_idle(Worker& worker);
  bool all_idle() const;
  // Is another worker awake, and a CPU there for each? Then it pays to wait a little for what it may make.
  bool others_work_beside(const Worker& worker) const;

  // ---- How many work. There may be more workers than that, since one more is made for each that is held
  // up: then some rest. Who rests is not woken for work, and keeps nothing that others could do.
  void want_workers(unsigned count) { wanted_.store(count, relaxed); }
  bool has_surplus() const { return working(resting_.load(relaxed)) > wanted_.load(relaxed); }
  bool lacks_workers() const { return working(resting_.load(relaxed)) < wanted_.load(relaxed); }
  // False if there is no surplus any more.
  bool try_mark_resting(Worker& worker);
  void unmark_resting(Worker& worker) { resting_.fetch_and(~mark_of(worker), seq_cst); }
  unsigned resting_count() const { return worker_count() - working(resting_.load(relaxed)); }

  // The deterministic mode's clock. It stands still while somebody runs, but for a tick at each of the
  // base's turns, and jumps to the next deadline when nobody can. False in other modes.
  bool is_virtual() const { return options_.mode == Mode::deterministic; }
  Instant virtual_now() const { return virtual_now_; }
  void tick() { virtual_now_ += k_microsecond; }
  bool skip_to(Instant deadline) {
    if (!is_virtual() || deadline == k_never) return false;
    if (deadline > virtual_now_) virtual_now_ = deadline;
    return true;
  }

  // ---- The monitor (monitor.cc): a thread that looks, some times a second while anybody works, whether
  // a worker is held up by a coroutine that doesn't let go of it.
  void monitor();
  void wake_monitor() {
    if (monitor_word_.load(relaxed) == k_monitor_sleeps) wake_sleeping_monitor();
  }

  // Before a worker sleeps: if all do, and nothing can wake one, says so, once, where that is asked for.
  void look_for_deadlock() {
    if (options_.report_deadlocks && !deadlock_reported_.load(relaxed)) report_if_deadlocked();
  }
  const Moment& start() const { return start_; }

  void stop();
  bool stopping() const { return stopping_.load(acquire); }

 private:
  static constexpr unsigned k_most_workers = Watch::k_most_workers;
  // Values of monitor_word_.
  static constexpr uint32_t k_monitor_works = 0;
  static constexpr uint32_t k_monitor_sleeps = 1;
  static constexpr uint32_t k_monitor_ends = 2;

  static uint64_t mark_of(const Worker& worker) { return uint64_t{1} << worker.number(); }
  unsigned working(uint64_t resting) const {
    return worker_count() - static_cast<unsigned>(__builtin_popcountll(resting));
  }
  bool nothing_can_wake() const;
  void report_if_deadlocked();
  bool wake_one();
  void start_thread_of(unsigned number);
  void add_worker();
  void wake_sleeping_monitor();
  void sleep_until_work();
  void look_after_workers(Watch& watch);

  const Options options_;
  const bool has_slices_;
  unsigned first_count_ = 1;  // of workers: as many as were asked for
  const Moment start_ = Moment::now();
  Atomic<bool> deadlock_reported_{false};
  Atomic<unsigned> worker_count_{0};
  Worker* workers_[k_most_workers] = {};  // new ones come at the end, while others run
  weft::detail::ThreadRecord* threads_[k_most_workers] = {};
  weft::detail::ThreadRecord* monitor_ = nullptr;
  Atomic<uint32_t> monitor_word_{k_monitor_works};  // a futex

  Instant virtual_now_ = k_second;

  alignas(64) Atomic<uint64_t> idle_{0};
  Atomic<uint32_t> searching_{0};
  Atomic<bool> stopping_{false};
  Atomic<uint64_t> resting_{0};
  Atomic<unsigned> wanted_{1};
  // Here, since who wakes one of the first workers changes all that on one line.
  Atomic<uint32_t> sleeps_[k_most_workers];
  alignas(64) Lock lock_;
  Coroutine* shared_first_ GUARDED_BY(lock_) = nullptr;
  Coroutine* shared_last_ GUARDED_BY(lock_) = nullptr;
  Atomic<size_t> shared_count_{0};
  Atomic<uint32_t> visitors_{0};  // threads that are no workers, and make one runnable just now
};

}  // namespace weft::coro
