// Children that begin at once, and all that may come between their beginning and their end. On a lone worker
// that is a way of its own, which the sanitizers' builds don't go.
#include "guest/on_userlib/case.hh"
#include "guest/on_userlib/modes.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/join.hh"
#include "userlib/coro/local.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/sync/semaphore.hh"

namespace weft::guest {
namespace {

using coro::Launch;
using coro::StackSize;

constexpr coro::Spawn k_now{.launch = Launch::now};

// In each mode; and afterwards whatever they had is free again.
template <typename Body>
void leave_nothing(Body body) {
  in_all_modes(body, [] {
    check("all stacks are free", coro::stack_figures().free == coro::stack_figures().made);
    check("all blocks are free", coro::blocks_free() == coro::detail::blocks_made.load(relaxed));
  });
}

struct Wide {
  long words[5];
};

long fibonacci(int n) {
  if (n < 2) return n;
  auto left = coro::go(k_now, &fibonacci, n - 1);
  auto right = coro::go(k_now, &fibonacci, n - 2);
  return left.join() + right.join();
}

int destroyed = 0;
struct Counted {
  int value = 0;
  ~Counted() { ++destroyed; }
};
constinit coro::local<Counted> own;

}  // namespace

GUEST_CASE(children_at_once_bring_results_of_all_sizes) {
  leave_nothing([] {
    int ran = 0;
    coro::go(k_now, [&ran] { ++ran; }).join();
    show("ran", ran);
    show("two words", coro::go(k_now, [](long a, long b) { return a * b; }, 6, 7).join());
    const Wide wide{{1, 2, 3, 4, 5}};
    const Wide back = coro::go(
                          k_now,
                          [](Wide given) {
                            given.words[0] = 10;
                            return given;
                          },
                          wide)
                          .join();
    show("boxes there and back", back.words[0] + back.words[4]);
    show("a tree", fibonacci(12));
    for (const auto size : {StackSize::packed_2k, StackSize::k16, StackSize::k256, StackSize::m1})
      show("stack", coro::go({.stack = size, .launch = Launch::now}, [size] {
                      return static_cast<int>(size);
                    }).join());
  });
}

GUEST_CASE(children_at_once_that_stop_go_on_later) {
  leave_nothing([] {
    constexpr int k_children = 300;  // more than a worker has stacks at hand
    coro::counting_semaphore<> gate(0);
    Atomic<int> yielded{0};
    Atomic<int> passed{0};
    Vector<coro::handle<int>> all;
    for (int i = 0; i < k_children; ++i) {
      all.push_back(coro::go(k_now, [&, i] {
        if (i % 3 == 0) coro::yield();
        yielded.fetch_add(1, relaxed);
        gate.acquire();
        passed.fetch_add(1, relaxed);
        return i;
      }));
    }
    while (yielded.load(relaxed) < k_children) coro::yield();
    gate.release(k_children);
    int sum = 0;
    for (auto& child : all) sum += child.join();
    show("passed", passed.load(relaxed));
    show("sum", sum);
  });
}

GUEST_CASE(children_at_once_end_with_nobody_waiting_or_somebody_new) {
  leave_nothing([] {
    Atomic<int> ran{0};
    // Let go when they are over, and when they are not.
    for (int i = 0; i < 100; ++i) {
      coro::go(k_now, [&ran] { ran.fetch_add(1, relaxed); }).detach();
      coro::go(k_now, [&ran] {
        coro::yield();
        ran.fetch_add(1, relaxed);
      }).detach();
    }
    // Whoever begins next may do so on the stack of one that ends.
    for (int i = 0; i < 100; ++i) {
      auto queued = coro::go([&ran] { ran.fetch_add(1, relaxed); });
      auto now = coro::go(k_now, [&ran] {
        auto grandchild = coro::go([&ran] { ran.fetch_add(1, relaxed); });
        coro::yield();
        grandchild.join();
      });
      queued.join();
      now.join();
    }
    while (ran.load(relaxed) < 400) coro::yield();
    show("ran", ran.load(relaxed));
  });
}

GUEST_CASE(children_at_once_have_variables_of_their_own) {
  leave_nothing([] {
    destroyed = 0;
    int sum = 0;
    for (int i = 1; i <= 10; ++i) {
      coro::go(k_now, [&sum, i] {
        own->value += i;
        sum += own->value;
      }).join();
      coro::go(k_now, [] {}).join();  // on the same stack, with none
    }
    show("sum", sum);
    show("destroyed", destroyed);
  });
}

}  // namespace weft::guest
