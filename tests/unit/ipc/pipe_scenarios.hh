// Pipes with many threads at once, in a Machine of either kind.
#pragma once

#include <numeric>

#include "core/ipc/pipe_file.hh"
#include "unit/ipc/io.hh"
#include "unit/support/threads.hh"

namespace weft::scenarios {

// What the readers get together is what the writers sent together.
inline void bytes_come_through_once(unsigned writers, unsigned readers, unsigned rounds) {
  ipc::PipeEnds ends = ipc::make_pipe(0).value();
  Atomic<uint64_t> sent{0}, received{0};
  host::Crew crew;
  for (unsigned reader = 0; reader < readers; ++reader) {
    crew.add([&, file = ends.reader, reader] {
      for (;;) {
        const std::string bytes = io::read_text(*file, 777 + reader);
        if (bytes.empty()) return;
        for (const char byte : bytes) received.fetch_add(static_cast<uint8_t>(byte), relaxed);
      }
    });
  }
  for (unsigned writer = 0; writer < writers; ++writer) {
    crew.add([&, file = ends.writer, writer] {
      for (unsigned round = 0; round < rounds; ++round) {
        const std::string block((writer + round) * 317 % 9000 + 1, static_cast<char>(round + 1));
        sent.fetch_add(block.size() * (round + 1), relaxed);
        EXPECT_EQ(io::write_text(*file, block), block.size());
      }
    });
  }
  ends.reader.reset();
  ends.writer.reset();
  crew.join();
  EXPECT_EQ(received.load(relaxed), sent.load(relaxed));
}

// Readers and writers that wait learn of the other end's closing.
inline void ends_close_under_waiters(unsigned rounds) {
  for (unsigned round = 0; round < rounds; ++round) {
    ipc::PipeEnds ends = ipc::make_pipe(0).value();
    host::Crew crew;
    if (round % 2 == 0) {
      crew.add_many(2, [file = ends.reader](unsigned) { EXPECT_EQ(io::read_text(*file, 9), ""); });
    } else {
      crew.add_many(2, [file = ends.writer](unsigned) {
        while (io::write(*file, std::string(5000, 'x')).has_value()) {
        }
      });
    }
    crew.add([file = std::move(round % 2 == 0 ? ends.writer : ends.reader)]() mutable {
      sched::yield();
      file.reset();
    });
    ends.reader.reset();
    ends.writer.reset();
    crew.join();
  }
}

}  // namespace weft::scenarios
