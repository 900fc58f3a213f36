// Coroutines that never wait and never yield: with time slices the others run all the same, and who was
// interrupted finds everything as it was.
#include "core/abi/signal.hh"
#include "guest/on_userlib/case.hh"
#include "userlib/base/vector.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/mutex.hh"
#include "userlib/sys/uninterrupted.hh"
#include "userlib/syscalls.hh"
#include "userlib/thread/mutex.hh"

namespace weft::guest {
namespace {

template <typename Function>
void with_slices(unsigned workers, Function function) {
  coro::run(coro::Options{.workers = workers, .time_slice = k_millisecond}, function);
}

// Runs body(own) in coroutines, and each until all others have come as far as `rounds`: on one worker
// that takes an interruption.
template <typename Body>
void in_turns(unsigned workers, int count, int rounds, Body body) {
  with_slices(workers, [&] {
    Vector<coro::handle<void>> all;
    Atomic<int> arrived{0};
    for (int own = 0; own < count; ++own) {
      all.push_back(coro::go([&, own] {
        for (int round = 0; arrived.load(relaxed) < count; ++round) {
          body(own);
          if (round == rounds) arrived.fetch_add(1, relaxed);
        }
      }));
    }
    coro::join_all(all);
  });
}

// Keeps many registers of both kinds busy.
[[gnu::noinline]] uint64_t hash(uint64_t seed) {
  uint64_t a = seed, b = seed + 1, c = seed + 2, d = seed + 3, e = seed + 4, f = seed + 5;
  double x = static_cast<double>(seed), y = x + 0.5, z = y + 0.25;
  for (int i = 0; i < 300; ++i) {
    a = a * 6364136223846793005 + b;
    b ^= a >> 7;
    c += b ^ d;
    d = d << 3 | d >> 61;
    e -= c;
    f ^= e * 31;
    x = x * 0.75 + y;
    y = y * 0.5 + z * 0.25;
    z = z + 1.0 / (1.0 + x);
  }
  return a ^ b ^ c ^ d ^ e ^ f ^ static_cast<uint64_t>((x + y + z) * 1000.0);
}

// The handler that the runtime has for ends of slices, and how many times it was called since it is
// counted.
void (*handler_of_slices)(int, abi::SignalInfo*, abi::UserContext*);
Atomic<int> ends_of_slices{0};

void count_end_of_slice(int signal, abi::SignalInfo* info, abi::UserContext* context) {
  ends_of_slices.fetch_add(1, relaxed);
  handler_of_slices(signal, info, context);
}

void count_ends_of_slices() {
  abi::SignalAction action;
  check("the handler of slices is known",
        sys::rt_sigaction(abi::k_sigurg, nullptr, &action).has_value());
  handler_of_slices = reinterpret_cast<decltype(handler_of_slices)>(action.handler);
  action.handler = reinterpret_cast<uint64_t>(&count_end_of_slice);
  check("ends of slices are counted",
        sys::rt_sigaction(abi::k_sigurg, &action, nullptr).has_value());
}

}  // namespace

GUEST_CASE(more_coroutines_spin_than_there_can_be_workers) {
  for (const unsigned workers : {1u, 3u}) {
    in_turns(workers, 100, 0, [](int) {});
    say("all have met");
  }
}

GUEST_CASE(who_is_interrupted_finds_all_registers_as_they_were) {
  uint64_t right[4];
  for (uint64_t own = 0; own < 4; ++own) right[own] = hash(own);
  Atomic<int> wrong{0};
  for (const unsigned workers : {1u, 2u}) {
    in_turns(workers, 4, 50, [&](int own) {
      if (hash(static_cast<uint64_t>(own)) != right[own]) wrong.fetch_add(1, relaxed);
    });
  }
  show("wrong", wrong.load(relaxed));
}

GUEST_CASE(the_heap_is_never_left_half_way) {
  Atomic<int> wrong{0};
  for (const unsigned workers : {1u, 2u}) {
    in_turns(workers, 6, 100, [&](int own) {
      const auto size = static_cast<size_t>(16 + 24 * own);
      auto* bytes = new unsigned char[size];
      for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(own);
      for (size_t i = 0; i < size; ++i) wrong.fetch_add(bytes[i] != own, relaxed);
      delete[] bytes;
    });
  }
  show("wrong", wrong.load(relaxed));
}

// The one that was interrupted goes on where it was, so nobody but this worker can help the other to end.
GUEST_CASE(an_end_of_a_slice_in_a_section_comes_again) {
  with_slices(1, [] {
    count_ends_of_slices();
    Atomic<bool> section_is_over{false}, was_seen{false};
    auto waits = coro::go([&] {
      while (!section_is_over.load(relaxed)) {
      }
      was_seen.store(true, relaxed);
    });
    auto holds_on = coro::go([&] {
      {
        const sys::Uninterrupted section;
        const int before = ends_of_slices.load(relaxed);
        while (ends_of_slices.load(relaxed) == before) {
        }
      }
      section_is_over.store(true, relaxed);
      while (!was_seen.load(relaxed)) {
      }
    });
    waits.join();
    holds_on.join();
  });
  say("both have ended");
}

// How many turns of its loop the other one had on this worker between two looks in such a section, with ends of slices
// between them. (So many that there is one more worker meanwhile, who may run it.)
constexpr int k_ends = 20;

template <typename Section>
int turns_of_the_other_in() {
  int turns_meanwhile = -1;
  with_slices(1, [&] {
    count_ends_of_slices();
    Atomic<int> turns{0};
    Atomic<bool> has_begun{false}, is_over{false};
    Atomic<coro::Worker*> worker{nullptr};
    auto other = coro::go([&] {
      has_begun.store(true, relaxed);
      while (!is_over.load(relaxed)) {
        if (coro::this_worker() == worker.load(relaxed))
          turns.store(turns.load(relaxed) + 1, relaxed);
      }
    });
    while (!has_begun.load(relaxed)) coro::yield();
    worker.store(coro::this_worker(), relaxed);
    {
      const Section section;
      const int turns_before = turns.load(relaxed);
      const int ends_before = ends_of_slices.load(relaxed);
      while (ends_of_slices.load(relaxed) - ends_before < k_ends) {
      }
      turns_meanwhile = turns.load(relaxed) - turns_before;
    }
    is_over.store(true, relaxed);
    other.join();
  });
  return turns_meanwhile;
}

GUEST_CASE(nobody_else_runs_while_one_is_in_a_section) {
  show("turns meanwhile", turns_of_the_other_in<sys::Uninterrupted>());
  show("and in a brief one", turns_of_the_other_in<sys::UninterruptedBriefly>());
}

namespace {
struct PreparedWait {
  PreparedWait() { waiter.prepare(coro::Reason::other); }
  ~PreparedWait() { coro::take_back_wait(coro::self()); }
  coro::Waiter waiter;
};
}  // namespace

// From the moment on in which it can be woken: else it would be in two queues.
GUEST_CASE(nobody_else_runs_while_one_is_about_to_wait) {
  show("turns meanwhile", turns_of_the_other_in<PreparedWait>());
}

GUEST_CASE(the_runtime_is_never_left_half_way) {
  Atomic<int> sum{0};
  for (const unsigned workers : {1u, 2u}) {
    coro::mutex door;
    int inside = 0;
    in_turns(workers, 6, 50, [&](int) {
      const int one = coro::go([] { return 1; }).join();
      lock_guard guard(door);
      if (++inside != one) sum.fetch_add(1, relaxed);
      --inside;
    });
  }
  show("wrong", sum.load(relaxed));
}

// A coroutine that does hardly anything else is interrupted in the middle of lock() or unlock() as often as not.
GUEST_CASE(a_mutex_taken_again_and_again_is_never_left_half_way) {
  int wrong = 0;
  for (const unsigned workers : {1u, 2u}) {
    coro::mutex door;
    int inside = 0;
    in_turns(workers, 6, 100, [&](int) {
      for (int visit = 0; visit < 100; ++visit) {
        lock_guard guard(door);
        wrong += ++inside != 1;
        --inside;
      }
    });
  }
  show("wrong", wrong);
}

}  // namespace weft::guest
