// Run:      crowd [-n COROUTINES] [-s STACK] [-r ROUNDS] [-w WORKERS] [-d] [-t]
// Look for: a hundred thousand coroutines at once, each with a stack of its own, each woken in every round.
// Why:      a coroutine is 64 bytes and the pages of its stack that it has touched; the kernel knows none of
//           them. They fit into half a gigabyte, a million with small stacks into two. With -d they are listed before the
//           last round, to nowhere, and with -t the list has for how long each has waited.
#include <optional>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/options.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/list.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/barrier.hh"
#include "userlib/coro/sync/latch.hh"

namespace weft {
namespace {

struct Crowd {
  unsigned coroutines = 100'000;
  unsigned stack = 16;  // KiB
  unsigned rounds = 10;
  unsigned workers = 0;
  bool lists = false;
};

// The size of that many KiB, or nothing.
std::optional<coro::StackSize> stack_of(unsigned kilobytes) {
  for (size_t i = 0; i < coro::k_stack_sizes; ++i) {
    const auto size = static_cast<coro::StackSize>(i);
    if (coro::stack_bytes(size) == kilobytes * size_t{1024}) return size;
  }
  return std::nullopt;
}

// Of this thread: what others do with the CPUs meanwhile does not count.
uint64_t cpu_time() {
  abi::Timespec time{};
  (void)sys::clock_gettime(abi::k_clock_thread_cputime_id, &time);
  return static_cast<uint64_t>(time.seconds) * k_second + static_cast<uint64_t>(time.nanoseconds);
}

// Writes the list of all to nowhere, and how long that took.
void list_all(std::string_view when) {
  const auto nowhere = open_file("/dev/null", abi::k_o_wronly);
  if (!nowhere) return;
  const uint64_t before = cpu_time();
  coro::dump_coroutines(nowhere->get());
  print("the list of all took {} ms of CPU time {}\n", (cpu_time() - before) / k_millisecond, when);
}

// How many neither are blocked nor ask this.
unsigned others_that_run() {
  unsigned found = 0;
  coro::list_coroutines(
      [](void* count, const coro::Listed& listed) {
        *static_cast<unsigned*>(count) += listed.state != coro::State::blocked;
      },
      &found);
  return found - 1;
}

// How many wake-ups there were.
uint64_t wake_all(const Crowd& crowd, coro::StackSize stack) {
  Atomic<uint64_t> wakes{0};
  coro::run(coro::Options{.workers = crowd.workers}, [&] {
    coro::barrier<> rounds(crowd.coroutines + 1);
    coro::latch all(crowd.coroutines);
    for (unsigned i = 0; i < crowd.coroutines; ++i) {
      coro::go({.stack = stack}, [&] {
        for (unsigned round = 0; round < crowd.rounds; ++round) {
          rounds.arrive_and_wait();
          wakes.fetch_add(1, relaxed);
        }
        all.count_down();
      }).detach();
    }
    for (unsigned round = 0; round < crowd.rounds; ++round) {
      if (round + 1 == crowd.rounds && crowd.lists) {
        list_all("while they run");
        while (others_that_run() > 0) coro::yield();
        list_all("when all wait");
      }
      rounds.arrive_and_wait();
    }
    all.wait();
  });
  return wakes.load(relaxed);
}

}  // namespace

int crowd_main(Arguments arguments) {
  Crowd crowd;
  OptionParser options(arguments, "n:s:r:w:dt");
  while (const auto option = options.next()) {
    if (option->letter == 'd') {
      crowd.lists = true;
      continue;
    }
    if (option->letter == 't') {
      coro::keep_times();
      continue;
    }
    const auto number = parse_number(option->value);
    if (!number || *number < 1 || *number > 10'000'000)
      return complain(arguments, "a number is wrong");
    (option->letter == 'n'   ? crowd.coroutines
     : option->letter == 's' ? crowd.stack
     : option->letter == 'r' ? crowd.rounds
                             : crowd.workers) = static_cast<unsigned>(*number);
  }
  if (options.wrong()) return 2;
  const auto stack = stack_of(crowd.stack);
  if (!stack) return complain(arguments, "stacks have 1, 2, 16, 64, 256 or 1024 KiB");
  const uint64_t wakes = wake_all(crowd, *stack);
  print("{} coroutines, {} wake-ups\n", crowd.coroutines, wakes);
  return wakes == uint64_t{crowd.coroutines} * crowd.rounds ? 0 : 1;
}

}  // namespace weft
