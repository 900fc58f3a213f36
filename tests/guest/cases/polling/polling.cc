// poll, ppoll, select, pselect6: which descriptors are ready, and waiting for it.
#include "guest/support/clock.hh"
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

Text<60> event_names(short events) {
  struct Name {
    short bit;
    const char* text;
  };
  static constexpr Name k_names[] = {
      {POLLIN, " IN"},   {POLLOUT, " OUT"},   {POLLPRI, " PRI"},       {POLLERR, " ERR"},
      {POLLHUP, " HUP"}, {POLLNVAL, " NVAL"}, {POLLRDNORM, " RDNORM"}, {POLLWRNORM, " WRNORM"}};
  Text<60> text;
  for (const Name& name : k_names) {
    if ((events & name.bit) != 0) text.write(name.text);
  }
  if (events == 0) text.write(" nothing");
  return text;
}

void show_poll(std::string_view what, int fd, short events = POLLIN | POLLOUT) {
  pollfd one{fd, events, 0};
  const long result = sys::poll(&one, 1, 0);
  say("{}: {},{}", what, result, event_names(one.revents).view());
}

struct Set {
  uint64_t words[16] = {};
  void add(int fd) { words[fd / 64] |= uint64_t{1} << (fd % 64); }
  bool has(int fd) const { return (words[fd / 64] >> (fd % 64) & 1) != 0; }
};

const timeval k_no_time{0, 0};

}  // namespace

GUEST_CASE(poll_of_a_pipe) {
  Pipe pipe;
  show_poll("empty, reader", pipe.reader);
  show_poll("empty, writer", pipe.writer);
  must("write", sys::write(pipe.writer, "x", 1));
  show_poll("a byte in it, reader", pipe.reader);
  pipe.close_writer();
  show_poll("writer closed, a byte left", pipe.reader);
  show_read("read", pipe.reader);
  show_poll("writer closed, empty", pipe.reader);
}

GUEST_CASE(poll_of_a_full_pipe_and_one_without_readers) {
  Pipe pipe(O_NONBLOCK);
  static char block[4096];
  while (sys::write(pipe.writer, block, sizeof block) > 0) {
  }
  show_poll("full", pipe.writer);
  must("read", sys::read(pipe.reader, block, 1));
  show_poll("one byte free", pipe.writer);
  must("read", sys::read(pipe.reader, block, 4095));
  show_poll("a page free", pipe.writer);
  pipe.close_reader();
  show_poll("no reader", pipe.writer);
}

GUEST_CASE(poll_of_files_and_devices_is_always_ready) {
  write_file("file", "");
  show_poll("an empty file", open_or_end("file", O_RDWR));
  show_poll("a folder", open_or_end(".", O_RDONLY));
  show_poll("/dev/null", open_or_end("/dev/null", O_RDWR));
  show_poll("/dev/zero", open_or_end("/dev/zero", O_RDWR));
}

GUEST_CASE(poll_counts_descriptors_not_events) {
  Pipe one;
  Pipe two;
  must("write", sys::write(one.writer, "x", 1));
  pollfd all[] = {{one.reader, POLLIN, 0},
                  {one.writer, POLLOUT, 0},
                  {two.reader, POLLIN, 7},
                  {-1, POLLIN, 7},
                  {99, POLLIN, 0}};
  show("poll", sys::poll(all, 5, -1));
  for (const pollfd& each : all) say("events{}", event_names(each.revents).view());
}

GUEST_CASE(poll_asks_for_nothing_but_hears_of_the_end) {
  Pipe pipe;
  show_poll("open", pipe.reader, 0);
  pipe.close_writer();
  show_poll("closed", pipe.reader, 0);
}

GUEST_CASE(poll_time_outs) {
  Pipe pipe;
  pollfd one{pipe.reader, POLLIN, 0};
  show("0 ms", sys::poll(&one, 1, 0));
  long result = -1;
  const long long lasted = duration_of([&] { result = sys::poll(&one, 1, 5); });
  show("5 ms", result);
  check("not too early", lasted >= 5 * k_millisecond_ns);
  show("of nothing at all", sys::poll(nullptr, 0, 1));
}

GUEST_CASE(poll_waits_for_a_write) {
  Pipe pipe;
  const int child = start_child([&] {
    pollfd one{pipe.reader, POLLIN, 0};
    const long result = sys::poll(&one, 1, -1);
    say("{},{}", result, event_names(one.revents).view());
  });
  wait_until_blocked(child);
  must("write", sys::write(pipe.writer, "x", 1));
  wait_for(child);
}

