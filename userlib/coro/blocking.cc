#include "userlib/coro/blocking.hh"

#include "userlib/base/lock.hh"
#include "userlib/sys/futex.hh"
#include "userlib/thread/thread_record.hh"

namespace weft::coro::detail {
namespace {

constexpr uint32_t k_most_threads = 64;

// The jobs that no thread has taken yet, and the threads. A thread is made when there is a job and
// nobody idle; it stays until the runtime ends.
struct Pool {
  Lock lock;
  BlockingJob* first GUARDED_BY(lock) = nullptr;
  BlockingJob* last GUARDED_BY(lock) = nullptr;
  weft::detail::ThreadRecord* threads[k_most_threads] GUARDED_BY(lock) = {};
  uint32_t thread_count GUARDED_BY(lock) = 0;
  uint32_t idle GUARDED_BY(lock) = 0;
  bool ending GUARDED_BY(lock) = false;
  Atomic<uint32_t> posted{0};  // a futex: changes with every job
  Atomic<size_t> under_way{0};
};
constinit Pool pool;

BlockingJob* take_job() REQUIRES(pool.lock) {
  BlockingJob* job = pool.first;
  if (job == nullptr) return nullptr;
  pool.first = job->next;
  if (pool.first == nullptr) pool.last = nullptr;
  return job;
}

// The next job for this thread, which sleeps until there is one. Null when the pool ends.
BlockingJob* wait_for_job() {
  // lab:m-to-n begin 5
  for (;;) {
    uint32_t seen = 0;
    {
      LockGuard held(pool.lock);
      if (BlockingJob* job = take_job()) return job;
      if (pool.ending) return nullptr;
      ++pool.idle;
      seen = pool.posted.load(relaxed);
    }
    futex::wait(pool.posted, seen);
    LockGuard held(pool.lock);
    --pool.idle;
  }
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 5");
  // lab:m-to-n end
}

void serve(void*) {
  while (BlockingJob* job = wait_for_job()) {
    Coroutine& waiting = *job->waiting;
    job->run(*job);
    pool.under_way.fetch_sub(1, relaxed);
    // The job lies on the stack of who is unparked here.
    const bool won = claim(waiting, Park::woken);
    ASSERT(won, "nobody but its thread ends a blocking call");
    unpark(waiting);
  }
}

}  // namespace

size_t blocking_calls() { return pool.under_way.load(relaxed); }

void run_blocking(BlockingJob& job) {
  Waiter waiter;
  waiter.prepare(Reason::blocking_call, Park::waiting_uninterruptibly);
  job.waiting = waiter.coroutine;
  pool.under_way.fetch_add(1, relaxed);
  // lab:m-to-n begin 5
  bool start = false;
  {
    LockGuard held(pool.lock);
    (pool.last == nullptr ? pool.first : pool.last->next) = &job;
    pool.last = &job;
    pool.posted.fetch_add(1, relaxed);
    start = pool.idle == 0 && pool.thread_count < k_most_threads;
    if (start) {
      auto thread = weft::detail::start_thread(thread_options{.name = "blocking"}, &serve, nullptr);
      if (thread) pool.threads[pool.thread_count++] = *thread;
      ASSERT(pool.thread_count > 0, "there is a thread for blocking calls");
    }
  }
  if (!start) futex::wake_one(pool.posted);
  (void)park(&job);
  // lab:m-to-n stub: panic("not implemented: lab m-to-n, part 5");
  // lab:m-to-n end
}

// Without the lock, which they need to end; nobody adds to them any more.
static void join_threads(uint32_t count) NO_THREAD_SAFETY_ANALYSIS {
  for (uint32_t i = 0; i < count; ++i) weft::detail::join_thread(pool.threads[i]);
}

void end_blocking_threads() {
  uint32_t count = 0;
  {
    LockGuard held(pool.lock);
    pool.ending = true;
    pool.posted.fetch_add(1, relaxed);
    count = pool.thread_count;
  }
  futex::wake_all(pool.posted);
  join_threads(count);
  LockGuard held(pool.lock);
  pool.thread_count = 0;
  pool.ending = false;
}

}  // namespace weft::coro::detail
