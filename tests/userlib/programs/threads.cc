// Threads: each case prints what only holds if they and their locks do what they promise.
#include <string_view>

#include "userlib/base/file.hh"
#include "userlib/base/heap.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/base/vector.hh"
#include "userlib/sys/exit.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/condition_variable.hh"
#include "userlib/thread/latch.hh"
#include "userlib/thread/semaphore.hh"
#include "userlib/thread/thread.hh"

using namespace weft;

namespace {

thread_local int own = 1;
alignas(64) thread_local char aligned[100] = {'a'};

// What may stay: the library keeps some stacks of joined threads for the next ones, and the heap grows.
constexpr uint64_t k_kept_stacks = 8 + 4;

// How much address space this process has, in stacks: other things take less than half a stack.
uint64_t stacks() {
  const auto text = read_file("/proc/self/stat");
  if (!text) return 0;
  const auto words = split_words(text->substr(text->view().rfind(')') + 2));
  constexpr size_t k_size_field = 20;  // the 23rd of all, the 21st behind the name
  const auto bytes = static_cast<uint64_t>(parse_number(words[k_size_field]).value_or(0));
  return (bytes + thread::k_stack_size / 2) / thread::k_stack_size;
}

void many() {
  const auto before = heap::statistics();
  const uint64_t stacks_before = stacks();
  Atomic<uint32_t> count{0};
  for (int round = 0; round < 20; ++round) {
    Vector<thread> threads;
    for (uint32_t i = 0; i < 50; ++i) {
      threads.push_back(thread([&](uint32_t amount) { count.fetch_add(amount, relaxed); }, i));
    }
    for (thread& each : threads) each.join();
  }
  print("sum {}, leaked {} blocks, stacks {}\n", count.load(relaxed),
        heap::statistics().blocks - before.blocks,
        stacks() <= stacks_before + k_kept_stacks ? "gone" : "stay");
}

void apart() {
  int other = 0;
  bool was_aligned = false;
  thread([&] {
    was_aligned =
        reinterpret_cast<uintptr_t>(aligned) % 64 == 0 && aligned[0] == 'a' && aligned[99] == 0;
    own += 10;
    other = own;
  }).join();
  print("mine {}, the other's {}, aligned {}\n", own, other, was_aligned);
}

void exclusive() {
  mutex lock;
  uint64_t plain = 0;
  Vector<thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.push_back(thread([&] {
      for (int step = 0; step < 50000; ++step) {
        const lock_guard guard(lock);
        plain = plain + 1;
      }
    }));
  }
  for (thread& each : threads) each.join();
  print("counted {}\n", plain);
}

// One place for one number: each side waits for the other every time, so a single lost wake-up stops both.
void handed_over() {
  mutex lock;
  condition_variable changed;
  int place = 0;
  uint64_t sum = 0;
  constexpr int k_last = 20000;
  thread consumer([&] {
    unique_lock held(lock);
    for (int expected = 1; expected <= k_last; ++expected) {
      changed.wait(held, [&] { return place != 0; });
      sum += static_cast<uint64_t>(place);
      place = 0;
      changed.notify_one();
    }
  });
  for (int i = 1; i <= k_last; ++i) {
    unique_lock held(lock);
    changed.wait(held, [&] { return place == 0; });
    place = i;
    held.unlock();
    changed.notify_one();
  }
  consumer.join();
  print("sum {}\n", sum);
}

void ring() {
  binary_semaphore go[3] = {binary_semaphore(1), binary_semaphore(0), binary_semaphore(0)};
  uint32_t turns = 0;
  bool in_order = true;
  Vector<thread> threads;
  for (uint32_t own_place = 0; own_place < 3; ++own_place) {
    threads.push_back(thread([&, own_place] {
      for (int round = 0; round < 3000; ++round) {
        go[own_place].acquire();
        in_order = in_order && turns % 3 == own_place;
        ++turns;
        go[(own_place + 1) % 3].release();
      }
    }));
  }
  for (thread& each : threads) each.join();
  print("turns {}, in order {}\n", turns, in_order);
}

// They end after they were detached, so each takes away its own stack.
void detached() {
  const uint64_t before = stacks();
  latch go(1);
  latch done(100);
  for (int i = 0; i < 100; ++i) {
    thread([&] {
      go.wait();
      done.count_down();
    }).detach();
  }
  go.count_down();
  done.wait();
  print("all came\n");
  while (stacks() > before + k_kept_stacks) this_thread::yield();  // they are on their way out
  print("all gone\n");
}

// Detaching and ending at once, again and again: whoever is last takes the stack away, exactly once.
void detached_late() {
  const uint64_t before = stacks();
  for (int i = 0; i < 2000; ++i) {
    Atomic<uint32_t> came{0};
    thread each([&] { came.store(1, release); });
    while (came.load(acquire) == 0) this_thread::yield();
    each.detach();
  }
  // The very last may still be on its way out.
  print("{}\n", stacks() <= before + k_kept_stacks ? "all gone" : "some stay");
}

void timed() {
  mutex lock;
  condition_variable never;
  unique_lock held(lock);
  const bool notified = never.wait_for(held, std::chrono::microseconds(1)) == cv_status::no_timeout;
  print("notified {}, held {}\n", notified, held.owns_lock());
}

void refused() {
  const auto none = thread::start({.stack_size = size_t{1} << 60}, [] {});
  print("errno {}\n", none.has_value() ? Errno{0} : none.error());
}

void ended_by_one() {
  latch running(1);
  thread other([&] {
    running.count_down();
    weft::exit(7);
  });
  running.wait();
  for (;;) this_thread::yield();
}

void overrun() {
  thread([] {
    volatile char* place = static_cast<char*>(__builtin_frame_address(0));
    for (size_t i = 0; i < 2 * thread::k_stack_size; i += 4096) *(place - i) = 1;
  }).join();
  print("no guard\n");
}

// A thread-local object is made on first use, and goes with its thread.
struct Noisy {
  Noisy() { print("made\n"); }
  ~Noisy() { print("gone\n"); }
  int value = 1;
};
thread_local Noisy noisy;

void thread_local_objects() {
  thread([] {
    noisy.value += 1;
    print("value {}\n", noisy.value);
  }).join();
  print("joined\n");
}

// main() returns at once. The process ends with the last foreground thread, not with the daemon.
void foreground() {
  thread(thread_options{.daemon = true}, [] {
    for (;;) this_thread::yield();
  }).detach();
  thread([] {
    thread([] {
      this_thread::sleep_for(std::chrono::milliseconds(1));
      print("the last one\n");
    }).detach();
    print("the first one\n");
  }).detach();
}

void only_a_daemon() {
  thread(thread_options{.daemon = true}, [] {
    for (;;) this_thread::yield();
  }).detach();
  print("main is over\n");
}

struct Case {
  std::string_view name;
  void (*run)();
};
constexpr Case k_cases[] = {{"many", many},
                            {"apart", apart},
                            {"exclusive", exclusive},
                            {"handed over", handed_over},
                            {"ring", ring},
                            {"detached", detached},
                            {"detached late", detached_late},
                            {"timed", timed},
                            {"refused", refused},
                            {"ended by one", ended_by_one},
                            {"overrun", overrun},
                            {"thread-local objects", thread_local_objects},
                            {"foreground", foreground},
                            {"only a daemon", only_a_daemon}};

}  // namespace

int main(int argc, char** argv) {
  for (const Case& each : k_cases) {
    if (argc > 1 && each.name == argv[1]) each.run();
  }
  return 0;
}
