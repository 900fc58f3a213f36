// Coroutines that can't go on, for the debugger's tests: process 1 of a machine. Two have each a lock that the
// other wants; two have each taken a key that only the other gives back. A child process calls
// scene_is_set() again and again, since here nobody is left to do so.
#include "userlib/coro/channel/channel.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/coro/sync/semaphore.hh"
#include "userlib/coro/timer.hh"
#include "userlib/process/fork.hh"
#include "userlib/process/process_queue.hh"
#include "userlib/thread/queue.hh"
#include "userlib/thread/thread.hh"

using namespace weft;

[[clang::no_destroy]] static coro::mutex left, right;
[[clang::no_destroy]] static coro::counting_semaphore<> front{1}, back{1};

// To be printed: each has had two values go through it.
[[clang::no_destroy]] static queue<int> numbers{9};
[[clang::no_destroy]] static process_queue<int, 4> shared_numbers;
[[clang::no_destroy]] static coro::channel<int> letters{3};

static void fill(auto put, auto take) {
  for (int value = 1; value <= 4; ++value) {
    if (value > 2) take();
    put(value);
  }
}

[[gnu::noinline]] static int lock_both(coro::mutex& first,
                                       coro::mutex& second) NO_THREAD_SAFETY_ANALYSIS {
  first.lock();
  coro::yield();
  second.lock();
  return 1;
}

[[gnu::noinline]] static int take_both(coro::counting_semaphore<>& first,
                                       coro::counting_semaphore<>& second) {
  first.acquire();
  coro::yield();
  second.acquire();
  return 1;
}

static int begin() {
  fill([](int value) { (void)numbers.push(value); }, [] { (void)numbers.pop(); });
  fill([](int value) { (void)shared_numbers.push(value); }, [] { (void)shared_numbers.pop(); });
  fill([](int value) { (void)letters.send(value); }, [] { (void)letters.receive(); });
  coro::handle<int> one = coro::go([] { return lock_both(left, right) + 1; });
  coro::handle<int> two = coro::go([] { return lock_both(right, left) + 1; });
  coro::handle<int> three = coro::go([] { return take_both(front, back) + 1; });
  coro::handle<int> four = coro::go([] { return take_both(back, front) + 1; });
  return one.join() + two.join() + three.join() + four.join();
}

volatile uint64_t rounds = 0;

[[gnu::noinline]] void scene_is_set() { rounds = rounds + 1; }

[[noreturn]] static void call_again_and_again() {
  for (;;) {
    this_thread::sleep_for(std::chrono::milliseconds(1));
    scene_is_set();
  }
}

int main(int, char**) {
  if (const Result<int32_t> child = fork_process(); child.has_value() && *child == 0)
    call_again_and_again();
  return coro::run(coro::Options{.mode = coro::Mode::lone}, begin);
}
