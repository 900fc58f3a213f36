// Each of these ends in a panic. expected_panics.txt says with which reason; panics_test.py boots a
// kernel for each of them.
#include "core/mm/heap.hh"
#include "core/sync/mutex.hh"
#include "kernel/selftest.hh"
#include "kernel/tests.hh"
#include "kernel/threads.hh"

namespace weft::selftest::panics {
namespace {

// A value that the compiler knows nothing about, so that it doesn't see the mistake coming.
template <typename T>
T hide(T value) {
  asm volatile("" : "+r"(value));
  return value;
}

// Each call takes some hundred bytes of stack, for ever.
[[gnu::noinline]] unsigned descend(unsigned depth) {
  volatile unsigned room[64] = {depth};
  const unsigned deeper = hide(depth) == 0 ? 0 : descend(depth + 1);
  return room[0] + deeper;
}

unsigned a_function(unsigned value) { return value; }

// The machine instruction `ret`, but in memory for data.
constinit unsigned char a_datum[16] = {0xc3};

}  // namespace

void stack_guard() {
  start({.name = "deep diver"}, [] { descend(1); }).join();
}

// The stack pointer leads nowhere, so the CPU can't push what an exception needs.
void double_fault_stack() {
  asm volatile("mov %0, %%rsp\n\tpush %%rax" ::"r"(uint64_t{0x8000'0000'0000'0000}) : "memory");
}

void null_pointer() {
  struct Thing {
    uint64_t before[4];
    volatile uint64_t member;
  };
  hide(static_cast<Thing*>(nullptr))->member = 1;
}

void write_to_text() { *hide(reinterpret_cast<volatile unsigned char*>(&a_function)) = 0xc3; }

void execute_data() { hide(reinterpret_cast<void (*)()>(&a_datum))(); }

void recursive_mutex() NO_THREAD_SAFETY_ANALYSIS {
  Mutex mutex(Rank::user);
  mutex.lock();
  mutex.lock();
}

void foreign_unlock() NO_THREAD_SAFETY_ANALYSIS {
  Mutex mutex(Rank::user);
  mutex.lock();
  start({}, [&]() NO_THREAD_SAFETY_ANALYSIS { mutex.unlock(); }).join();
}

void rank_violation() {
  Mutex outer(Rank::user);
  Mutex inner(Rank::user_inner);
  MutexGuard first(inner);
  MutexGuard second(outer);
}

void sleep_under_spin_lock() {
  SpinLock lock(Rank::user_spin);
  SpinGuard guard(lock);
  sched::sleep_for(k_millisecond);
}

void double_free() {
  const Result<void*> memory = mm::allocate(100);
  if (!memory) return;
  mm::free(*memory);
  mm::free(*memory);
}

// A test thread of another name fails, on whatever CPU: the panic says which thread it was.
void in_another_thread() {
  start({.name = "culprit"}, [] { ASSERT(hide(false), "somebody breaks this promise"); }).join();
}

}  // namespace weft::selftest::panics
