// Pipes: bytes come through once and in order, and the other end's closing is noticed.
#include "core/ipc/pipe_file.hh"

#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"
#include "explore/scenarios/ipc/bytes.hh"

namespace weft::explore {
namespace {

const Scenario message{{.name = "pipe",
                        .about = "one byte, then the end of file",
                        .cpus = 2,
                        .preemptions = 1,
                        .random_runs = 2000},
                       [](Stage& stage) {
                         ipc::PipeEnds ends = ipc::make_pipe(0).value();
                         stage.thread("reader", [&] {
                           check(read_byte(*ends.reader) == 'a', "what was written is read");
                           check(read_byte(*ends.reader) == k_end_of_file,
                                 "then there is no writer any more");
                         });
                         stage.thread("writer", [&] {
                           check(write_byte(*ends.writer, 'a'), "there is room, and a reader");
                           ends.writer.reset();
                         });
                         stage.run();
                       }};

void read_a_byte_each(Stage& stage) {
  ipc::PipeEnds ends = ipc::make_pipe(0).value();
  Atomic<int> sum{0};
  for (const char* name : {"reader 1", "reader 2"}) {
    stage.thread(name, [&] { sum.fetch_add(read_byte(*ends.reader), relaxed); });
  }
  stage.thread("writer", [&] {
    write_byte(*ends.writer, 1);
    write_byte(*ends.writer, 2);
  });
  stage.run();
  check(sum.load(relaxed) == 3, "each byte is read once");
}

const Scenario two_readers{{.name = "pipe-two-readers",
                            .about = "two wait for a byte each",
                            .cpus = 2,
                            .preemptions = 1,
                            .random_runs = 2000},
                           read_a_byte_each};

// Who waits for a byte may be woken for one that a reader who came later has taken.
const Scenario late_reader{{.name = "pipe-late-reader",
                            .about = "one waits for a byte, another comes when it is there",
                            .cpus = 3,
                            .preemptions = 1,
                            .random_runs = 1000},
                           read_a_byte_each};

const Scenario reader_goes{{.name = "pipe-reader-goes",
                            .about = "the only reader goes while a writer waits for room",
                            .cpus = 2,
                            .preemptions = 1,
                            .random_runs = 2000},
                           [](Stage& stage) {
                             ipc::PipeEnds ends = ipc::make_pipe(0).value();
                             fill(*ends.writer);
                             stage.thread("writer", [&] {
                               check(!write_byte(*ends.writer, 'x'),
                                     "nobody will read that any more");
                             });
                             stage.thread("reader", [&] { ends.reader.reset(); });
                             stage.run();
                           }};

const Scenario interrupted{{.name = "pipe-signal",
                            .about = "a signal and a byte come to one who waits",
                            .cpus = 2,
                            .preemptions = 2},
                           [](Stage& stage) {
                             ipc::PipeEnds ends = ipc::make_pipe(0).value();
                             int got = k_error;
                             stage.thread("reader", [&] { got = read_byte(*ends.reader); });
                             stage.thread("writer", [&] { write_byte(*ends.writer, 'a'); });
                             stage.thread("signal",
                                          [] { sched::interrupt(thread_named("reader")); });
                             stage.run();
                             ends.writer.reset();
                             check(read_byte(*ends.reader) == (got == 'a' ? k_end_of_file : 'a'),
                                   "the byte is in one place");
                           }};

// Who opens one end of a FIFO waits until somebody opens the other; even if that one closes it at once.
const Scenario opens{{.name = "fifo-open",
                      .about = "one opens for reading; another opens for writing and closes",
                      .cpus = 2,
                      .preemptions = 2},
                     [](Stage& stage) {
                       const Ref<ipc::Pipe> pipe = ipc::Pipe::make().value();
                       constexpr ipc::Ends k_reader{.reads = true}, k_writer{.writes = true};
                       stage.thread("reader", [&] {
                         check(pipe->open_fifo(k_reader, true).has_value(), "somebody comes");
                       });
                       stage.thread("writer", [&] {
                         check(pipe->open_fifo(k_writer, true).has_value(), "somebody comes");
                         pipe->close(k_writer);
                       });
                       stage.run();
                       pipe->close(k_reader);
                     }};

}  // namespace
}  // namespace weft::explore
