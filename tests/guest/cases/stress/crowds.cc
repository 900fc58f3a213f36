// Many of everything at once, and everything given back.
#include "guest/support/files.hh"
#include "guest/support/futex.hh"
#include "guest/support/pipe.hh"
#include "guest/support/process.hh"
#include "guest/support/shared.hh"
#include "guest/support/signals.hh"
#include "guest/support/thread.hh"

namespace weft::guest {

GUEST_CASE(crowd_of_processes) {
  // All alive at once, and blocked, until the writing end of the pipe is closed.
  constexpr int k_count = 500;
  Pipe pipe;
  Shared<int> alive;
  for (int index = 0; index < k_count; ++index) {
    start_child([&] {
      pipe.close_writer();
      add(*alive, 1);
      char byte;
      return sys::read(pipe.reader, &byte, 1) == 0 ? index % 100 : 255;
    });
  }
  while (load(*alive) < k_count) sys::sched_yield();
  say("{} are alive", k_count);
  pipe.close_writer();
  long sum = 0;
  int status = 0;
  while (sys::wait4(-1, &status, 0, nullptr) > 0) sum += status >> 8;
  show("sum of what they returned", sum);
}

GUEST_CASE(crowd_of_threads) {
  constexpr int k_count = 500;
  constexpr size_t k_stack = 8192;
  struct State {
    int alive = 0;
    int ended = 0;
    Gate gate{};
  } state;
  char* stacks = reinterpret_cast<char*>(
      must("mmap", sys::mmap(nullptr, k_count * k_stack, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
  static int words[k_count];
  for (int index = 0; index < k_count; ++index) {
    words[index] = 1;
    must("clone", clone_thread(
                      k_thread_flags, stacks + (index + 1) * k_stack,
                      [](void* argument) {
                        auto* state = static_cast<State*>(argument);
                        add(state->alive, 1);
                        state->gate.pass();
                        add(state->ended, 1);
                        return 0;
                      },
                      &state, &words[index], &words[index], nullptr));
  }
  while (load(state.alive) < k_count) sys::sched_yield();
  say("{} are alive", k_count);
  state.gate.open();
  for (int& word : words) {
    while (const int tid = load(word)) wait_on(&word, tid);
  }
  show("ended", state.ended);
}

GUEST_CASE(crowd_of_short_lives) {
  // Four lines of processes, each makes the next; none waits for another's.
  for (int line = 0; line < 4; ++line) {
    start_child([] {
      for (int round = 0; round < 250; ++round) {
        if (wait_for(start_child([&] { return round % 256; })) != (round % 256) << 8) return 1;
      }
      return 0;
    });
  }
  int good = 0;
  int status = 0;
  while (sys::wait4(-1, &status, 0, nullptr) > 0) good += status == 0;
  show("lines that counted right", good);
}

GUEST_CASE(crowd_of_signals) {
  // Children that all signal their parent; it takes each once, whatever merges on the way.
  static int handled;
  handle(SIGUSR1, [](int) { add(handled, 1); }, SA_RESTART);
  const int parent = static_cast<int>(sys::getpid());
  for (int index = 0; index < 20; ++index) {
    start_child([&] {
      for (int round = 0; round < 100; ++round) sys::kill(parent, SIGUSR1);
    });
  }
  while (sys::wait4(-1, nullptr, 0, nullptr) > 0) {
  }
  check("some came, none too many", handled >= 1 && handled <= 2000);
  check("none is left", pending_signals() == 0);
}

GUEST_CASE(crowd_of_queued_signals_loses_none) {
  static int handled;
  static long sum;
  handle_with_info(SIGRTMIN, [](int, siginfo_t* info, void*) {
    ++handled;
    sum += info->si_int;
  });
  const int parent = static_cast<int>(sys::getpid());
  block(signal_set(SIGRTMIN));
  for (int index = 0; index < 10; ++index) {
    start_child([&] {
      for (int round = 0; round < 50; ++round) {
        siginfo_t info{};
        info.si_signo = SIGRTMIN;
        info.si_code = SI_QUEUE;
        info.si_int = index * 50 + round;
        if (sys::rt_sigqueueinfo(parent, SIGRTMIN, &info) != 0) return 1;
      }
      return 0;
    });
  }
  int failed = 0;
  int status = 0;
  while (sys::wait4(-1, &status, 0, nullptr) > 0) failed += status != 0;
  unblock(signal_set(SIGRTMIN));
  say("{} handled, sum {}, {} senders failed", handled, sum, failed);
}

GUEST_CASE(crowd_of_files) {
  constexpr int k_count = 3'000;
  must("mkdir", sys::mkdir("many", 0755));
  int failed = 0;
  for (int index = 0; index < k_count; ++index) {
    const long fd =
        sys::open(Text<20>("many/{}", index).c_str(), O_WRONLY | O_CREAT | O_EXCL, 0644);
    failed += fd < 0;
    sys::close(static_cast<int>(fd));
  }
  show("not made", failed);
  for (int index = 0; index < k_count; index += 2) {
    failed += sys::unlink(Text<20>("many/{}", index).c_str()) != 0;
  }
  int found = 0;
  struct stat status{};
  for (int index = 0; index < k_count; ++index) {
    found += sys::stat(Text<20>("many/{}", index).c_str(), &status) == 0;
  }
  say("{} not removed, {} left", failed, found);
  show("rmdir", sys::rmdir("many"));
  for (int index = 1; index < k_count; index += 2) sys::unlink(Text<20>("many/{}", index).c_str());
  show("rmdir when it is empty", sys::rmdir("many"));
}

GUEST_CASE(crowd_of_folders_in_each_other) {
  int depth = 0;
  while (depth < 200 && sys::mkdir("inner", 0755) == 0 && sys::chdir("inner") == 0) ++depth;
  show("depth", depth);
  char room[2048];
  check("its path is as long", sys::getcwd(room, sizeof room) > 200 * 6);
  for (; depth > 0 && sys::chdir("..") == 0 && sys::rmdir("inner") == 0; --depth) {
  }
  show("left", depth);
}

GUEST_CASE(crowd_in_a_pipeline) {
  // A byte goes through a hundred processes, each of which adds 1.
  constexpr int k_stages = 100;
  int input[2];
  must("pipe", sys::pipe(input));
  int reader = input[0];
  for (int stage = 0; stage < k_stages; ++stage) {
    int next[2];
    must("pipe", sys::pipe(next));
    start_child([&] {
      sys::close(input[1]);
      sys::close(next[0]);
      unsigned char byte;
      while (sys::read(reader, &byte, 1) == 1) {
        ++byte;
        sys::write(next[1], &byte, 1);
      }
    });
    sys::close(reader);
    sys::close(next[1]);
    reader = next[0];
  }
  for (unsigned char value = 0; value < 10; ++value) {
    sys::write(input[1], &value, 1);
    unsigned char result = 0;
    sys::read(reader, &result, 1);
    if (result != value + k_stages) return say("a wrong byte: {}", result);
  }
  sys::close(input[1]);
  show_read("the end comes through", reader);
  int status = 0;
  int ended = 0;
  while (sys::wait4(-1, &status, 0, nullptr) > 0) ended += status == 0;
  show("ended", ended);
}

GUEST_CASE(crowd_that_dies_together) {
  // Processes and threads, blocked in all ways, and one kill for their group.
  const int leader = start_child([] {
    sys::setpgid(0, 0);
    for (int index = 0; index < 30; ++index) {
      start_child([&] {
        Gate never{};
        Thread other([&] { never.pass(); });
        Pipe pipe;
        char byte;
        if (index % 3 == 0) sys::read(pipe.reader, &byte, 1);
        if (index % 3 == 1) sys::poll(nullptr, 0, -1);
        for (;;) sys::sched_yield();
      });
    }
    for (;;) sys::pause();
  });
  wait_until_blocked(leader);
  must("kill", sys::kill(-leader, SIGKILL));
  show_status("leader", wait_for(leader));
  while (sys::kill(-leader, 0) == 0) sys::sched_yield();
  say("nobody of them is left");
}

}  // namespace weft::guest
