// Sending: what is kept, for whom, and who is alerted. The threads here are records only; what they
// would do in user mode is delivery's affair (tests/guest).
#include "core/proc/signal.hh"

#include <gtest/gtest.h>

#include "core/proc/process.hh"
#include "core/proc/queued_signals.hh"
#include "core/proc/send.hh"
#include "core/proc/stop.hh"
#include "unit/support/machine.hh"

namespace weft::proc {
namespace {

// A process of two threads that never run.
class Pair {
 public:
  Pair() {
    process.actions = SignalActions::make().value();
    for (UserThread* thread : {&first, &second}) {
      process.threads.push_back(*thread);
      process.thread_count.fetch_add(1, relaxed);
    }
  }
  ~Pair() {
    process.threads.pop_front();
    process.threads.pop_front();
  }

  Result<> send(int signal, int code = abi::k_si_user, UserThread* to = nullptr) {
    SignalInfo info{};
    info.signal = signal;
    info.code = code;
    info.sender.pid = next_sender++;
    SpinGuard guard(tree_lock);
    return send_locked(process, to, info);
  }
  void handle(int signal) { process.actions->set(signal, {0x1000, 0, 0, 0}); }
  bool take(SignalSet wanted = ~SignalSet{0}) { return process.pending.take(wanted, info); }
  static bool is_alert(const UserThread& thread) { return thread.thread.interrupt_pending; }

