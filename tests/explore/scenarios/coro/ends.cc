// The end of a coroutine, and who waits for it, gives up waiting, or lets go of it.
#include "explore/scenarios/coro/runtime.hh"
#include "userlib/coro/scope.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"
#include "userlib/coro/sync/semaphore.hh"

namespace weft::explore {
namespace {

using coro::Mode;

// The work runs on the first of two workers; what it starts may run on either.
template <typename Work>
void run_on_two_workers(Stage& stage, Runtime& runtime, const Work& work) {
  stage.thread("worker 1", [&] { runtime.begin(work); });
  stage.thread("worker 2", [&] { runtime.help(); });
  stage.run();
}

const Scenario joined_late{
    {.name = "coro-join-time-out",
     .about = "a coroutine ends just as the patience of who waits for it does",
     .preemptions = 1,
     .interrupts = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      Runtime runtime(Mode::shared, 2);
      int result = 0;
      run_on_two_workers(stage, runtime, [&] {
        auto child = coro::go([] { return 7; });
        static_cast<void>(child.wait_until(1000));
        result = child.join();
      });
      check(result == 7, "its result is there in either case");
    }};

// A parent that still waits where it began the child has the child's handle, so the end needs no word with
// others. Here it is the parent of another one that waits there.
const Scenario child_first{
    {.name = "coro-child-first",
     .about =
         "a coroutine ends before another one's parent goes on, and is joined by a third meanwhile",
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      Runtime runtime(Mode::shared, 2);
      int result = 0;
      run_on_two_workers(stage, runtime, [&] {
        begin_and_join_one();
        coro::counting_semaphore<> key(0);
        auto waiting = coro::go({.launch = coro::Launch::now}, [&] {
          key.acquire();
          return 7;
        });
        auto joining = coro::go([&] { result = waiting.join(); });
        coro::go({.launch = coro::Launch::now}, [&] { key.release(); }).join();
        joining.join();
      });
      check(result == 7, "its result is there");
    }};

// The child's function and its arguments are in a variable of its parent's until the child has them. Here each
// child's is in the same place.
[[gnu::noinline]] coro::handle<int> begin_child(int number) {
  return coro::go({.launch = coro::Launch::now}, [number] { return 1 << number; });
}

const Scenario child_first_takes{
    {.name = "coro-child-first-takes",
     .about =
         "a parent is taken by another worker, and begins a second child where it began the first",
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      Runtime runtime(Mode::shared, 2);
      int sum = 0;
      run_on_two_workers(stage, runtime, [&] {
        begin_and_join_one();
        coro::handle<int> children[2];
        for (int i = 0; i < 2; ++i) children[i] = begin_child(i);
        for (auto& child : children) sum += child.join();
      });
      check(sum == 3, "each child had its own argument");
    }};

task<> take_key_in_time(coro::counting_semaphore<>& keys, bool& has_it) {
  has_it = co_await keys.async_acquire_until(1000) == coro::Wake::woken;
}

// A task that has waited in vain asks its block what it has waited for.
const Scenario key_in_time{
    {.name = "coro-task-time-out",
     .about = "a key comes just as the task that waits for it has waited long enough",
     .preemptions = 0,
     .interrupts = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      Runtime runtime(Mode::shared, 2);
      bool is_left = true;
      run_on_two_workers(stage, runtime, [&] {
        coro::counting_semaphore<> keys(0);
        bool has_it = false;
        auto patient = coro::go([&] { keys.acquire(); });
        auto waiting = coro::spawn(take_key_in_time(keys, has_it));
        auto giving = coro::go([&] { keys.release(); });
        waiting.join();
        if (has_it) keys.release();
        patient.join();
        giving.join();
        is_left = keys.try_acquire();
      });
      check(!is_left, "the key went to one of them");
    }};

task<int> seven() { co_return 7; }

// (It waits in its own worker's queue, so the other one can run it at any moment of the waiting.)
task<> begin_and_take(int& result) {
  result = co_await coro::go([] { return 7; });
}

const Scenario awaited{{.name = "coro-await",
                        .about = "a coroutine ends just as the task that awaits it falls asleep",
                        .preemptions = 1,
                        .random_runs = 1000},
                       [](Stage& stage) {
                         Runtime runtime(Mode::shared, 2);
                         int result = 0;
                         run_on_two_workers(stage, runtime,
                                            [&] { coro::spawn(begin_and_take(result)).join(); });
                         check(result == 7, "its result is there");
                       }};

// For a while first, and then as long as it takes.
template <typename Handle>
task<> take_late(Handle joined, int& result) {
  static_cast<void>(co_await coro::async_wait_until(joined, 1000));
  result = co_await std::move(joined);
}

const Scenario awaited_late{
    {.name = "coro-await-time-out",
     .about = "a coroutine and a task end just as the patience of the tasks that await them does",
     .preemptions = 0,
     .interrupts = 1,
     .random_runs = 4000},
    [](Stage& stage) {
      Runtime runtime(Mode::shared, 2);
      int results[2] = {};
      run_on_two_workers(stage, runtime, [&] {
        auto first = coro::spawn(take_late(coro::go([] { return 7; }), results[0]));
        auto second = coro::spawn(take_late(coro::spawn(seven()), results[1]));
        first.join();
        second.join();
      });
      check(results[0] == 7 && results[1] == 7, "their results are there in any case");
    }};

// What nobody wants is destroyed once, by whoever comes last.
struct Result {
  explicit Result(Atomic<int>& count) : alive(&count) { alive->fetch_add(1, relaxed); }
  Result(Result&& other) noexcept : alive(other.alive) { alive->fetch_add(1, relaxed); }
  ~Result() { alive->fetch_sub(1, relaxed); }
  Atomic<int>* alive;
};

const Scenario let_go{{.name = "coro-detach",
                       .about = "a coroutine ends just as its handle lets go of it",
                       .preemptions = 1,
                       .random_runs = 1000},
                      [](Stage& stage) {
                        Runtime runtime(Mode::shared, 2);
                        Atomic<int> results{0};
                        run_on_two_workers(stage, runtime, [&] {
                          auto child = coro::go([&] { return Result(results); });
                          coro::yield();
                          child.detach();
                        });
                        check(results.load(relaxed) == 0, "its result is gone");
                      }};

const Scenario scoped{
    {.name = "coro-scope",
     .about = "a scope is cancelled while one of its two begins to wait, and one ends",
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      Runtime runtime(Mode::shared, 2);
      bool was_cancelled = false;
      run_on_two_workers(stage, runtime, [&] {
        coro::event never;
        coro::scope tasks;
        tasks.go([&] { was_cancelled = never.wait_until(k_never) == coro::Wake::cancelled; });
        tasks.go([] {});
        tasks.cancel();
        static_cast<void>(tasks.join());
      });
      check(was_cancelled, "who waited was told");
    }};

}  // namespace
}  // namespace weft::explore
