// futex: waiting on a word of memory, every operation, both kinds of address, both clocks, every error.
#include "guest/support/futex.hh"
#include "guest/support/clock.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

timespec later(int clock, long milliseconds) {
  return time_of(clock_now(clock) + milliseconds * k_millisecond_ns);
}

// `count` threads that wait on `word` with `wait`, known to be blocked when this returns; they add 1
// to `woken` when they come back with 0.
template <int k_count, typename Wait>
class Waiters {
 public:
  explicit Waiters(Wait wait) : wait_(wait) {
    for (int index = 0; index < k_count; ++index) {
      alive_[index] = 1;
      const long tid =
          must("clone", clone_thread(k_thread_flags, stacks_[index] + sizeof stacks_[index], &run,
                                     this, &alive_[index], &alive_[index], nullptr));
      wait_until_blocked(static_cast<int>(tid));
    }
  }
  ~Waiters() { join(); }

  void join() {
    for (int& one : alive_) {
      while (const int tid = load(one)) sys::futex(&one, FUTEX_WAIT, tid, nullptr, nullptr, 0);
    }
  }
  // Lets those who were woken come back, until there are that many.
  void wait_for_woken(int count) {
    while (load(woken_) < count) sys::sched_yield();
  }
  int woken() const { return load(woken_); }

 private:
  static int run(void* argument) {
    auto* self = static_cast<Waiters*>(argument);
    if (self->wait_() == 0) add(self->woken_, 1);
    return 0;
  }

  Wait wait_;
  int woken_ = 0;
  int alive_[k_count];
  alignas(16) char stacks_[k_count][8 * 1024];
};

template <int k_count, typename Wait>
Waiters<k_count, Wait> start_waiters(Wait wait) {
  return Waiters<k_count, Wait>(wait);
}

}  // namespace

GUEST_CASE(futex_wait_does_not_wait_for_another_value) {
  int word = 1;
  show("value 2", wait_on(&word, 2));
  show("value 2, private", wait_on(&word, 2, nullptr, FUTEX_PRIVATE_FLAG));
}

GUEST_CASE(futex_wake_with_nobody_there) {
  int word = 0;
  show("shared", wake(&word, 1));
  show("private", wake(&word, 1, FUTEX_PRIVATE_FLAG));
}

GUEST_CASE(futex_wake_wakes_as_many_as_wanted) {
  static int word;
  auto waiters = start_waiters<4>([] { return wait_on(&word, 0); });
  show("wake 1", wake(&word, 1));
  waiters.wait_for_woken(1);
  show("wake 2", wake(&word, 2));
  waiters.wait_for_woken(3);
  show("wake 100", wake(&word, 100));
  waiters.join();
  show("woken", waiters.woken());
}

GUEST_CASE(futex_wake_is_first_come_first_served) {
  static int word;
  static int order;
  static int places[4];
  Thread first([] { wait_on(&word, 0), places[0] = add(order, 1); });
  wait_until_blocked(first.tid());
  Thread second([] { wait_on(&word, 0), places[1] = add(order, 1); });
  wait_until_blocked(second.tid());
  Thread third([] { wait_on(&word, 0), places[2] = add(order, 1); });
  wait_until_blocked(third.tid());
  for (int count = 1; count <= 3; ++count) {
    wake(&word, 1);
    while (load(order) < count) sys::sched_yield();
  }
  say("{} {} {}", places[0], places[1], places[2]);
}

GUEST_CASE(futex_shared_and_private_do_not_meet) {
  static int word;
  auto waiters = start_waiters<1>([] { return wait_on(&word, 0, nullptr, FUTEX_PRIVATE_FLAG); });
  show("a shared wake", wake(&word, 1));
  show("a private wake", wake(&word, 1, FUTEX_PRIVATE_FLAG));
}

GUEST_CASE(futex_in_shared_memory_works_between_processes) {
  Shared<int> word;
  const int child = start_child([&] { return wait_on(&*word, 0) == 0 ? load(*word) : -1; });
  wait_until_blocked(child);
  store(*word, 5);
  show("wake", wake(&*word, 1));
  show_status("child", wait_for(child));
}

