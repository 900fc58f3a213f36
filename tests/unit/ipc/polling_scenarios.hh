// Polling with many threads at once, in a Machine of either kind.
#pragma once

#include "core/ipc/epoll.hh"
#include "core/ipc/pipe_file.hh"
#include "core/ipc/poll_set.hh"
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
