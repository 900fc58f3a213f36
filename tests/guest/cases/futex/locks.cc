// What is built on futexes: a mutex, taking turns, and the robust list that tells when an owner dies.
#include "guest/support/futex.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/thread.hh"

namespace weft::guest {

GUEST_CASE(futex_mutex_keeps_increments_apart) {
  // The three-state mutex: 0 free, 1 held, 2 held and somebody may wait.
  struct State {
    int lock;
    int counter;
  };
  static State state;
  const auto work = [] {
    for (int round = 0; round < 2000; ++round) {
      int expected = 0;
      if (!__atomic_compare_exchange_n(&state.lock, &expected, 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED)) {
        while (__atomic_exchange_n(&state.lock, 2, __ATOMIC_ACQUIRE) != 0) {
          wait_on(&state.lock, 2, nullptr, FUTEX_PRIVATE_FLAG);
        }
      }
      const int seen = state.counter;
      if (round % 64 == 0) sys::sched_yield();
      state.counter = seen + 1;
      if (__atomic_exchange_n(&state.lock, 0, __ATOMIC_RELEASE) == 2) {
        wake(&state.lock, 1, FUTEX_PRIVATE_FLAG);
      }
    }
  };
  {
    Thread one(work);
    Thread two(work);
    Thread three(work);
  }
  show("counter", state.counter);
}

GUEST_CASE(futex_ping_pong_between_processes) {
  Shared<int> turn;
  const int child = start_child([&] {
    for (int round = 0; round < 1000; ++round) {
      while (load(*turn) != 1) wait_on(&*turn, 0);
      store(*turn, 0);
      wake(&*turn, 1);
    }
  });
  for (int round = 0; round < 1000; ++round) {
    store(*turn, 1);
    wake(&*turn, 1);
    while (load(*turn) != 0) wait_on(&*turn, 1);
  }
  show_status("child", wait_for(child));
}

GUEST_CASE(robust_list_tells_that_an_owner_died) {
  struct Lock {
    robust_list link;
    int word;
  };
  Shared<Lock> lock;
  const int child = start_child([&] {
    static robust_list_head head;
    head.list.next = &lock->link;
    lock->link.next = &head.list;
    head.futex_offset = offsetof(Lock, word);
    head.list_op_pending = nullptr;
    show("set_robust_list", sys::set_robust_list(&head, sizeof head));
    store(lock->word, static_cast<int>(sys::gettid()));
    sys::kill(sys::getpid(), SIGKILL);
  });
  show_status("child", wait_for(child));
  check("the word says that its owner died", (lock->word & FUTEX_OWNER_DIED) != 0);
  show("and has no owner", lock->word & FUTEX_TID_MASK);
}

GUEST_CASE(robust_list_wakes_a_waiter) {
  struct Lock {
    robust_list link;
    int word;
  };
  Shared<Lock> lock;
  Shared<Gate> held;
  Shared<Gate> die;
  const int owner = start_child([&] {
    static robust_list_head head;
    head.list.next = &lock->link;
    lock->link.next = &head.list;
    head.futex_offset = offsetof(Lock, word);
    must("set_robust_list", sys::set_robust_list(&head, sizeof head));
    store(lock->word, static_cast<int>(sys::gettid() | FUTEX_WAITERS));
    held->open();
    die->pass();
  });
  held->pass();
  const int waiter = start_child([&] {
    const int value = load(lock->word);
    show("wait", wait_on(&lock->word, value));
    check("the owner died", (load(lock->word) & FUTEX_OWNER_DIED) != 0);
  });
  wait_until_blocked(waiter);
  die->open();
  wait_for(owner);
  show_status("waiter", wait_for(waiter));
}

GUEST_CASE(robust_list_errors) {
  robust_list_head head{};
  show("another size", sys::set_robust_list(&head, 8));
  show("good", sys::set_robust_list(&head, sizeof head));
  robust_list_head* got = nullptr;
  size_t size = 0;
  show("get", sys::get_robust_list(0, &got, &size));
  check("it is ours", got == &head && size == sizeof head);
  show("of nobody", sys::get_robust_list(12345678, &got, &size));
}

}  // namespace weft::guest
