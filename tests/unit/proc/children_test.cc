// Waiting for children, and what a parent is told: ends, stops and continuations.
#include "core/proc/children.hh"

#include <vector>

#include "core/proc/stop.hh"
#include "core/sched/scheduler.hh"
#include "unit/proc/family.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft::proc {
namespace {

using Which = WaitRequest::Which;

template <typename Body>
void with_family(Body body) {
  host::Machine().run([&] {
    Family family;
    body(family, family.first());
  });
}

constexpr WaitRequest k_look{.may_block = false};

TEST(Children, NobodyToWaitFor) {
  with_family([](Family& family, Process& first) {
    EXPECT_EQ(wait_for_child(first, {}).error(), Errno::child);
    Process& child = family.child_of(first);
    EXPECT_EQ(wait_for_child(first, {.which = Which::pid, .id = first.pid}).error(), Errno::child);
    EXPECT_EQ(wait_for_child(first, {.which = Which::group, .id = child.pid}).error(),
              Errno::child);
    EXPECT_EQ(wait_for_child(child, {}).error(), Errno::child);
    EXPECT_EQ(wait_for_child(first, k_look).value().pid, 0) << "there is one, without news";
  });
}

TEST(Children, AnEndIsToldOnce) {
  with_family([](Family& family, Process& first) {
    Process& child = family.child_of(first);
    const int32_t pid = child.pid;
    family.end(child, status_of_exit(7));
    EXPECT_FALSE(family.is_pending(first, abi::k_sigchld)) << "nobody handles it";
    WaitRequest looks_only = k_look;
    looks_only.leaves_it = true;
    EXPECT_EQ(wait_for_child(first, looks_only).value().pid, pid);
    const ChildNews news = wait_for_child(first, k_look).value();
    EXPECT_EQ(news.pid, pid);
    EXPECT_EQ(news.code, abi::k_cld_exited);
    EXPECT_EQ(news.status, 7 << 8);
    EXPECT_EQ(news.plain_status(), 7);
    EXPECT_EQ(wait_for_child(first, k_look).error(), Errno::child);
    SpinGuard guard(tree_lock);
    EXPECT_EQ(find_process(pid), nullptr) << "its number is free";
  });
}

TEST(Children, WhoWasKilled) {
  with_family([](Family& family, Process& first) {
    family.end(family.child_of(first), status_of_signal(abi::k_sigsegv));
    const ChildNews news = wait_for_child(first, k_look).value();
    EXPECT_EQ(news.code, abi::k_cld_killed);
    EXPECT_EQ(news.plain_status(), static_cast<int>(abi::k_sigsegv));
  });
}

TEST(Children, AreChosenByNumberGroupAndKind) {
  with_family([](Family& family, Process& first) {
    Process& one = family.child_of(first);
    Process& other = family.child_of(first);
    Process& strange = family.child_of(first);
    strange.exit_signal = 0;
    ASSERT_TRUE(set_group(first, other.pid, 0).has_value());
    const int32_t number = other.pid;
    family.end(one, 0);
    family.end(other, 0);
    family.end(strange, 0);
    WaitRequest request = k_look;
    request.which = Which::group;
    request.id = number;
    EXPECT_EQ(wait_for_child(first, request).value().pid, number);
    request.which = Which::pid;
    request.id = one.pid;
    EXPECT_EQ(wait_for_child(first, request).value().pid, one.pid);
    EXPECT_EQ(wait_for_child(first, k_look).error(), Errno::child) << "only of another kind";
    request = k_look;
    request.sees_all_kinds = true;
    EXPECT_EQ(wait_for_child(first, request).value().pid, strange.pid);
  });
}

TEST(Children, StopsAndContinuationsAreToldToThoseWhoAsk) {
  with_family([](Family& family, Process& first) {
    Process& child = family.child_of(first);
    {
      SpinGuard guard(tree_lock);
      report_stop(child, abi::k_sigtstp);
    }
    EXPECT_EQ(wait_for_child(first, k_look).value().pid, 0);
    WaitRequest asks = k_look;
    asks.stops = true;
    const ChildNews news = wait_for_child(first, asks).value();
    EXPECT_EQ(news.code, abi::k_cld_stopped);
    EXPECT_EQ(news.status, status_of_stop(abi::k_sigtstp));
    EXPECT_EQ(wait_for_child(first, asks).value().pid, 0) << "once";
    {
      SpinGuard guard(tree_lock);
      report_stop(child, abi::k_sigtstp);
      report_continuation(child);
    }
    EXPECT_EQ(wait_for_child(first, asks).value().pid, 0) << "it goes on already";
    asks.continuations = true;
    EXPECT_EQ(wait_for_child(first, asks).value().plain_status(), static_cast<int>(abi::k_sigcont));
  });
}

TEST(Children, WhoeverWaitsIsWoken) {
  with_family([](Family& family, Process& first) {
    Process& child = family.child_of(first);
    int32_t heard_of = 0;
    ThreadHandle waiter =
        host::start({}, [&] { heard_of = wait_for_child(first, {}).value_or(ChildNews{}).pid; });
    host::await_blocked(*waiter, BlockReason::waiting);
    family.end(child, 0);
    waiter.join();
    EXPECT_EQ(heard_of, child.pid);
  });
}

// Both are woken by the first end, and one of them finds nothing.
TEST(Children, WhoWasTooLateWaitsOn) {
  with_family([](Family& family, Process& first) {
    Process& one = family.child_of(first);
    Process& other = family.child_of(first);
    std::vector<int32_t> heard_of;
    const auto wait = [&] { heard_of.push_back(wait_for_child(first, {}).value().pid); };
    ThreadHandle waiters[] = {host::start({}, wait), host::start({}, wait)};
    for (ThreadHandle& waiter : waiters) host::await_blocked(*waiter, BlockReason::waiting);
    family.end(other, 0);
    for (ThreadHandle& waiter : waiters) {
      while (waiter->state != ThreadState::dead && waiter->state != ThreadState::blocked)
        sched::yield();
    }
    family.end(one, 0);
    for (ThreadHandle& waiter : waiters) waiter.join();
    EXPECT_EQ(heard_of, (std::vector{other.pid, one.pid}));
  });
}

TEST(Children, ASignalEndsTheWaitButHidesNoNews) {
  with_family([](Family& family, Process& first) {
    Process& child = family.child_of(first);
    Result<ChildNews> news;
    const auto wait = [&] { news = wait_for_child(first, {}); };
    ThreadHandle waiter = host::start({}, wait);
    host::await_blocked(*waiter, BlockReason::waiting);
    sched::interrupt(*waiter);
    waiter.join();
    EXPECT_EQ(news.error(), Errno::intr);
    waiter = host::start({}, wait);
    host::await_blocked(*waiter, BlockReason::waiting);
    sched::interrupt(*waiter);
    family.end(child, 0);  // before it has had its turn
    waiter.join();
    EXPECT_EQ(news.value_or(ChildNews{}).pid, child.pid);
  });
}

TEST(Children, OfWhomNobodyWantsToHearAreGoneAtOnce) {
  with_family([](Family& family, Process& first) {
    first.actions->set(abi::k_sigchld, {abi::k_ignore_signal, 0, 0, 0});
    Process& child = family.child_of(first);
    const int32_t pid = child.pid;
    family.end(child, 0);
    EXPECT_EQ(wait_for_child(first, k_look).error(), Errno::child);
    SpinGuard guard(tree_lock);
    EXPECT_EQ(find_process(pid), nullptr);
  });
}

}  // namespace
}  // namespace weft::proc
