// epoll: level and edge, one-shot, changes and closes while watched, one epoll inside another.
#include "guest/support/clock.hh"
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

int make_epoll() { return static_cast<int>(must("epoll_create1", sys::epoll_create1(0))); }

long watch(int epoll, int operation, int fd, uint32_t events, uint64_t data = 0) {
  epoll_event event{events, data};
  return sys::epoll_ctl(epoll, operation, fd, &event);
}

// What is ready now: "what: 2 (data 1: IN; data 5: IN HUP)".
void show_ready(std::string_view what, int epoll, int timeout = 0) {
  epoll_event events[8];
  const long count = sys::epoll_wait(epoll, events, 8, timeout);
  if (count <= 0) return show(what, count);
  Text<300> line;
  for (long at = 0; at < count; ++at) {
    const uint32_t bits = events[at].events;
    format(line, " {}:{}{}{}{}", static_cast<uint64_t>(events[at].data),
           (bits & EPOLLIN) != 0 ? " IN" : "", (bits & EPOLLOUT) != 0 ? " OUT" : "",
           (bits & EPOLLERR) != 0 ? " ERR" : "", (bits & EPOLLHUP) != 0 ? " HUP" : "");
  }
  say("{}: {},{}", what, count, line.view());
}

}  // namespace

GUEST_CASE(epoll_create_variants) {
  show("epoll_create1", sys::epoll_create1(0));
  show("with CLOEXEC", sys::epoll_create1(EPOLL_CLOEXEC));
  show("its flags", sys::fcntl(4, F_GETFD));
  show("unknown flags", sys::epoll_create1(1));
  show("epoll_create", sys::epoll_create(10));
  show("of size 0", sys::epoll_create(0));
}

GUEST_CASE(epoll_level_tells_as_long_as_it_is_so) {
  Pipe pipe;
  const int epoll = make_epoll();
  show("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN, 1));
  show_ready("empty", epoll);
  must("write", sys::write(pipe.writer, "ab", 2));
  show_ready("bytes in it", epoll);
  show_ready("still", epoll);
  show_read("read one", pipe.reader, 1);
  show_ready("one is left", epoll);
  show_read("read the other", pipe.reader, 1);
  show_ready("empty again", epoll);
}

GUEST_CASE(epoll_edge_tells_each_change_once) {
  Pipe pipe;
  const int epoll = make_epoll();
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN | EPOLLET, 1));
  must("write", sys::write(pipe.writer, "a", 1));
  show_ready("a byte came", epoll);
  show_ready("nothing new", epoll);
  must("write", sys::write(pipe.writer, "b", 1));
  show_ready("another came", epoll);
  show_read("read one", pipe.reader, 1);
  show_ready("reading is no news", epoll);
}

GUEST_CASE(epoll_edge_tells_what_is_so_when_it_is_added) {
  Pipe pipe;
  const int epoll = make_epoll();
  must("write", sys::write(pipe.writer, "a", 1));
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN | EPOLLET, 1));
  show_ready("at once", epoll);
  show_ready("once", epoll);
  must("mod", watch(epoll, EPOLL_CTL_MOD, pipe.reader, EPOLLIN | EPOLLET, 2));
  show_ready("a change asks again", epoll);
}

GUEST_CASE(epoll_oneshot_is_silent_until_it_is_armed_again) {
  Pipe pipe;
  const int epoll = make_epoll();
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN | EPOLLONESHOT, 1));
  must("write", sys::write(pipe.writer, "a", 1));
  show_ready("first", epoll);
  must("write", sys::write(pipe.writer, "b", 1));
  show_ready("silent", epoll);
  show("arm", watch(epoll, EPOLL_CTL_MOD, pipe.reader, EPOLLIN | EPOLLONESHOT, 2));
  show_ready("again", epoll);
}

GUEST_CASE(epoll_errors_and_hangups_need_not_be_asked_for) {
  Pipe one;
  Pipe two;
  const int epoll = make_epoll();
  must("add", watch(epoll, EPOLL_CTL_ADD, one.reader, 0, 1));
  must("add", watch(epoll, EPOLL_CTL_ADD, two.writer, 0, 2));
  show_ready("open", epoll);
  one.close_writer();
  show_ready("a writer closed", epoll);
  two.close_reader();
  show_ready("a reader closed, too", epoll);
}

