// Polling with many threads at once, in a Machine of either kind.
#pragma once

#include "core/ipc/epoll.hh"
#include "core/ipc/pipe_file.hh"
#include "core/ipc/poll_set.hh"
#include "core/mm/user_memory.hh"
#include "core/sched/scheduler.hh"
#include "unit/ipc/io.hh"
#include "unit/support/threads.hh"

namespace weft::scenarios {

// Files close while sets that watch them do, and while events come.
inline void files_and_sets_end(unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    Ref<fs::File> set = ipc::EpollSet::make().value();
    ipc::PipeEnds pipe = ipc::make_pipe(0).value();
    EXPECT_TRUE(ipc::EpollSet::from(*set)->add(*pipe.reader, 3, {abi::k_pollin, 1}).has_value());
    EXPECT_TRUE(ipc::EpollSet::from(*set)->add(*pipe.writer, 4, {abi::k_pollout, 2}).has_value());
    host::Crew crew;
    crew.add([file = std::move(set)]() mutable { file.reset(); });
    crew.add([file = std::move(pipe.reader)]() mutable { file.reset(); });
    crew.add([file = std::move(pipe.writer)]() mutable {
      (void)io::write(*file, "x");
      file.reset();
    });
    crew.join();
  }
}

// A set is asked all the time while files come, have something to tell, change and go. There is no user memory: an
// event is told to a bad address.
inline void a_set_is_asked_while_files_go(unsigned rounds) {
  const Ref<fs::File> set = ipc::EpollSet::make().value();
  Atomic<bool> is_over{false};
  host::Crew crew;
  for (unsigned asker = 0; asker < 2; ++asker) {
    crew.add([&] {
      while (!is_over.load(relaxed)) {
        const Result<size_t> told = ipc::EpollSet::from(*set)->wait(mm::k_user_end, 1, 0);
        EXPECT_TRUE(told == 0 || told.error() == Errno::fault);
        sched::yield();
      }
    });
  }
  for (unsigned round = 0; round < rounds; ++round) {
    ipc::PipeEnds pipe = ipc::make_pipe(0).value();
    const auto watch = [&](fs::File& end) {
      const abi::EpollEvent wanted{abi::k_pollin | abi::k_pollout, 1};
      EXPECT_TRUE(ipc::EpollSet::from(*set)->add(end, 3, wanted).has_value());
    };
    watch(*pipe.reader);
    if (round % 2 == 0) watch(*pipe.writer);  // which always has something to tell
    io::write_text(*pipe.writer, "a");
    sched::yield();
    const auto changed = ipc::EpollSet::from(*set)->modify(*pipe.reader, 3, {abi::k_pollin, 2});
    EXPECT_TRUE(changed.has_value());
    io::read_text(*pipe.reader, 1);
  }
  is_over.store(true, relaxed);
  crew.join();
}

// A reader that waits in a poll set before each read gets all that is written.
inline void no_event_is_lost(unsigned rounds) {
  ipc::PipeEnds there = ipc::make_pipe(0).value();
  ipc::PipeEnds back = ipc::make_pipe(0).value();
  const auto wait_for = [](const Ref<fs::File>& file) {
    ipc::PollSet set = ipc::PollSet::make(1).value();
    set.watches()[0].file = file;
    set.watches()[0].wanted = abi::k_pollin;
    EXPECT_EQ(set.wait(k_never).value(), 1u);
    EXPECT_EQ(io::read_text(*file, 1).size(), 1u);
  };
  host::Crew crew;
  crew.add([&] {
    for (unsigned round = 0; round < rounds; ++round) {
      wait_for(there.reader);
      io::write_text(*back.writer, "b");
    }
  });
  for (unsigned round = 0; round < rounds; ++round) {
    io::write_text(*there.writer, "a");
    wait_for(back.reader);
  }
  crew.join();
}

}  // namespace weft::scenarios