GUEST_CASE(poll_waits_for_a_close) {
  Pipe pipe;
  const int child = start_child([&] {
    pipe.close_writer();
    pollfd one{pipe.reader, POLLIN, 0};
    const long result = sys::poll(&one, 1, -1);
    say("{},{}", result, event_names(one.revents).view());
  });
  wait_until_blocked(child);
  pipe.close_writer();
  wait_for(child);
}

GUEST_CASE(poll_waits_for_many_and_any_will_do) {
  constexpr int k_count = 50;
  int ends[k_count][2];
  pollfd all[k_count];
  for (int index = 0; index < k_count; ++index) {
    must("pipe", sys::pipe(ends[index]));
    all[index] = {ends[index][0], POLLIN, 0};
  }
  const int child = start_child([&] {
    show("poll", sys::poll(all, k_count, -1));
    for (int index = 0; index < k_count; ++index) {
      if (all[index].revents != 0) show("ready", index);
    }
  });
  wait_until_blocked(child);
  must("write", sys::write(ends[37][1], "x", 1));
  wait_for(child);
}

GUEST_CASE(poll_errors) {
  pollfd one{0, POLLIN, 0};
  show("a bad pointer", sys::poll(k_bad_pointer, 1, 0));
  show("more than the limit", sys::poll(&one, 5000, 0));
  show("a limit's worth of a bad pointer", sys::poll(k_bad_pointer, 5000, 0));
}

