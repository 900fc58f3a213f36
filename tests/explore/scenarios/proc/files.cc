// Files that belong to a process: its signals from a descriptor, its epoll sets, and descriptors that fork
// copies.
#include <array>

#include "core/ipc/epoll.hh"
#include "core/ipc/pipe_file.hh"
#include "core/proc/process_tree.hh"
#include "core/proc/signal_file.hh"
#include "explore/scenarios/ipc/bytes.hh"
#include "explore/scenarios/proc/family.hh"
#include "unit/support/user_space.hh"

namespace weft::explore {
namespace {

void send(int signal) {
  const auto sent = send_to_process(*proc::first_process, proc::info_from_kernel(signal));
  check(sent.has_value(), "it can be sent");
}

const Scenario signals{
    {.name = "signalfd",
     .about = "one reads two signals from a descriptor, two send one each",
     .cpus = 2,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      constexpr int k_one = 10, k_other = 12;
      Ref<fs::File> file;
      const Program reader{
          .set_up =
              [&] {
                proc::UserThread& self = proc::current_thread();
                constexpr auto k_both = proc::set_of(k_one, k_other);
                set_blocked(self, k_both);
                const int32_t fd = proc::open_signals(self.process, k_both, 0).value();
                file = self.process.files->get(fd).value();
              },
          .run =
              [&] {
                uint32_t sum = 0;
                for (int i = 0; i < 2; ++i) {
                  std::array<uint32_t, 32> record{};
                  fs::IoBuffer to = fs::IoBuffer::kernel(std::as_writable_bytes(std::span(record)));
                  check(file->read(to) == sizeof record, "one signal is read");
                  sum += record[0];
                }
                check(sum == k_one + k_other, "each is read once");
              }};
      begin_family(reader);
      stage.thread("sends 10", [] { send(k_one); });
      stage.thread("sends 12", [] { send(k_other); });
      stage.run();
    }};

// A process that waits for events, with a page of memory for them.
struct Watcher {
  void set_up(uint32_t pipes) {
    proc::Process& process = proc::current_thread().process;
    mm::MapRequest request;
    request.size = k_page_size;
    request.access = mm::Access::read | mm::Access::write;
    events = process.memory->map(request).value();
    host::UserSpace(process.memory).write(events, 0);
    set = ipc::EpollSet::make().value();
    for (uint32_t i = 0; i < pipes; ++i) {
      ends[i] = ipc::make_pipe(0).value();
      const auto added = ipc::EpollSet::from(*set)->add(*ends[i].reader, static_cast<int32_t>(i),
                                                        {abi::k_pollin, i});
      check(added.has_value(), "it is watched");
    }
  }
  // The number of the pipe to which something has happened.
  uint64_t wait() {
    check(ipc::EpollSet::from(*set)->wait(events, 1, k_never) == 1u, "one thing has happened");
    abi::EpollEvent event{};
    check(hal::copy_from_user(&event, events, sizeof event) == 0, "it is told");
    return event.data;
  }

  VirtAddr events = 0;
  Ref<fs::File> set;
  ipc::PipeEnds ends[2];
};

const Scenario epoll{{.name = "epoll",
                      .about = "one waits for two pipes, others write to one each",
                      .cpus = 2,
                      .preemptions = 1,
                      .random_runs = 1000},
                     [](Stage& stage) {
                       Watcher watcher;
                       const Program waiter{.set_up = [&] { watcher.set_up(2); },
                                            .run =
                                                [&] {
                                                  for (int i = 0; i < 2; ++i) {
                                                    ipc::PipeEnds& pipe =
                                                        watcher.ends[watcher.wait()];
                                                    check(read_byte(*pipe.reader) == 'a',
                                                          "there is something to read");
                                                  }
                                                }};
                       begin_family(waiter);
                       for (ipc::PipeEnds& pipe : watcher.ends) {
                         stage.thread(&pipe == watcher.ends ? "writer 0" : "writer 1",
                                      [&] { write_byte(*pipe.writer, 'a'); });
                       }
                       stage.run();
                     }};

const Scenario epoll_close{
    {.name = "epoll-close-watched",
     .about = "a watched pipe is closed while one waits, and another is written to",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      Watcher watcher;
      const Program waiter{
          .set_up = [&] { watcher.set_up(2); },
          .run = [&] { check(watcher.wait() == 1, "it is the one that is written to"); }};
      begin_family(waiter);
      stage.thread("closes", [&] { watcher.ends[0].reader.reset(); });
      stage.thread("writer", [&] { write_byte(*watcher.ends[1].writer, 'a'); });
      stage.run();
    }};

// The pipe's last writer is gone when both tables have let it go.
const Scenario fork_and_close{
    {.name = "fork-close",
     .about = "a descriptor is closed while fork copies it, and a reader waits for the end",
     .cpus = 3,
     .preemptions = 1,
     .random_runs = 1000},
    [](Stage& stage) {
      const Ref<fs::DescriptorTable> parent = fs::DescriptorTable::make().value();
      ipc::PipeEnds pipe = ipc::make_pipe(0).value();
      const int32_t fd = parent->add(std::move(pipe.writer), false, 10).value();
      stage.thread("reader", [&] {
        check(read_byte(*pipe.reader) == k_end_of_file, "there is no writer any more");
      });
      stage.thread("forks", [&] {
        Ref<fs::DescriptorTable> child = parent->copy().value();
        child.reset();
      });
      stage.thread("closes", [&] { check(parent->close(fd).has_value(), "it was open"); });
      stage.run();
    }};

}  // namespace
}  // namespace weft::explore
