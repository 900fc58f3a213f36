// Futexes: who waits, who is woken, and who is moved.
#include "core/proc/futex.hh"

#include <gtest/gtest.h>

#include <functional>

#include "core/proc/kernel_thread.hh"
#include "core/proc/process.hh"
#include "unit/support/machine.hh"
#include "unit/support/user_space.hh"

namespace weft {
namespace {

using host::UserSpace;
using proc::FutexWord;
using proc::k_any_bit;

// A process with two words of memory at two pages, each of them 0.
struct World {
  World() {
    auto space = mm::AddressSpace::make().value();
    process.memory = space;
    mm::MapRequest request;
    request.size = 2 * k_page_size;
    request.access = mm::Access::read | mm::Access::write;
    first.address = space->map(request).value();
    second.address = first.address + k_page_size;
    user.emplace(std::move(space));
    user->write(first.address, 0);
    user->write(second.address, 0);
  }

  // A thread that waits at the word; it is known to wait when this returns.
  ThreadHandle start_waiter(FutexWord word, uint32_t bits, int& woken) {
    ThreadHandle thread = spawn({}, [this, word, bits, &woken] {
                            if (futex_wait(process, word, 0, k_never, bits)) ++woken;
                          }).value();
    while (thread->state != ThreadState::blocked) sched::yield();
    return thread;
  }

  proc::Process process;
  std::optional<UserSpace> user;
  FutexWord first, second;
};

void in_world(const std::function<void(World&)>& body) {
  host::Machine().run([&] {
    World world;
    body(world);
  });
}

TEST(Futex, AnotherValueIsNotWaitedFor) {
  in_world([](World& world) {
    world.user->write(world.first.address, 7);
    EXPECT_EQ(futex_wait(world.process, world.first, 6, k_never, k_any_bit).error(), Errno::again);
    EXPECT_EQ(futex_wait(world.process, world.first, 7, hal::now() + 5, k_any_bit).error(),
              Errno::timedout);
    EXPECT_EQ(futex_wait(world.process, {world.first.address + 1}, 7, k_never, k_any_bit).error(),
              Errno::inval);
    EXPECT_EQ(futex_wait(world.process, {0x1000}, 7, k_never, k_any_bit).error(), Errno::fault);
  });
}

TEST(Futex, BitsChooseWhoIsWoken) {
  in_world([](World& world) {
    int woken = 0;
    ThreadHandle one = world.start_waiter(world.first, 1, woken);
    ThreadHandle two = world.start_waiter(world.first, 2, woken);
    EXPECT_EQ(futex_wake(world.process, world.first, 10, 4).value(), 0u);
    EXPECT_EQ(futex_wake(world.process, world.first, 10, 2).value(), 1u);
    two.join();
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(futex_wake(world.process, {world.first.address, true}, 10, 1).value(), 0u)
        << "shared and private words do not meet";
    EXPECT_EQ(futex_wake(world.process, world.first, 10, k_any_bit).value(), 1u);
    one.join();
  });
}

TEST(Futex, RequeueWakesSomeAndMovesOthers) {
  in_world([](World& world) {
    int woken = 0;
    ThreadHandle threads[3];
    for (ThreadHandle& thread : threads) {
      thread = world.start_waiter(world.first, k_any_bit, woken);
    }
    const uint32_t wrong = 1, right = 0;
    const auto requeue = [&](int wake, int move, const uint32_t* expected) {
      return futex_requeue(world.process, world.first, world.second, wake, move, expected);
    };
    EXPECT_EQ(requeue(1, 1, &wrong).error(), Errno::again);
    EXPECT_EQ(requeue(-1, 1, nullptr).error(), Errno::inval);
    EXPECT_EQ(requeue(1, 1, &right).value(), 2u);
    threads[0].join();
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(futex_wake(world.process, world.second, 10, k_any_bit).value(), 1u);
    EXPECT_EQ(futex_wake(world.process, world.first, 10, k_any_bit).value(), 1u);
    threads[1].join();
    threads[2].join();
  });
}

TEST(Futex, WakeOpChangesTheOtherWord) {
  in_world([](World& world) {
    constexpr uint32_t k_add_3_if_0 = 1u << 28 | 0u << 24 | 3u << 12;
    int woken = 0;
    ThreadHandle thread = world.start_waiter(world.second, k_any_bit, woken);
    const auto wake_op = [&](uint32_t operation) {
      return futex_wake_op(world.process, world.first, world.second, 1, 1, operation);
    };
    EXPECT_EQ(wake_op(1u << 28 | 9u << 24).error(), Errno::nosys);
    EXPECT_EQ(wake_op(k_add_3_if_0).value(), 1u);
    thread.join();
    EXPECT_EQ(world.user->read(world.second.address), 3u);
    EXPECT_EQ(wake_op(k_add_3_if_0).value(), 0u) << "it was 3";
  });
}

}  // namespace
}  // namespace weft
