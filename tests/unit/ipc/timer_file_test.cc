// Timers as files: when they go off, what they count, and who hears of it.
#include "core/ipc/timer_file.hh"

#include <cstring>

#include <gtest/gtest.h>

#include "unit/ipc/io.hh"
#include "unit/support/machine.hh"
#include "unit/support/threads.hh"

namespace weft::ipc {
namespace {

constexpr Nanoseconds k_step = k_millisecond;

struct Made {
  explicit Made(uint32_t flags = 0) : file(TimerFile::make(false, flags).value()) {}
  TimerFile* operator->() const { return TimerFile::from(*file); }
  // How often it went off.
  uint64_t read() const {
    const std::string bytes = io::read_text(*file, sizeof(uint64_t));
    uint64_t count = 0;
    if (bytes.size() == sizeof count) memcpy(&count, bytes.data(), sizeof count);
    return count;
  }
  Ref<fs::File> file;
};

TEST(TimerFile, GoesOffOnce) {
  host::Machine().run([] {
    Made timer;
    const Instant start = hal::now();
    EXPECT_EQ(timer->set(k_step, false, 0).left, 0u) << "it was not armed";
    EXPECT_LE(timer->get().left, k_step);
    EXPECT_EQ(timer.read(), 1u);
    EXPECT_GE(hal::now(), start + k_step);
    EXPECT_EQ(timer->get().left, 0u);
    timer.file->set_flags(abi::k_o_nonblock, abi::k_o_nonblock);
    EXPECT_EQ(io::read(*timer.file, 8).error(), Errno::again);
    EXPECT_EQ(io::read(*timer.file, 7).error(), Errno::inval);
  });
}

TEST(TimerFile, CountsWhatNobodyRead) {
  host::Machine().run([] {
    Made timer;
    timer->set(k_step, false, k_step);
    sched::sleep_for(10 * k_step + k_step / 2);
    EXPECT_EQ(timer.read(), 10u);
    EXPECT_EQ(timer.read(), 1u) << "and waits for the next";
    EXPECT_EQ(timer->get().interval, k_step);
  });
}

TEST(TimerFile, IsDisarmedAndSetAnew) {
  host::Machine().run([] {
    Made timer(abi::k_o_nonblock);
    timer->set(k_step, false, 0);
    const TimerFile::Setting before = timer->set(0, false, 5 * k_step);
    EXPECT_GT(before.left, 0u);
    EXPECT_EQ(before.interval, 0u);
    sched::sleep_for(2 * k_step);
    EXPECT_EQ(io::read(*timer.file, 8).error(), Errno::again);
    timer->set(k_step, false, 0);
    sched::sleep_for(2 * k_step);
    timer->set(k_step, false, 0);
    EXPECT_EQ(io::read(*timer.file, 8).error(), Errno::again) << "what it had counted is gone";
  });
}

TEST(TimerFile, ATimeThatHasPassedIsNow) {
  host::Machine().run([] {
    sched::sleep_for(3 * k_step);
    Made timer;
    timer->set(k_step, true, 0);
    EXPECT_EQ(timer.read(), 1u);
    timer->set(hal::now() + k_step, true, 0);
    EXPECT_EQ(timer.read(), 1u);
  });
}

TEST(TimerFile, WakesReadersAndThoseWhoPoll) {
  host::Machine().run([] {
    Made timer;
    uint64_t counted = 0;
    ThreadHandle reader = host::start({}, [&] { counted = timer.read(); });
    host::await_blocked(*reader, BlockReason::waiting);
    timer->set(k_step, false, 0);
    reader.join();
    EXPECT_EQ(counted, 1u);

    bool has_heard = false;
    struct Entry : fs::PollEntry {
      explicit Entry(bool& what)
          : PollEntry([](PollEntry& entry, fs::PollEvents events) {
              static_cast<Entry&>(entry).heard = (events & abi::k_pollin) != 0;
              return true;
            }),
            heard(what) {}
      bool& heard;
    } entry(has_heard);
    EXPECT_EQ(timer.file->poll(&entry), 0u);
    timer->set(k_step, false, 0);
    host::await([&] { return timer.file->poll(nullptr) != 0; });
    EXPECT_TRUE(has_heard);
    entry.leave();
  });
}

TEST(TimerFile, MayEndWhileItIsArmed) {
  host::Machine().run([] {
    {
      Made timer;
      timer->set(k_step, false, k_step);
    }
    sched::sleep_for(3 * k_step);
  });
}

TEST(TimerFile, OtherFilesAreNone) {
  host::Machine().run([] {
    Made timer;
    EXPECT_EQ(TimerFile::from(*timer.file), &*timer.operator->());
    EXPECT_EQ(timer.file->status().value().mode & 0777, 0600u);
    EXPECT_EQ(io::write(*timer.file, "12345678").error(), Errno::inval);
  });
}

}  // namespace
}  // namespace weft::ipc
