// Switches and yields.
#include <algorithm>
#include <random>
#include <vector>

#include "measure.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/coro/switch.hh"

namespace weft::bench {
namespace {

using namespace coro;

constexpr int k_rounds = 5'000'000;

// The least that a switch can be: where to go on, the stack pointer, a jump. The frame pointer is the
// compiler's to save.
struct Least {
  void* stack_pointer;
  void* resume_at;
};
[[gnu::always_inline]] inline void switch_least(Least& from, Least& to) {
  Least* out = &from;
  Least* in = &to;
  asm volatile(
      "leaq 1f(%%rip), %%rdx\n"
      "movq %%rsp, (%0)\n"
      "movq %%rdx, 8(%0)\n"
      "movq (%1), %%rsp\n"
      "jmpq *8(%1)\n"
      "1:\n"
      : "+a"(out), "+c"(in)
      :
      : "rbx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rbp",
        "memory", "cc");
}

alignas(64) char other_stack[16384];
Least least_main, least_other;
Context main_context, other_context;

[[noreturn]] void least_loop() {
  for (;;) switch_least(least_other, least_main);
}
[[noreturn]] void context_loop() {
  for (;;) switch_context(other_context, main_context);
}

double switch_floor() {
  least_other = {other_stack + sizeof other_stack - 8, reinterpret_cast<void*>(&least_loop)};
  return per_operation(2.0 * k_rounds, [] {
    for (int i = 0; i < k_rounds; ++i) switch_least(least_main, least_other);
  });
}

double switch_inline() {
  other_context.stack_pointer = reinterpret_cast<uintptr_t>(other_stack + sizeof other_stack - 8);
  other_context.resume_at.store(reinterpret_cast<uintptr_t>(&context_loop), relaxed);
  return per_operation(2.0 * k_rounds, [] {
    for (int i = 0; i < k_rounds; ++i) switch_context(main_context, other_context);
  });
}

double yields(int coroutines, int turns) {
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    std::vector<handle<void>> all(static_cast<size_t>(coroutines));
    const auto body = [turns] {
      for (int turn = 0; turn < turns; ++turn) yield();
    };
    for (auto& each : all) each = go(body);
    yield();  // all have a stack
    answer = per_operation(1.0 * coroutines * (turns - 1), [&] {
      for (auto& each : all) each.join();
    });
  });
  return answer;
}

// The ring's order has nothing to do with that of blocks and stacks: they start in the order of chance,
// and then each waits for its turn to begin.
double yields_in_random_order(int coroutines, int turns) {
  double answer = 0;
  coro::run({.mode = Mode::lone}, [&] {
    std::vector<handle<void>> all(static_cast<size_t>(coroutines));
    std::vector<Coroutine*> waiting(static_cast<size_t>(coroutines));
    for (size_t i = 0; i < all.size(); ++i) {
      all[i] = go([turns, place = &waiting[i]] {
        Waiter waiter;
        waiter.prepare(Reason::other);
        *place = waiter.coroutine;
        (void)park(nullptr);
        for (int turn = 0; turn < turns; ++turn) yield();
      });
    }
    yield();
    std::shuffle(waiting.begin(), waiting.end(), std::mt19937(1));
    for (Coroutine* each : waiting) {
      claim(*each, Park::woken);
      unpark(*each);
    }
    yield();
    answer = per_operation(1.0 * coroutines * (turns - 1), [&] {
      for (auto& each : all) each.join();
    });
  });
  return answer;
}

// Eight places that switch, as a program has them, by a function of its own.
[[noreturn]] void function_loop() {
  for (;;) {
    switch_by_jump(other_context, main_context);
    switch_by_jump(other_context, main_context);
    switch_by_jump(other_context, main_context);
    switch_by_jump(other_context, main_context);
  }
}

double switch_function() {
  other_context.stack_pointer = reinterpret_cast<uintptr_t>(other_stack + sizeof other_stack - 8);
  other_context.resume_at.store(reinterpret_cast<uintptr_t>(&function_loop), relaxed);
  return per_operation(8.0 * k_rounds / 4, [] {
    for (int i = 0; i < k_rounds / 4; ++i) {
      switch_by_jump(main_context, other_context);
      switch_by_jump(main_context, other_context);
      switch_by_jump(main_context, other_context);
      switch_by_jump(main_context, other_context);
    }
  });
}

}  // namespace

const Measure k_switches[] = {
    {"switch_floor", switch_floor},
    {"switch_inline", switch_inline},
    {"switch_function", switch_function},
    {"yield_2", [] { return yields(2, 2'000'000); }},
    {"yield_1000", [] { return yields(1000, 5000); }},
    {"yield_random_10", [] { return yields_in_random_order(10, 500'000); }},
    {"yield_random_100", [] { return yields_in_random_order(100, 50'000); }},
    {"yield_random_1000", [] { return yields_in_random_order(1000, 5000); }},
    {"yield_random_10000", [] { return yields_in_random_order(10'000, 300); }},
    {"yield_random_100000", [] { return yields_in_random_order(100'000, 30); }},
    {nullptr, nullptr}};

}  // namespace weft::bench