GUEST_CASE(epoll_data_is_64_bits_of_the_callers) {
  Pipe pipe;
  const int epoll = make_epoll();
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.writer, EPOLLOUT, 0x1234'5678'9abc'def0));
  epoll_event event{};
  show("wait", sys::epoll_wait(epoll, &event, 1, 0));
  say("{:x}", static_cast<uint64_t>(event.data));
}

GUEST_CASE(epoll_ctl_errors) {
  Pipe pipe;
  write_file("file", "x");
  const int epoll = make_epoll();
  const int file = open_or_end("file", O_RDONLY);
  show("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN));
  show("add again", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN));
  show("modify another", watch(epoll, EPOLL_CTL_MOD, pipe.writer, EPOLLIN));
  show("delete another", watch(epoll, EPOLL_CTL_DEL, pipe.writer, 0));
  show("a regular file", watch(epoll, EPOLL_CTL_ADD, file, EPOLLIN));
  show("itself", watch(epoll, EPOLL_CTL_ADD, epoll, EPOLLIN));
  show("a closed descriptor", watch(epoll, EPOLL_CTL_ADD, 99, EPOLLIN));
  show("not an epoll", watch(pipe.reader, EPOLL_CTL_ADD, pipe.writer, EPOLLIN));
  show("an unknown operation", watch(epoll, 9, pipe.writer, EPOLLIN));
  show("a bad event", sys::epoll_ctl(epoll, EPOLL_CTL_ADD, pipe.writer, k_bad_pointer));
  show("delete needs no event", sys::epoll_ctl(epoll, EPOLL_CTL_DEL, pipe.reader, nullptr));
}

GUEST_CASE(epoll_wait_errors) {
  epoll_event event{};
  const int epoll = make_epoll();
  Pipe pipe;
  show("room for none", sys::epoll_wait(epoll, &event, 0, 0));
  show("room for -1", sys::epoll_wait(epoll, &event, -1, 0));
  show("not an epoll", sys::epoll_wait(pipe.reader, &event, 1, 0));
  show("a closed descriptor", sys::epoll_wait(99, &event, 1, 0));
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.writer, EPOLLOUT));
  show("a bad pointer", sys::epoll_wait(epoll, k_bad_pointer, 1, 0));
}

GUEST_CASE(epoll_closed_descriptor_is_forgotten) {
  const int epoll = make_epoll();
  Pipe pipe;
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN, 1));
  must("write", sys::write(pipe.writer, "x", 1));
  const int reader = pipe.reader;
  pipe.close_reader();
  show_ready("nothing is watched", epoll);
  show("delete", watch(epoll, EPOLL_CTL_DEL, reader, 0));
}

GUEST_CASE(epoll_watches_the_open_file_not_the_number) {
  const int epoll = make_epoll();
  Pipe pipe;
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN, 1));
  const int copy = static_cast<int>(must("dup", sys::dup(pipe.reader)));
  show("a duplicate can be added, too", watch(epoll, EPOLL_CTL_ADD, copy, EPOLLIN, 2));
  must("del", watch(epoll, EPOLL_CTL_DEL, copy, 0));
  must("write", sys::write(pipe.writer, "x", 1));
  sys::close(pipe.reader);
  pipe.reader = copy;
  show_ready("closed, but a duplicate is open", epoll);
}

GUEST_CASE(epoll_wait_gives_no_more_than_there_is_room_for) {
  const int epoll = make_epoll();
  int ends[5][2];
  for (int index = 0; index < 5; ++index) {
    must("pipe", sys::pipe(ends[index]));
    must("add", watch(epoll, EPOLL_CTL_ADD, ends[index][0], EPOLLIN, static_cast<uint64_t>(index)));
    must("write", sys::write(ends[index][1], "x", 1));
  }
  // Two at a time: after enough rounds each was seen, so none starves.
  int seen[5] = {};
  for (int round = 0; round < 5; ++round) {
    epoll_event events[2];
    const long count = sys::epoll_wait(epoll, events, 2, 0);
    show("wait", count);
    for (long at = 0; at < count; ++at) ++seen[static_cast<int>(events[at].data)];
  }
  say("{} {} {} {} {}", seen[0], seen[1], seen[2], seen[3], seen[4]);
}

