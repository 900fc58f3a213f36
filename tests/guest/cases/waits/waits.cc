// Who waits for whom: /proc/N/waits, which only Weft has. A case starts somebody who waits, and prints
// for what, with names in place of numbers.
#include "guest/support/files.hh"
#include "guest/support/futex.hh"
#include "guest/support/linux.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/socket.hh"
#include "guest/support/system_v.hh"
#include "guest/support/thread.hh"

namespace weft::guest {
namespace {

struct Name {
  int number;
  const char* name;
};

bool is_digit(char each) { return each >= '0' && each <= '9'; }

// What the waiter waits for: its addresses are left out, and numbers become names.
void show_wait(std::string_view what, int waiter, std::initializer_list<Name> names) {
  wait_until_blocked(waiter);
  char room[1000];
  const Text<40> path("/proc/{}/waits", waiter);
  const std::string_view text = read_file(path.c_str(), room);
  Text<1000> shown;
  for (size_t place = 0; place < text.size();) {
    const size_t end = std::min(text.find_first_of(" \n", place), text.size());
    const std::string_view word = text.substr(place, end - place);
    int number = 0;
    for (const char each : word) number = is_digit(each) ? number * 10 + (each - '0') : -1'000'000;
    std::string_view told = word;
    if (word.starts_with("ffff")) told = "X";
    for (const Name& each : names) {
      if (each.number == number) told = each.name;
    }
    const bool ends_line = end < text.size() && text[end] == '\n';
    if (!word.empty()) {
      format(shown, "{}{}{}", shown.view().empty() ? "" : " ", told, ends_line ? ";" : "");
    }
    place = end + 1;
  }
  say("{}: {}", what, shown.view());
}

void end(int pid) {
  sys::kill(pid, SIGKILL);
  wait_for(pid);
}

}  // namespace

GUEST_CASE(waits_for_a_pipe) {
  const Pipe pipe;
  const int reader = start_child([&] {
    sys::close(pipe.writer);
    char byte;
    sys::read(pipe.reader, &byte, 1);
  });
  const int own = static_cast<int>(sys::getpid());
  const int other = start_child([&] {
    sys::close(pipe.reader);
    for (;;) sys::pause();
  });
  wait_until_blocked(other);
  show_wait("a reader", reader, {{own, "us"}, {other, "other"}});
  sys::close(pipe.writer);
  show_wait("when we have closed our end", reader, {{own, "us"}, {other, "other"}});
  end(other);
  show_status("the reader, when all have", wait_for(reader));
}

GUEST_CASE(waits_for_room_in_a_pipe) {
  const Pipe pipe;
  const int own = static_cast<int>(sys::getpid());
  const int writer = start_child([&] {
    sys::close(pipe.reader);
    for (;;) sys::write(pipe.writer, "0123456789abcdef", 16);
  });
  sys::close(pipe.writer);
  show_wait("a writer", writer, {{own, "us"}});
  end(writer);
}

GUEST_CASE(waits_for_its_own_pipe) {
  const int fool = start_child([&] {
    const Pipe pipe;
    char byte;
    sys::read(pipe.reader, &byte, 1);
  });
  show_wait("who forgot to close the other end", fool, {{fool, "itself"}});
  end(fool);
}

GUEST_CASE(waits_for_a_socket) {
  int ends[2];
  must("socketpair", sys::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  const int own = static_cast<int>(sys::getpid());
  const int reader = start_child([&] {
    sys::close(ends[1]);
    char byte;
    sys::read(ends[0], &byte, 1);
  });
  sys::close(ends[0]);
  show_wait("a reader", reader, {{own, "us"}});
  end(reader);
}

GUEST_CASE(waits_for_an_event_counter) {
  const int counter = static_cast<int>(must("eventfd2", sys::eventfd2(0, 0)));
  const int own = static_cast<int>(sys::getpid());
  const int reader = start_child([&] {
    uint64_t value;
    sys::read(counter, &value, sizeof value);
  });
  show_wait("a reader", reader, {{own, "us"}, {reader, "itself"}});
  end(reader);
}

GUEST_CASE(waits_for_locks_on_a_file) {
  const int file = open_or_end("locked", O_RDWR | O_CREAT);
  struct flock range{};
  range.l_type = F_WRLCK;
  range.l_len = 10;
  must("lock", sys::fcntl(file, F_SETLK, &range));
  const int own = static_cast<int>(sys::getpid());
  const int of_range = start_child([&] {
    struct flock same = range;
    sys::fcntl(file, F_SETLKW, &same);
  });
  show_wait("a range of bytes", of_range, {{own, "us"}});
  end(of_range);
  must("flock", sys::flock(file, LOCK_EX));
  const int of_whole = start_child([&] {
    sys::close(file);
    const int again = open_or_end("locked", O_RDWR);
    sys::flock(again, LOCK_EX);
  });
  show_wait("the whole file", of_whole, {{own, "us"}});
  end(of_whole);
}

GUEST_CASE(waits_for_children) {
  int pid_of_grandchild[2];
  must("pipe2", sys::pipe2(pid_of_grandchild, 0));
  const auto start = [&](bool for_this_one) {
    return start_child([&, for_this_one] {
      const int child = start_child([] {
        for (;;) sys::pause();
      });
      sys::write(pid_of_grandchild[1], &child, sizeof child);
      sys::wait4(for_this_one ? child : -1, nullptr, 0, nullptr);
    });
  };
  for (const bool for_this_one : {true, false}) {
    const int parent = start(for_this_one);
    int child;
    sys::read(pid_of_grandchild[0], &child, sizeof child);
    show_wait(for_this_one ? "a certain one" : "any", parent, {{child, "its child"}});
    sys::kill(child, SIGKILL);
    wait_for(parent);
  }
}

GUEST_CASE(waits_for_a_lock_with_an_owner) {
  Shared<int> word;
  must("lock", sys::futex(&*word, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0));
  const int own = static_cast<int>(sys::gettid());
  const int heir = start_child([&] { sys::futex(&*word, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0); });
  show_wait("one that lends priority", heir, {{own, "us"}});
  end(heir);
  store(*word, static_cast<int>(own | FUTEX_WAITERS));
  const int value = load(*word);
  const int waiter = start_child([&] { wait_on(&*word, value); });
  show_wait("one by the custom of robust locks", waiter, {{own, "us"}});
  end(waiter);
}

GUEST_CASE(waits_for_several_files) {
  const Pipe pipe;
  const int counter = static_cast<int>(must("eventfd2", sys::eventfd2(0, 0)));
  const int own = static_cast<int>(sys::getpid());
  const int poller = start_child([&] {
    sys::close(pipe.writer);
    pollfd watched[] = {{pipe.reader, POLLIN, 0}, {counter, POLLIN, 0}};
    sys::poll(watched, 2, -1);
  });
  show_wait("poll", poller, {{own, "us"}, {poller, "itself"}});
  end(poller);
  const int watcher = start_child([&] {
    sys::close(pipe.writer);
    const int set = static_cast<int>(must("epoll_create1", sys::epoll_create1(0)));
    epoll_event event{EPOLLIN, {}};
    must("epoll_ctl", sys::epoll_ctl(set, EPOLL_CTL_ADD, pipe.reader, &event));
    sys::epoll_wait(set, &event, 1, -1);
  });
  show_wait("epoll", watcher, {{own, "us"}});
  end(watcher);
}

GUEST_CASE(waits_for_what_anybody_may_do) {
  const int queue = static_cast<int>(must("msgget", sys::msgget(IPC_PRIVATE, 0600)));
  const int receiver = start_child([&] {
    char room[100];
    sys::msgrcv(queue, room, 10, 0, 0);
  });
  show_wait("a message", receiver, {});
  end(receiver);
  sys::msgctl(queue, IPC_RMID, nullptr);
  const int sleeper = start_child([] { sys::pause(); });
  show_wait("a signal", sleeper, {});
  end(sleeper);
}

GUEST_CASE(waits_of_a_zombie) {
  const int child = start_child([] {});
  wait_until_state(child, 'Z');
  char room[100];
  const Text<40> path("/proc/{}/waits", child);
  say("{}", read_file(path.c_str(), room));
  wait_for(child);
}

}  // namespace weft::guest