GUEST_CASE(futex_in_shared_memory_at_two_addresses) {
  // One page, mapped twice: the key is the memory, not the address.
  const int fd = static_cast<int>(must("memfd_create", sys::memfd_create("page", 0)));
  must("ftruncate", sys::ftruncate(fd, 4096));
  int* views[2];
  for (int*& view : views) {
    view = reinterpret_cast<int*>(
        must("mmap", sys::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)));
  }
  long waited = -1;
  Thread waiter([&] { waited = wait_on(views[0], 0); });
  wait_until_blocked(waiter.tid());
  show("wake at the other", wake(views[1], 1));
  waiter.join();
  show("wait at one address", waited);
}

GUEST_CASE(futex_in_private_memory_is_each_processs_own) {
  static int word;
  const int child = start_child([] {
    const timespec some{0, 5'000'000};
    return wait_on(&word, 0, &some) == -ETIMEDOUT ? 1 : 2;
  });
  wait_until_blocked(child);
  show("the parent's wake", wake(&word, 1));
  show_status("the child times out", wait_for(child));
}

GUEST_CASE(futex_wait_times_out) {
  static int word;
  const timespec some{0, 3'000'000};
  const long long before = clock_now();
  show("3 ms", wait_on(&word, 0, &some));
  check("not sooner", clock_now() - before >= 3 * k_millisecond_ns);
  const timespec none{0, 0};
  show("0", wait_on(&word, 0, &none));
}

GUEST_CASE(futex_wait_with_a_bad_time) {
  int word = 0;
  const timespec too_many{0, 1'000'000'000};
  const timespec negative{-1, 0};
  show("a thousand million nanoseconds", wait_on(&word, 0, &too_many));
  show("negative", wait_on(&word, 0, &negative));
  show("a bad pointer", sys::futex(&word, FUTEX_WAIT, 0, k_bad_pointer, nullptr, 0));
}

GUEST_CASE(futex_wait_bitset_takes_an_absolute_time_on_both_clocks) {
  int word = 0;
  const auto wait_until = [&](int clock, int flags) {
    const timespec deadline = later(clock, 3);
    const long result =
        sys::futex(&word, FUTEX_WAIT_BITSET | flags, 0, &deadline, nullptr, FUTEX_BITSET_MATCH_ANY);
    show(clock == CLOCK_REALTIME ? "real time" : "monotonic", result);
    check("not sooner", clock_now(clock) >= nanoseconds(deadline));
  };
  wait_until(CLOCK_MONOTONIC, 0);
  wait_until(CLOCK_REALTIME, FUTEX_CLOCK_REALTIME);
  wait_until(CLOCK_MONOTONIC, FUTEX_PRIVATE_FLAG);
  const timespec past{1, 0};
  show("the past", sys::futex(&word, FUTEX_WAIT_BITSET, 0, &past, nullptr, 1));
}

GUEST_CASE(futex_bitsets_choose_whom_to_wake) {
  static int word;
  static int bits[3] = {1, 2, 4};
  static int woken[3];
  const auto wait = [](int index) {
    sys::futex(&word, FUTEX_WAIT_BITSET, 0, nullptr, nullptr, bits[index]);
    store(woken[index], 1);
  };
  static auto run = wait;
  Thread first([] { run(0); });
  Thread second([] { run(1); });
  Thread third([] { run(2); });
  for (const int tid : {first.tid(), second.tid(), third.tid()}) wait_until_blocked(tid);
  const auto wake_bits = [](int bits) {
    return sys::futex(&word, FUTEX_WAKE_BITSET, 10, nullptr, nullptr, bits);
  };
  show("bit 8", wake_bits(8));
  show("bit 2", wake_bits(2));
  second.join();
  say("{} {} {}", woken[0], woken[1], woken[2]);
  show("bits 1 and 4", wake_bits(5));
}

GUEST_CASE(futex_empty_bitset_is_refused) {
  int word = 0;
  show("wait", sys::futex(&word, FUTEX_WAIT_BITSET, 0, nullptr, nullptr, 0));
  show("wake", sys::futex(&word, FUTEX_WAKE_BITSET, 1, nullptr, nullptr, 0));
}

GUEST_CASE(futex_requeue_moves_those_it_does_not_wake) {
  static int from;
  static int to;
  auto waiters = start_waiters<3>([] { return wait_on(&from, 0); });
  show("wake 1, move 5", sys::futex(&from, FUTEX_REQUEUE, 1, 5L, &to, 0));
  waiters.wait_for_woken(1);
  show("nobody is left", wake(&from, 10));
  show("two are there", wake(&to, 10));
}

GUEST_CASE(futex_cmp_requeue_looks_at_the_value) {
  static int from = 7;
  static int to;
  auto waiters = start_waiters<2>([] { return wait_on(&from, 7); });
  show("value 8", sys::futex(&from, FUTEX_CMP_REQUEUE, 0, 5L, &to, 8));
  show("value 7: moved", sys::futex(&from, FUTEX_CMP_REQUEUE, 0, 5L, &to, 7));
  show("they are there", wake(&to, 10));
}

GUEST_CASE(futex_requeue_with_negative_counts) {
  int from = 0;
  int to = 0;
  show("wake -1", sys::futex(&from, FUTEX_REQUEUE, -1, 1L, &to, 0));
  show("move -1", sys::futex(&from, FUTEX_REQUEUE, 1, -1L, &to, 0));
}

GUEST_CASE(futex_wake_op_changes_a_word_and_wakes_at_both) {
  static int one;
  static int two = 5;
  auto at_one = start_waiters<1>([] { return wait_on(&one, 0); });
  auto at_two = start_waiters<2>([] { return wait_on(&two, 5); });
  // two += 3; wake all at two if it was 5 before
  const int operation = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5);
  show("wake_op", sys::futex(&one, FUTEX_WAKE_OP, 10, 10L, &two, operation));
  show("two", two);
}

