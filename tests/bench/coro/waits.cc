// Waiting: a hop by a semaphore, and what a coroutine that waits costs in memory.
#include <cstdio>
#include <cstring>
#include <vector>

#include "measure.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/stackless/spawn.hh"
#include "userlib/coro/sync/event.hh"

namespace weft::bench {
namespace {

using namespace coro;

// As the peer's: a count, and who waits for it.
struct Semaphore {
  ObjectLock lock;
  int count = 0;
  WaitList waiting;

  [[gnu::always_inline]] void acquire() {
    lock.lock();
    if (count > 0) {
      --count;
      return lock.unlock();
    }
    Waiter waiter;
    waiter.prepare(Reason::semaphore);
    waiting.push_back(waiter);
    lock.unlock();
    (void)park(this);
  }
  [[gnu::always_inline]] void release() {
    lock.lock();
    Coroutine* const chosen = waiting.claim_first();
    if (chosen == nullptr) ++count;
    lock.unlock();
    if (chosen != nullptr) unpark(*chosen);
  }
};

double semaphore_hop() {
  constexpr int k_rounds = 500'000;
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    Semaphore there;
    Semaphore back;
    auto other = go([&] {
      for (int i = 0; i < k_rounds; ++i) {
        there.acquire();
        back.release();
      }
    });
    answer = per_operation(2.0 * k_rounds, [&] {
      for (int i = 0; i < k_rounds; ++i) {
        there.release();
        back.acquire();
      }
    });
    other.join();
  });
  return answer;
}

// What the process has in memory of its own, with its page tables. (Its text comes in as it is needed, some
// hundred KiB while we measure, and isn't the coroutines'.)
double memory_in_use() {
  double sum = 0;
  std::FILE* file = std::fopen("/proc/self/status", "r");
  char line[256];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    double kibibytes = 0;
    if (std::sscanf(line, "RssAnon: %lf", &kibibytes) == 1 ||
        std::sscanf(line, "VmPTE: %lf", &kibibytes) == 1)
      sum += kibibytes * 1024;
  }
  std::fclose(file);
  return sum;
}

// Those that have not begun are so small that it takes about a million of them to see it. With the one
// that measures they fill the slab's chunks: what is left of the last chunk's huge page is up to 2 MiB
// of the program's, not a part of each coroutine.
double bytes_of_blocked(StackSize stack, bool begin) {
  const size_t count = begin ? 200'000 : 15 * coro::detail::k_blocks_in_chunk - 1;
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    std::vector<Coroutine*> blocked(count);
    std::vector<handle<void>> all(count);
    go({.stack = stack}, [] {}).join();  // the first block and stack are there, with their lists
    const double before = memory_in_use();
    for (size_t i = 0; i < count; ++i) {
      all[i] = go({.stack = stack}, [place = &blocked[i]] {
        Waiter waiter;
        waiter.prepare(Reason::other);
        *place = waiter.coroutine;
        (void)park(nullptr);
      });
    }
    if (begin) yield();
    answer = (memory_in_use() - before) / static_cast<double>(count);
    if (!begin) yield();
    for (Coroutine* each : blocked) {
      claim(*each, Park::woken);
      unpark(*each);
    }
    for (auto& each : all) each.join();
  });
  return answer;
}

task<> wait_for(event& gate) { (void)co_await gate.async_wait(); }

// A task that was spawned and waits: its frame, its root's, and its block.
double bytes_of_blocked_task() {
  const size_t count = 15 * coro::detail::k_blocks_in_chunk - 2;
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    event gate;
    std::vector<task_handle<void>> all(count);
    spawn(wait_for(gate)).detach();
    yield();
    const double before = memory_in_use();
    for (auto& each : all) each = spawn(wait_for(gate));
    yield();
    answer = (memory_in_use() - before) / static_cast<double>(count);
    gate.set();
    for (auto& each : all) each.join();
  });
  return answer;
}

// How many mappings the process has more, for that many coroutines with guarded stacks.
double mappings_of_guarded() {
  constexpr size_t k_count = 1'000'000;
  const auto mappings = [] {
    std::FILE* file = std::fopen("/proc/self/maps", "r");
    double lines = 0;
    for (int next = std::fgetc(file); next != EOF; next = std::fgetc(file)) lines += next == '\n';
    std::fclose(file);
    return lines;
  };
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    const double before = mappings();
    event gate;
    std::vector<handle<void>> all(k_count);
    for (auto& each : all) each = go({.stack = StackSize::k16}, [&] { gate.wait(); });
    yield();
    answer = mappings() - before;
    gate.set();
    for (auto& each : all) each.join();
  });
  return answer;
}

}  // namespace

const Measure k_waits[] = {
    {"semaphore_hop", semaphore_hop},
    {"bytes_guarded", [] { return bytes_of_blocked(StackSize::k64, true); }},
    {"bytes_packed_2k", [] { return bytes_of_blocked(StackSize::packed_2k, true); }},
    {"bytes_packed_1k", [] { return bytes_of_blocked(StackSize::packed_1k, true); }},
    {"bytes_not_started", [] { return bytes_of_blocked(StackSize::k64, false); }},
    {"bytes_stackless", bytes_of_blocked_task},
    {"mappings_guarded", mappings_of_guarded},
    {nullptr, nullptr}};

}  // namespace weft::bench