  int next_sender = 100;
  SignalInfo info{};
  Process process;
  Thread kernel_threads[2] = {Thread("first"), Thread("second")};
  UserThread first{kernel_threads[0], process};
  UserThread second{kernel_threads[1], process};
};

template <typename Body>
void with_pair(Body body) {
  host::Machine().run([&] {
    Pair pair;
    body(pair);
  });
}

}  // namespace

TEST(Signal, ATimersOwnRecordIsKeptBesideAnother) {
  with_pair([](Pair& pair) {
    pair.handle(10);
    EXPECT_TRUE(pair.send(10).has_value());
    QueuedSignal own;
    own.info.signal = 10;
    own.info.code = 7;
    own.on_taken = [](QueuedSignal&, SignalInfo&) {};
    ASSERT_EQ(send_prepared(pair.process, 0, own), Prepared::pending);
    ASSERT_TRUE(pair.take());
    EXPECT_EQ(pair.info.sender.pid, 100);
    withdraw(pair.process, own);
    EXPECT_FALSE(own.hook.is_linked());
    EXPECT_FALSE(pair.take());
  });
}

TEST(Signal, OrdinaryOnesAreKeptOnceWithTheFirstInfo) {
  with_pair([](Pair& pair) {
    pair.handle(10);
    EXPECT_TRUE(pair.send(10).has_value());
    EXPECT_TRUE(pair.send(10).has_value());
    ASSERT_TRUE(pair.take());
    EXPECT_EQ(pair.info.signal, 10);
    EXPECT_EQ(pair.info.sender.pid, 100);
    EXPECT_FALSE(pair.take());
  });
}

TEST(Signal, RealTimeOnesQueueUpInOrder) {
  with_pair([](Pair& pair) {
    for (int count = 0; count < 3; ++count) ASSERT_TRUE(pair.send(40).has_value());
    ASSERT_TRUE(pair.send(35).has_value());
    ASSERT_TRUE(pair.take());
    EXPECT_EQ(pair.info.signal, 35);
    for (int sender = 100; sender < 103; ++sender) {
      EXPECT_TRUE(pair.process.pending.contains(40));
      ASSERT_TRUE(pair.take());
      EXPECT_EQ(pair.info.sender.pid, sender);
    }
    EXPECT_FALSE(pair.process.pending.contains(40));
  });
}

TEST(Signal, FaultsGoFirstThenTheLowestNumber) {
  with_pair([](Pair& pair) {
    for (const int signal : {abi::k_sigterm, abi::k_sigsegv, abi::k_sighup}) {
      ASSERT_TRUE(pair.send(signal).has_value());
    }
    for (const int signal : {abi::k_sigsegv, abi::k_sighup, abi::k_sigterm}) {
      ASSERT_TRUE(pair.take());
      EXPECT_EQ(pair.info.signal, signal);
    }
  });
}

TEST(Signal, OverTheLimitOnlyQueuedOnesAreRefused) {
  with_pair([](Pair& pair) {
    pair.process.limits.set(abi::k_rlimit_sigpending, {0, 0});
    EXPECT_EQ(pair.send(40, abi::k_si_queue).error(), Errno::again);
    EXPECT_TRUE(pair.send(40, abi::k_si_user).has_value());  // without its info
    EXPECT_TRUE(pair.send(10, abi::k_si_queue).has_value());
    EXPECT_TRUE(pair.send(12, abi::k_si_user).has_value());
    ASSERT_TRUE(pair.take(bit_of(40)));
    EXPECT_EQ(pair.info.sender.pid, 0);
    ASSERT_TRUE(pair.take(bit_of(12)));
    EXPECT_EQ(pair.info.sender.pid, 103);
  });
}

TEST(Signal, IgnoredOnesAreDroppedUnlessBlocked) {
  with_pair([](Pair& pair) {
    ASSERT_TRUE(pair.send(abi::k_sigchld).has_value());
    EXPECT_FALSE(pair.take());
    pair.first.blocked = bit_of(abi::k_sigchld);
    ASSERT_TRUE(pair.send(abi::k_sigchld).has_value());
    EXPECT_TRUE(pair.take());
    ASSERT_TRUE(pair.send(10).has_value());
    set_action(pair.process, 10, {abi::k_ignore_signal, 0, 0, 0});
    EXPECT_FALSE(pair.take());
  });
}

TEST(Signal, AThreadThatDoesNotBlockItIsAlerted) {
  with_pair([](Pair& pair) {
    pair.first.blocked = bit_of(10);
    ASSERT_TRUE(pair.send(10).has_value());
    EXPECT_FALSE(Pair::is_alert(pair.first));
    EXPECT_TRUE(Pair::is_alert(pair.second));
    EXPECT_NE(pair.second.work.load(relaxed) & hal::k_work_signals, 0u);
  });
}

TEST(Signal, WhoAwaitsItIsAlertedThoughItIsBlocked) {
  with_pair([](Pair& pair) {
    pair.first.blocked = pair.second.blocked = bit_of(10);
    ASSERT_TRUE(pair.send(10).has_value());
    EXPECT_FALSE(Pair::is_alert(pair.first) || Pair::is_alert(pair.second));
    pair.second.awaited = bit_of(12) | bit_of(10);
    ASSERT_TRUE(pair.take());
    ASSERT_TRUE(pair.send(10).has_value());
    EXPECT_TRUE(Pair::is_alert(pair.second));
  });
}

TEST(Signal, WhatAThreadBlocksIsLeftToTheOthers) {
  with_pair([](Pair& pair) {
    pair.second.blocked = 0;
    pair.first.blocked = 0;
    ASSERT_TRUE(pair.send(10).has_value());
    EXPECT_TRUE(Pair::is_alert(pair.first));
    EXPECT_FALSE(Pair::is_alert(pair.second));
    SpinGuard guard(pair.process.signal_lock);
    change_blocked(pair.first, bit_of(10));
    EXPECT_TRUE(Pair::is_alert(pair.second));
    EXPECT_FALSE(has_to_act(pair.first));
  });
}

TEST(Signal, KillEndsAllThreadsWithItsStatus) {
  with_pair([](Pair& pair) {
    ASSERT_TRUE(pair.send(abi::k_sigkill, abi::k_si_user, &pair.second).has_value());
    EXPECT_TRUE(pair.process.is_ending.load(relaxed));
    EXPECT_EQ(pair.process.status, abi::k_sigkill);
    EXPECT_TRUE(Pair::is_alert(pair.first) && Pair::is_alert(pair.second));
    ASSERT_TRUE(pair.send(10).has_value());
    EXPECT_FALSE(pair.take());
  });
}

TEST(Signal, StopsAndContinuationTakeEachOtherAway) {
  with_pair([](Pair& pair) {
    pair.first.blocked = pair.second.blocked = bit_of(abi::k_sigcont) | k_stop_signals;
    ASSERT_TRUE(pair.send(abi::k_sigtstp, abi::k_si_user, &pair.second).has_value());
    ASSERT_TRUE(pair.send(abi::k_sigcont).has_value());
    EXPECT_EQ(pair.second.pending.set(), 0u);
    EXPECT_EQ(pair.process.pending.set(), bit_of(abi::k_sigcont));
    ASSERT_TRUE(pair.send(abi::k_sigttin).has_value());
    EXPECT_EQ(pair.process.pending.set(), bit_of(abi::k_sigttin));
  });
}

TEST(Signal, AProcessHasStoppedWhenItsLastThreadHas) {
  with_pair([](Pair& pair) {
    SpinGuard guard(pair.process.signal_lock);
    EXPECT_FALSE(have_all_stopped(pair.process));
    pair.process.stop_signal = abi::k_sigstop;
    pair.process.stopped_threads = 1;
    EXPECT_FALSE(have_all_stopped(pair.process));
    EXPECT_FALSE(go_on(pair.process));  // the stop comes to nothing
    pair.process.stop_signal = abi::k_sigstop;
    pair.process.stopped_threads = 2;
    EXPECT_TRUE(have_all_stopped(pair.process));
    EXPECT_TRUE(go_on(pair.process));
    EXPECT_EQ(pair.process.stop_signal, 0);
  });
}

TEST(Signal, ASendersOwnRecordIsPendingOnceAndComesBack) {
  with_pair([](Pair& pair) {
    static int taken;
    taken = 0;
    QueuedSignal timer;
    timer.info.signal = 10;
    timer.on_taken = [](QueuedSignal&, SignalInfo& info) {
      info.timer.overrun = 7;
      ++taken;
    };
    EXPECT_EQ(send_prepared(pair.process, 0, timer), Prepared::pending);
    EXPECT_EQ(send_prepared(pair.process, 0, timer), Prepared::still_pending);
    ASSERT_TRUE(pair.take());
    EXPECT_EQ(pair.info.timer.overrun, 7);
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(send_prepared(pair.process, pair.second.tid, timer), Prepared::pending);
    withdraw(pair.process, timer);
    EXPECT_EQ(taken, 1);
    EXPECT_EQ(pair.second.pending.set(), 0u);
  });
}

}  // namespace weft::proc
