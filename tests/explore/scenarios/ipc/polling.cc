// Waiting for files: what happens after the look and before the sleep is not missed.
#include "core/ipc/epoll.hh"
#include "core/ipc/event_counter.hh"
#include "core/ipc/pipe_file.hh"
#include "core/ipc/poll_set.hh"
#include "core/mm/user_memory.hh"
#include "core/sched/scheduler.hh"
#include "explore/scenario.hh"
#include "explore/scenarios/ipc/bytes.hh"

namespace weft::explore {
namespace {

const Scenario poll{{.name = "poll",
                     .about = "one waits in a poll set for what another writes",
                     .cpus = 2,
                     .preemptions = 1,
                     .random_runs = 2000},
                    [](Stage& stage) {
                      ipc::PipeEnds ends = ipc::make_pipe(0).value();
                      stage.thread("poller", [&] {
                        ipc::PollSet set = ipc::PollSet::make(1).value();
                        set.watches()[0].file = ends.reader;
                        set.watches()[0].wanted = abi::k_pollin;
                        check(set.wait(k_never).value() == 1, "there is something to read");
                        check(read_byte(*ends.reader) == 'a', "and it is read");
                      });
                      stage.thread("writer", [&] { write_byte(*ends.writer, 'a'); });
                      stage.run();
                    }};

// The first byte may be gone before the poller looks: the second must wake it again.
const Scenario poll_twice{
    {.name = "poll-twice",
     .about = "the first byte goes to another reader, the second to the poller",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 2000},
    [](Stage& stage) {
      ipc::PipeEnds ends = ipc::make_pipe(abi::k_o_nonblock).value();
      stage.thread("poller", [&] {
        ipc::PollSet set = ipc::PollSet::make(1).value();
        set.watches()[0].file = ends.reader;
        set.watches()[0].wanted = abi::k_pollin;
        check(set.wait(k_never).value() == 1, "there is something to read");
      });
      stage.thread("thief", [&] { read_byte(*ends.reader); });
      stage.thread("writer", [&] {
        write_byte(*ends.writer, 'a');
        write_byte(*ends.writer, 'b');
      });
      stage.run();
    }};

// What wakes the poller is gone when it looks, and the next comes while it looks.
const Scenario poll_in_vain{
    {.name = "poll-in-vain",
     .about = "the writer takes its first byte back, and writes another one",
     .cpus = 2,
     .preemptions = 2,
     .random_runs = 2000},
    [](Stage& stage) {
      ipc::PipeEnds ends = ipc::make_pipe(0).value();
      stage.thread("poller", [&] {
        ipc::PollSet set = ipc::PollSet::make(1).value();
        set.watches()[0].file = ends.reader;
        set.watches()[0].wanted = abi::k_pollin;
        check(set.wait(k_never).value() == 1, "there is something to read");
      });
      stage.thread("writer", [&] {
        write_byte(*ends.writer, 'a');
        check(read_byte(*ends.reader) == 'a', "nobody else reads");
        write_byte(*ends.writer, 'b');
      });
      stage.run();
    }};

const Scenario poll_ends{
    {.name = "poll-ends",
     .about = "a byte comes just as the patience ends, and a signal",
     .cpus = 2,
     .preemptions = 1,
     .interrupts = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      ipc::PipeEnds ends = ipc::make_pipe(0).value();
      stage.thread("poller", [&] {
        ipc::PollSet set = ipc::PollSet::make(1).value();
        set.watches()[0].file = ends.reader;
        set.watches()[0].wanted = abi::k_pollin;
        const auto count = set.wait(1000);
        if (count == 1u) check(read_byte(*ends.reader) == 'a', "what it was told of is there");
        check(count.has_value() || count.error() == Errno::intr, "it ends in one of three ways");
      });
      stage.thread("writer", [&] { write_byte(*ends.writer, 'a'); });
      stage.thread("signal", [] { sched::interrupt(thread_named("poller")); });
      stage.run();
    }};

// A pipe, and a set that watches one end of it.
struct Watched {
  Watched(Ref<fs::File> ipc::PipeEnds::* end, uint32_t events) {
    check(epoll().add(*(ends.*end), 3, {events, 1}).has_value(), "the pipe is watched");
  }
  ipc::EpollSet& epoll() { return *ipc::EpollSet::from(*set); }

  Ref<fs::File> set = ipc::EpollSet::make().value();
  ipc::PipeEnds ends = ipc::make_pipe(0).value();
};

const Scenario epoll_closes{{.name = "epoll-closes",
                             .about = "a set and a file that it watches go at the same time",
                             .cpus = 2,
                             .preemptions = 1,
                             .random_runs = 2000},
                            [](Stage& stage) {
                              Watched it(&ipc::PipeEnds::reader, abi::k_pollin);
                              stage.thread("set", [&] { it.set.reset(); });
                              stage.thread("reader", [&] { it.ends.reader.reset(); });
                              stage.run();
                            }};

// There is no user memory here: what a set has to tell is told to a bad address.
constexpr VirtAddr k_nowhere = mm::k_user_end;

bool has_something(Watched& it, Instant deadline) {
  const Result<size_t> told = it.epoll().wait(k_nowhere, 1, deadline);
  check(told == 0 || (!told.has_value() && told.error() == Errno::fault),
        "it ends in one of two ways");
  return !told.has_value();
}

const Scenario epoll_waits{
    {.name = "epoll-waits",
     .about = "one waits for what another writes, takes back and writes again",
     .cpus = 2,
     .preemptions = 2,
     .random_runs = 2000},
    [](Stage& stage) {
      Watched it(&ipc::PipeEnds::reader, abi::k_pollin);
      stage.thread("waiter",
                   [&] { check(has_something(it, k_never), "there is something to read"); });
      stage.thread("writer", [&] {
        write_byte(*it.ends.writer, 'a');
        check(read_byte(*it.ends.reader) == 'a', "nobody else reads");
        write_byte(*it.ends.writer, 'b');
      });
      stage.run();
      check(has_something(it, 0), "level: it is told again");
      check(read_byte(*it.ends.reader) == 'b', "the second byte is there");
      check(!has_something(it, 0), "and not when it has been read");
    }};

const Scenario epoll_loses_a_file{
    {.name = "epoll-loses-a-file",
     .about = "a file that has something to tell goes while its set is asked",
     .cpus = 2,
     .preemptions = 2,
     .random_runs = 2000},
    [](Stage& stage) {
      Watched it(&ipc::PipeEnds::writer, abi::k_pollout);
      stage.thread("asks", [&] {
        has_something(it, 0);
        has_something(it, 0);
      });
      stage.thread("closes", [&] { it.ends.writer.reset(); });
      stage.run();
      check(!has_something(it, 0), "nothing is told of what is gone");
    }};

const Scenario epoll_two_wait{
    {.name = "epoll-two-wait",
     .about = "two wait in one set: what stays so is told to both",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 2000},
    [](Stage& stage) {
      Watched it(&ipc::PipeEnds::reader, abi::k_pollin);
      stage.thread("first", [&] { check(has_something(it, k_never), "told"); });
      stage.thread("second", [&] { check(has_something(it, k_never), "told, too"); });
      stage.thread("writer", [&] { write_byte(*it.ends.writer, 'a'); });
      stage.run();
    }};

}  // namespace
}  // namespace weft::explore
