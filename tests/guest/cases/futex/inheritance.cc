// Futexes that know their owner: FUTEX_LOCK_PI and its family. The word is 0, or the owner's thread id
// with a bit for waiters.
#include "guest/support/clock.hh"
#include "guest/support/futex.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

long lock(int* word, const timespec* deadline = nullptr) {
  return sys::futex(word, FUTEX_LOCK_PI, 0, deadline, nullptr, 0);
}
long unlock(int* word) { return sys::futex(word, FUTEX_UNLOCK_PI, 0, nullptr, nullptr, 0); }
long try_lock(int* word) { return sys::futex(word, FUTEX_TRYLOCK_PI, 0, nullptr, nullptr, 0); }

}  // namespace

GUEST_CASE(futex_lock_pi_of_a_free_word) {
  int word = 0;
  show("lock", lock(&word));
  check("the word has the owner's id", word == sys::gettid());
  show("unlock", unlock(&word));
  show("the word", word);
  show("try", try_lock(&word));
  show("unlock", unlock(&word));
}

GUEST_CASE(futex_lock_pi_twice_is_a_deadlock) {
  int word = 0;
  must("lock", lock(&word));
  show("lock again", lock(&word));
  show("try again", try_lock(&word));
}

GUEST_CASE(futex_unlock_pi_by_another_is_refused) {
  static int word;
  must("lock", lock(&word));
  Thread other([] { show("unlock", unlock(&word)); });
  other.join();
  show("unlock by the owner", unlock(&word));
}

GUEST_CASE(futex_lock_pi_waits_for_the_owner) {
  static int word;
  static long waited = -1;
  must("lock", lock(&word));
  Thread other([] {
    waited = lock(&word);
    unlock(&word);
  });
  wait_until_blocked(other.tid());
  check("the word tells of a waiter", (load(word) & FUTEX_WAITERS) != 0);
  show("unlock", unlock(&word));
  other.join();
  show("the other's lock", waited);
  show("the word at the end", word);
}

GUEST_CASE(futex_lock_pi_times_out_on_the_real_time_clock) {
  static int word;
  must("lock", lock(&word));
  Thread other([] {
    const timespec deadline = time_of(clock_now(CLOCK_REALTIME) + 3 * k_millisecond_ns);
    show("lock", lock(&word, &deadline));
    check("not sooner", clock_now(CLOCK_REALTIME) >= nanoseconds(deadline));
  });
}

GUEST_CASE(futex_lock_pi_of_nobody_and_nonsense) {
  int word = 12345678;
  show("an owner that doesn't exist", lock(&word));
  alignas(8) char room[8] = {};
  show("an unaligned word", lock(reinterpret_cast<int*>(room + 1)));
  word = 0;
  show("unlock of a free one", unlock(&word));
}

GUEST_CASE(futex_trylock_pi_of_a_held_word) {
  static int word;
  must("lock", lock(&word));
  Thread other([] { show("try", try_lock(&word)); });
  other.join();
  int of_nobody = 12345678;
  show("of an owner that doesn't exist", try_lock(&of_nobody));
}

// Each has a word and waits for the next one's.
GUEST_CASE(futex_lock_pi_in_a_ring_is_a_deadlock) {
  static int words[3];
  static Gate all_hold;
  static int holders = 0;
  const auto hold_and_wait = [](int own, int next) {
    must("lock", lock(&words[own]));
    if (add(holders, 1) == 2) all_hold.open();
    all_hold.pass();
    must("lock the next", lock(&words[next]));
    unlock(&words[next]);
    unlock(&words[own]);
  };
  must("lock", lock(&words[0]));
  Thread one([&] { hold_and_wait(1, 2); });
  Thread two([&] { hold_and_wait(2, 0); });
  all_hold.pass();
  wait_until_blocked(one.tid());
  wait_until_blocked(two.tid());
  show("the lock that would close the ring", lock(&words[1]));
  show("unlock", unlock(&words[0]));
  one.join();
  two.join();
  show("afterwards", lock(&words[1]));
}

GUEST_CASE(futex_unlock_pi_chooses_the_most_urgent) {
  static int word;
  static int order = 0;
  must("lock", lock(&word));
  const auto wait_with = [](int priority) {
    const sched_param parameter{priority};
    must("sched_setscheduler", sys::sched_setscheduler(0, SCHED_FIFO, &parameter));
    must("lock", lock(&word));
    say("{} has it as number {}", priority, ++order);
    unlock(&word);
  };
  Thread low([&] { wait_with(10); });
  wait_until_blocked(low.tid());
  Thread high([&] { wait_with(90); });
  wait_until_blocked(high.tid());
  Thread middle([&] { wait_with(50); });
  wait_until_blocked(middle.tid());
  unlock(&word);
}

// Whatever SA_RESTART says.
GUEST_CASE(futex_lock_pi_goes_on_after_a_handler) {
  static int word;
  static int handled = 0;
  must("lock", lock(&word));
  handle(SIGUSR1, [](int) { add(handled, 1); });
  Thread other([] {
    show("lock", lock(&word));
    show("handlers that ran", load(handled));
    unlock(&word);
  });
  wait_until_blocked(other.tid());
  must("tgkill", sys::tgkill(sys::getpid(), other.tid(), SIGUSR1));
  while (load(handled) == 0) sys::sched_yield();
  wait_until_blocked(other.tid());
  unlock(&word);
}

// It neither unlocks nor dies by itself as long as it sleeps, so only its death helps.
GUEST_CASE(futex_lock_pi_of_an_owner_that_is_killed) {
  Shared<int> word;
  const int owner = start_child([&] {
    must("lock", lock(&*word));
    for (;;) sys::pause();
  });
  while (load(*word) == 0) sys::sched_yield();
  const int waiter = start_child([&] {
    show("lock", lock(&*word));
    check("its owner died", (load(*word) & FUTEX_OWNER_DIED) != 0);
  });
  wait_until_blocked(waiter);
  sys::kill(owner, SIGKILL);
  wait_for(owner);
  show_status("waiter", wait_for(waiter));
}

GUEST_CASE(futex_lock_pi_of_an_owner_that_dies) {
  struct Lock {
    robust_list link;
    int word;
  };
  Shared<Lock> shared;
  const int owner = start_child([&] {
    static robust_list_head head;
    head.list.next = &shared->link;
    shared->link.next = &head.list;
    head.futex_offset = offsetof(Lock, word);
    must("set_robust_list", sys::set_robust_list(&head, sizeof head));
    must("lock", lock(&shared->word));
  });
  wait_for(owner);
  check("the word tells that its owner died", (load(shared->word) & FUTEX_OWNER_DIED) != 0);
  show("lock", lock(&shared->word));
  check("it is ours, and was somebody's", (load(shared->word) & FUTEX_TID_MASK) == sys::gettid());
}

}  // namespace weft::guest