GUEST_CASE(ppoll_time_and_mask) {
  Pipe pipe;
  pollfd one{pipe.reader, POLLIN, 0};
  timespec time{0, 2'000'000};
  show("2 ms", sys::ppoll(&one, 1, &time, nullptr, 8));
  const timespec bad{0, 1'000'000'000};
  show("a bad time", sys::ppoll(&one, 1, &bad, nullptr, 8));
  const SignalSet mask = 0;
  show("a bad mask size", sys::ppoll(&one, 1, &time, &mask, 4));
  static int handled;
  handle(SIGUSR1, [](int) { ++handled; });
  block(signal_set(SIGUSR1));
  raise(SIGUSR1);
  show("a pending signal that the mask lets in", sys::ppoll(&one, 1, nullptr, &mask, 8));
  show("handled", handled);
  check("the old mask is back", blocked_signals() == signal_set(SIGUSR1));
}

GUEST_CASE(select_three_sets) {
  Pipe pipe;
  Set readers;
  Set writers;
  Set exceptions;
  readers.add(pipe.reader);
  writers.add(pipe.writer);
  exceptions.add(pipe.reader);
  timeval time = k_no_time;
  show("empty pipe", sys::select(pipe.writer + 1, &readers, &writers, &exceptions, &time));
  say("reader {}, writer {}, exception {}", readers.has(pipe.reader), writers.has(pipe.writer),
      exceptions.has(pipe.reader));
  must("write", sys::write(pipe.writer, "x", 1));
  readers.add(pipe.reader);
  show("a byte in it", sys::select(pipe.writer + 1, &readers, &writers, nullptr, &time));
}

GUEST_CASE(select_looks_below_its_count_only) {
  Pipe pipe;
  must("write", sys::write(pipe.writer, "x", 1));
  Set readers;
  readers.add(pipe.reader);
  timeval time = k_no_time;
  show("count at the descriptor", sys::select(pipe.reader, &readers, nullptr, nullptr, &time));
  readers.add(pipe.reader);
  show("count above", sys::select(pipe.reader + 1, &readers, nullptr, nullptr, &time));
}

GUEST_CASE(select_errors) {
  Set set;
  set.add(30);
  timeval time = k_no_time;
  show("a closed descriptor", sys::select(31, &set, nullptr, nullptr, &time));
  show("a negative count", sys::select(-1, nullptr, nullptr, nullptr, &time));
  timeval bad{-1, 0};
  show("a bad time", sys::select(0, nullptr, nullptr, nullptr, &bad));
  show("a bad set", sys::select(10, k_bad_pointer, nullptr, nullptr, &time));
}

GUEST_CASE(select_writes_back_the_time_that_is_left) {
  Pipe pipe;
  Set readers;
  readers.add(pipe.reader);
  timeval time{0, 3'000};
  show("select", sys::select(pipe.reader + 1, &readers, nullptr, nullptr, &time));
  say("left: {} {}", time.tv_sec, time.tv_usec);
  must("write", sys::write(pipe.writer, "x", 1));
  readers.add(pipe.reader);
  time = {100, 0};
  show("select", sys::select(pipe.reader + 1, &readers, nullptr, nullptr, &time));
  check("nearly all is left", time.tv_sec >= 90);
}

GUEST_CASE(select_hangup_is_readable_and_error_is_writable) {
  Pipe one;
  Pipe two;
  one.close_writer();
  two.close_reader();
  Set readers;
  Set writers;
  readers.add(one.reader);
  writers.add(two.writer);
  timeval time = k_no_time;
  show("select", sys::select(20, &readers, &writers, nullptr, &time));
}

GUEST_CASE(pselect6_mask) {
  static int handled;
  handle(SIGUSR1, [](int) { ++handled; });
  block(signal_set(SIGUSR1));
  raise(SIGUSR1);
  const SignalSet none = 0;
  struct {
    const SignalSet* mask;
    size_t size;
  } argument{&none, 8};
  show("pselect6", sys::pselect6(0, nullptr, nullptr, nullptr, nullptr, &argument));
  show("handled", handled);
  argument.size = 4;
  show("a bad mask size", sys::pselect6(0, nullptr, nullptr, nullptr, nullptr, &argument));
  const timespec time{0, 1'000'000};
  show("without a mask", sys::pselect6(0, nullptr, nullptr, nullptr, &time, nullptr));
}

GUEST_CASE(eventfd_adds_and_reads) {
  const int fd = static_cast<int>(must("eventfd2", sys::eventfd2(5, 0)));
  uint64_t value = 7;
  show("write 7", sys::write(fd, &value, 8));
  value = 0;
  show("read", sys::read(fd, &value, 8));
  show("value", static_cast<long>(value));
  show("a short read", sys::read(fd, &value, 4));
  show("a short write", sys::write(fd, &value, 4));
  value = ~uint64_t{0};
  show("write of all ones", sys::write(fd, &value, 8));
}

GUEST_CASE(eventfd_semaphore_gives_one_at_a_time) {
  const int fd = static_cast<int>(must("eventfd2", sys::eventfd2(2, EFD_SEMAPHORE | EFD_NONBLOCK)));
  uint64_t value = 0;
  for (int round = 0; round < 3; ++round) {
    const long result = sys::read(fd, &value, 8);
    show("read", result);
    if (result > 0) show("value", static_cast<long>(value));
  }
}

GUEST_CASE(eventfd_is_full_before_it_overflows) {
  const int fd = static_cast<int>(must("eventfd2", sys::eventfd2(0, EFD_NONBLOCK)));
  uint64_t value = ~uint64_t{0} - 1;
  show("write of the largest", sys::write(fd, &value, 8));
  show_poll("full", fd);
  value = 1;
  show("write of 1 more", sys::write(fd, &value, 8));
  must("read", sys::read(fd, &value, 8));
  show_poll("empty", fd);
  show("read of an empty one", sys::read(fd, &value, 8));
}

GUEST_CASE(eventfd_wakes_a_reader) {
  const int fd = static_cast<int>(must("eventfd2", sys::eventfd2(0, 0)));
  const int child = start_child([&] {
    uint64_t value = 0;
    sys::read(fd, &value, 8);
    return static_cast<int>(value);
  });
  wait_until_blocked(child);
  const uint64_t value = 33;
  must("write", sys::write(fd, &value, 8));
  show_status("child", wait_for(child));
}

GUEST_CASE(eventfd_errors) {
  show("unknown flags", sys::eventfd2(0, 0x10));
  const int fd = static_cast<int>(must("eventfd2", sys::eventfd2(0, EFD_CLOEXEC)));
  show("flags", sys::fcntl(fd, F_GETFD));
}

GUEST_CASE(signalfd_reads_signals) {
  const SignalSet wanted = signal_set(SIGUSR1, SIGUSR2);
  block(wanted);
  const int fd = static_cast<int>(sys::signalfd4(-1, &wanted, 8, SFD_NONBLOCK));
  show("signalfd4", fd);
  signalfd_siginfo info[3]{};
  show("nothing there", sys::read(fd, info, sizeof info));
  raise(SIGUSR2);
  raise(SIGUSR1);
  show_poll("ready", fd);
  show("read", sys::read(fd, info, sizeof info) / static_cast<long>(sizeof info[0]));
  say("{} {}", info[0].ssi_signo, info[1].ssi_signo);
  check("from this process", static_cast<long>(info[0].ssi_pid) == sys::getpid());
  show("a short read", sys::read(fd, info, 10));
  show("a bad set size", sys::signalfd4(-1, &wanted, 4, 0));
  show("unknown flags", sys::signalfd4(-1, &wanted, 8, 1));
}

}  // namespace weft::guest
