#include "userlib/coro/scheduler.hh"

#include <algorithm>
#include <new>

#include "userlib/coro/blocking.hh"
#include "userlib/coro/deadlock.hh"
#include "userlib/coro/scheduler_state.hh"
#include "userlib/coro/time_slice.hh"
#include "userlib/sys/futex.hh"
#include "userlib/sys/spin.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/thread.hh"

namespace weft::coro {
namespace {
constinit Scheduler* the_one = nullptr;

// A mapping each: what a worker changes at every turn is on no page, and no cache line, of another's.
Worker* make_worker(Scheduler& scheduler, unsigned number) {
  const auto place = sys::mmap(nullptr, sizeof(Worker), abi::k_prot_read | abi::k_prot_write,
                               abi::k_map_private | abi::k_map_anonymous, -1, 0);
  ASSERT(place.has_value(), "there is memory for the workers");
  return new (*place) Worker(scheduler, number);
}

void drop_worker(Worker& worker) {
  worker.~Worker();
  (void)sys::munmap(&worker, sizeof(Worker));
}

}  // namespace

Scheduler* Scheduler::running() { return the_one; }

Scheduler::Scheduler(const Options& options)
    : options_(options), has_slices_(!is_lone() && options.time_slice != 0 && start_time_slices()) {
  ASSERT(the_one == nullptr, "there is one runtime at a time");
  the_one = this;
  detail::open_trace();
  if (!is_lone()) sys::start_asymmetric_fences();
  unsigned count = 1;
  if (!is_lone()) count = options.workers != 0 ? options.workers : thread::hardware_concurrency();
  if (count > k_most_workers) count = k_most_workers;
  for (unsigned i = 0; i < count; ++i) workers_[i] = make_worker(*this, i);
  worker_count_.store(count, release);
  first_count_ = count;
  want_workers(count);
}

// A thread that has made the last coroutine runnable may be about to look whom to wake for it.
Scheduler::~Scheduler() {
  while (visitors_.load(acquire) != 0) (void)sys::sched_yield();
  for (unsigned i = 0; i < worker_count(); ++i) drop_worker(*workers_[i]);
  detail::close_trace();
  the_one = nullptr;
}

void Scheduler::start_thread_of(unsigned number) {
  auto started = weft::detail::start_thread(
      thread_options{.name = "worker"},
      [](void* worker) { static_cast<Worker*>(worker)->live(nullptr, nullptr); }, workers_[number]);
  ASSERT(started.has_value(), "there are threads for the workers");
  threads_[number] = *started;
}

void Scheduler::run(void (*begin)(void*), void* argument) {
  for (unsigned i = 1; i < worker_count(); ++i) start_thread_of(i);
  if (!is_lone()) {
    auto started = weft::detail::start_thread(
        thread_options{.name = "monitor"},
        [](void* scheduler) { static_cast<Scheduler*>(scheduler)->monitor(); }, this);
    ASSERT(started.has_value(), "there is a thread for the monitor");
    monitor_ = *started;
  }
  first_worker().live(begin, argument);
  if (monitor_ != nullptr) weft::detail::join_thread(monitor_);
  for (unsigned i = 1; i < worker_count(); ++i) weft::detail::join_thread(threads_[i]);
  detail::end_blocking_threads();
}

// One that rests, or a new one.
void Scheduler::add_worker() {
  for (uint64_t resting = resting_.load(seq_cst); resting != 0;) {
    const uint64_t mark = resting & -resting;
    if ((resting_.fetch_and(~mark, seq_cst) & mark) != 0)
      return worker(static_cast<unsigned>(__builtin_ctzll(mark))).wake();
    resting = resting_.load(seq_cst);
  }
  const unsigned number = worker_count();
  if (number == k_most_workers) return;
  workers_[number] = make_worker(*this, number);
  worker_count_.store(number + 1, release);
  start_thread_of(number);
}

void Scheduler::make_runnable(Coroutine& coroutine) {
  visitors_.fetch_add(1, relaxed);
  if (is_lone()) {
    first_worker().post(coroutine);
  } else {
    Chain chain;
    chain.append(coroutine);
    share(chain);
    notify();
  }
  visitors_.fetch_sub(1, release);
}

// Who is seen to have ended is seen to have begun: so it is never too small, and 0 means none.
uint64_t Scheduler::alive() const {
  uint32_t begun = 0;
  uint32_t ended = 0;
  for (unsigned i = 0; i < worker_count(); ++i) ended += workers_[i]->ended_elsewise();
  for (unsigned i = 0; i < worker_count(); ++i) begun += workers_[i]->begun_elsewise();
  return begun - ended;
}

// ---- Deadlocks -------------------------------------------------------------------------------------

bool Scheduler::nothing_can_wake() const {
  if (alive() == 0 || detail::blocking_calls() > 0 || (!is_lone() && !all_idle())) return false;
  for (unsigned i = 0; i < worker_count(); ++i) {
    if (workers_[i]->timers().first_deadline() != k_never || workers_[i]->reactor().waiting() > 0)
      return false;
  }
  return true;
}

void Scheduler::report_if_deadlocked() {
  if (!nothing_can_wake() || deadlock_reported_.exchange(true, relaxed)) return;
  report_deadlock(2);
}

// ---- The shared queue ------------------------------------------------------------------------------

void Scheduler::share(Chain& chain) {
  LockGuard held(lock_);
  (shared_first_ == nullptr ? shared_first_ : shared_last_->next) = chain.first;
  shared_last_ = chain.last;
  shared_count_.store(shared_count_.load(relaxed) + chain.count, seq_cst);
}

// The first, and a fair part of the others for the taker's own queue.
Coroutine* Scheduler::take_shared(Worker& taker) {
  if (shared_queue_empty()) return nullptr;
  LockGuard held(lock_);
  const size_t count = shared_count_.load(relaxed);
  if (count == 0) return nullptr;
  const size_t wanted =
      std::min<size_t>((count + worker_count() - 1) / worker_count(), FifoQueue::k_room / 2);
  Coroutine* first = nullptr;
  size_t taken = 0;
  for (; taken < wanted; ++taken) {
    Coroutine& each = *shared_first_;
    Coroutine* rest = each.next;
    each.next = &each;
    if (first == nullptr) {
      first = &each;
    } else if (!taker.take_in(each)) {
      each.next = rest;
      break;
    }
    shared_first_ = rest;
  }
  shared_count_.store(count - taken, seq_cst);
  return first;
}

bool Scheduler::something_waits() {
  bool is_there = !shared_queue_empty();
  for (unsigned i = 0; i < worker_count() && !is_there; ++i) is_there = worker(i).has_something();
  return is_there;
}

// ---- Who sleeps and who searches -------------------------------------------------------------------

bool Scheduler::wake_one() {
  uint32_t nobody = 0;
  if (!searching_.compare_exchange(nobody, 1, seq_cst)) return false;
  for (uint64_t idle = idle_.load(seq_cst); idle != 0; idle = idle_.load(seq_cst)) {
    const uint64_t mark = idle & -idle;
    if ((idle_.fetch_and(~mark, seq_cst) & mark) == 0) continue;
    Worker& sleeper = worker(static_cast<unsigned>(__builtin_ctzll(mark)));
    sleeper.wake(this_worker());
    return true;
  }
  end_search();  // meanwhile others may have counted on this search, and somebody may sleep by now
  return false;
}

bool Scheduler::try_begin_search() {
  uint32_t seen = searching_.load(relaxed);
  while (2 * seen < worker_count()) {
    if (searching_.compare_exchange(seen, seen + 1, seq_cst)) return true;
  }
  return false;
}

void Scheduler::end_search() {
  if (searching_.fetch_sub(1, seq_cst) == 1) notify();
}

bool Scheduler::unmark_idle(Worker& worker) {
  const uint64_t mark = mark_of(worker);
  // It doesn't come back: nobody but the worker itself sets it.
  if ((idle_.load(seq_cst) & mark) == 0) return false;
  return (idle_.fetch_and(~mark, seq_cst) & mark) != 0;
}

bool Scheduler::try_mark_resting(Worker& worker) {
  uint64_t resting = resting_.load(relaxed);
  while (working(resting) > wanted_.load(relaxed)) {
    if (resting_.compare_exchange(resting, resting | mark_of(worker), seq_cst)) return true;
  }
  return false;
}

bool Scheduler::others_work_beside(const Worker& worker) const {
  const uint64_t resting = resting_.load(relaxed);
  const uint64_t asleep = idle_.load(relaxed) | resting | mark_of(worker);
  return asleep != ~uint64_t{0} >> (64 - worker_count()) && working(resting) <= sys::cpu_count();
}

bool Scheduler::all_idle() const {
  const uint64_t all = ~uint64_t{0} >> (64 - worker_count());
  return (idle_.load(seq_cst) | resting_.load(seq_cst)) == all;
}

void Scheduler::stop() {
  stopping_.store(true, seq_cst);
  for (unsigned i = 0; i < worker_count(); ++i) workers_[i]->wake();
  monitor_word_.store(k_monitor_ends, seq_cst);
  futex::wake_one(monitor_word_);
}

// ---- For programs --------------------------------------------------------------------------------------

void detail::run(const Options& options, void (*begin)(void*), void* argument) {
  Scheduler scheduler(options);
  scheduler.run(begin, argument);
}

Figures figures() {
  Figures figures;
  Scheduler* scheduler = Scheduler::running();
  if (scheduler == nullptr) return figures;
  figures.workers = scheduler->worker_count();
  figures.resting = scheduler->resting_count();
  figures.alive = scheduler->alive();
  for (unsigned i = 0; i < scheduler->worker_count(); ++i) {
    figures.spawned += scheduler->worker(i).spawned();
    figures.stolen += scheduler->worker(i).stolen();
  }
  return figures;
}

}  // namespace weft::coro