GUEST_CASE(epoll_wait_time_outs) {
  const int epoll = make_epoll();
  long result = -1;
  epoll_event event{};
  const long long lasted = duration_of([&] { result = sys::epoll_wait(epoll, &event, 1, 5); });
  show("5 ms", result);
  check("not too early", lasted >= 5 * k_millisecond_ns);
}

GUEST_CASE(epoll_wait_is_woken_by_a_write) {
  const int epoll = make_epoll();
  Pipe pipe;
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN, 8));
  const int child = start_child([&] { show_ready("woken", epoll, -1); });
  wait_until_blocked(child);
  must("write", sys::write(pipe.writer, "x", 1));
  wait_for(child);
}

GUEST_CASE(epoll_wait_is_woken_by_an_add) {
  const int epoll = make_epoll();
  Pipe pipe;
  must("write", sys::write(pipe.writer, "x", 1));
  const int child = start_child([&] { show_ready("woken", epoll, -1); });
  wait_until_blocked(child);
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN, 8));
  wait_for(child);
}

GUEST_CASE(epoll_pwait_mask) {
  const int epoll = make_epoll();
  static int handled;
  handle(SIGUSR1, [](int) { ++handled; });
  block(signal_set(SIGUSR1));
  raise(SIGUSR1);
  epoll_event event{};
  const SignalSet none = 0;
  show("epoll_pwait", sys::epoll_pwait(epoll, &event, 1, -1, &none, 8));
  show("handled", handled);
  show("a bad mask size", sys::epoll_pwait(epoll, &event, 1, 0, &none, 4));
}

GUEST_CASE(epoll_inside_an_epoll) {
  const int inner = make_epoll();
  const int outer = make_epoll();
  Pipe pipe;
  must("add", watch(inner, EPOLL_CTL_ADD, pipe.reader, EPOLLIN, 1));
  show("add", watch(outer, EPOLL_CTL_ADD, inner, EPOLLIN, 2));
  show_ready("quiet", outer);
  must("write", sys::write(pipe.writer, "x", 1));
  show_ready("outer", outer);
  show_ready("inner", inner);
  show("a circle is refused", watch(inner, EPOLL_CTL_ADD, outer, EPOLLIN, 3));
}

GUEST_CASE(epoll_can_be_polled) {
  const int epoll = make_epoll();
  Pipe pipe;
  must("add", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN, 1));
  pollfd one{epoll, POLLIN, 0};
  show("quiet", sys::poll(&one, 1, 0));
  must("write", sys::write(pipe.writer, "x", 1));
  show("ready", sys::poll(&one, 1, 0));
}

GUEST_CASE(epoll_edge_of_an_eventfd_tells_every_write) {
  const int epoll = make_epoll();
  const int fd = static_cast<int>(must("eventfd2", sys::eventfd2(0, EFD_NONBLOCK)));
  must("add", watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 1));
  const uint64_t one = 1;
  must("write", sys::write(fd, &one, 8));
  show_ready("first write", epoll);
  must("write", sys::write(fd, &one, 8));
  show_ready("second, without a read in between", epoll);
  show_ready("no third", epoll);
}

GUEST_CASE(epoll_exclusive_and_others_refuse_nonsense) {
  const int epoll = make_epoll();
  Pipe pipe;
  show("exclusive", watch(epoll, EPOLL_CTL_ADD, pipe.reader, EPOLLIN | EPOLLEXCLUSIVE, 1));
  show("exclusive can't be modified", watch(epoll, EPOLL_CTL_MOD, pipe.reader, EPOLLIN, 1));
  show("exclusive and one-shot",
       watch(epoll, EPOLL_CTL_ADD, pipe.writer, EPOLLOUT | EPOLLEXCLUSIVE | EPOLLONESHOT, 1));
}

GUEST_CASE(epoll_thousand_watched_one_ready) {
  const rlimit limit{4096, 4096};
  must("prlimit64", sys::prlimit64(0, RLIMIT_NOFILE, &limit, nullptr));
  const int epoll = make_epoll();
  int last_writer = -1;
  for (int index = 0; index < 1000; ++index) {
    int ends[2];
    must("pipe", sys::pipe(ends));
    must("add", watch(epoll, EPOLL_CTL_ADD, ends[0], EPOLLIN, static_cast<uint64_t>(index)));
    if (index == 777) last_writer = ends[1];
  }
  must("write", sys::write(last_writer, "x", 1));
  show_ready("ready", epoll);
}

}  // namespace weft::guest