GUEST_CASE(futex_wake_op_every_operation_and_comparison) {
  static int one;
  static int two;
  const auto try_operation = [](std::string_view what, int operation) {
    two = 12;
    const long result = sys::futex(&one, FUTEX_WAKE_OP, 1, 1L, &two, operation);
    say("{}: {}, word {}", what, result, two);
  };
  try_operation("set", FUTEX_OP(FUTEX_OP_SET, 3, FUTEX_OP_CMP_EQ, 0));
  try_operation("add", FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_NE, 0));
  try_operation("or", FUTEX_OP(FUTEX_OP_OR, 3, FUTEX_OP_CMP_LT, 0));
  try_operation("andn", FUTEX_OP(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_LE, 0));
  try_operation("xor", FUTEX_OP(FUTEX_OP_XOR, 15, FUTEX_OP_CMP_GT, 0));
  try_operation("add a shifted one",
                FUTEX_OP(FUTEX_OP_ADD | FUTEX_OP_OPARG_SHIFT, 5, FUTEX_OP_CMP_GE, 0));
  show("an unknown comparison", sys::futex(&one, FUTEX_WAKE_OP, 1, 1L, &two, FUTEX_OP(0, 0, 7, 0)));
}

GUEST_CASE(futex_wake_op_wakes_the_second_only_if_the_comparison_holds) {
  static int one;
  static int two = 5;
  auto at_two = start_waiters<1>([] { return wait_on(&two, 5); });
  show("6 or more",
       sys::futex(&one, FUTEX_WAKE_OP, 1, 1L, &two, FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_GE, 6)));
  show("less than 6",
       sys::futex(&one, FUTEX_WAKE_OP, 1, 1L, &two, FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_LT, 6)));
}

GUEST_CASE(futex_addresses_that_are_wrong) {
  alignas(8) static char room[8];
  show("wait, unaligned", sys::futex(room + 1, FUTEX_WAIT, 0, nullptr, nullptr, 0));
  show("wake, unaligned", sys::futex(room + 2, FUTEX_WAKE, 1, nullptr, nullptr, 0));
  show("wait, null", sys::futex(nullptr, FUTEX_WAIT, 0, nullptr, nullptr, 0));
  show("wait, not mapped", sys::futex(k_bad_pointer, FUTEX_WAIT, 0, nullptr, nullptr, 0));
  show("wait, kernel", sys::futex(k_kernel_pointer, FUTEX_WAIT, 0, nullptr, nullptr, 0));
  show("wake, not mapped", sys::futex(k_bad_pointer, FUTEX_WAKE, 1, nullptr, nullptr, 0));
  show("wake, not mapped, private",
       sys::futex(k_bad_pointer, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0));
  Pages read_only(1, PROT_READ);
  const timespec none{0, 0};
  show("wait on a read-only page, private",
       sys::futex(read_only.page(0), FUTEX_WAIT_PRIVATE, 0, &none, nullptr, 0));
}

GUEST_CASE(futex_operations_that_do_not_exist) {
  int word = 0;
  show("100", sys::futex(&word, 100, 0, nullptr, nullptr, 0));
  show("wake on the real-time clock",
       sys::futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, nullptr, nullptr, 0));
}

}  // namespace weft::guest
