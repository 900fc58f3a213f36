// Programs that mean harm: nonsense for every call, writes and jumps to everywhere, all memory there is.
// What they get themselves is their own affair; everybody else must not notice.
#include "guest/support/clock.hh"
#include "guest/support/fault.hh"
#include "guest/support/files.hh"
#include "guest/support/pages.hh"
#include "guest/support/process.hh"
#include "guest/support/signals.hh"

namespace weft::guest {
namespace {

char g_zeros[4096];
char g_ones[4096];

// No value from 1 to 64 is among them, as a signal or a process id it could hit somebody.
const uint64_t k_nonsense[] = {
    0,
    ~uint64_t{0},
    0x7000'0000'0000,
    0x7fff'ffff'ffff'ffff,
    0x8000'0000'0000'0000,
    0xffff'8000'0000'1000,
    0xffff'ffff'8000'0000,
    4096,
    reinterpret_cast<uint64_t>(g_zeros),
    reinterpret_cast<uint64_t>(g_ones),
    reinterpret_cast<uint64_t>(g_ones + 4095),
};

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  uint64_t state_;
};

// Waits for a child that may be blocked for ever: it is given a moment, then killed. Its status.
int wait_or_kill(int child) {
  const SignalSet wanted = signal_set(SIGCHLD);
  const timespec moment{0, 10'000'000};
  int status = 0;
  while (sys::wait4(child, &status, WNOHANG, nullptr) == 0) {
    if (sys::rt_sigtimedwait(&wanted, nullptr, &moment, 8) == -EAGAIN) sys::kill(child, SIGKILL);
  }
  return status;
}

bool the_machine_is_whole() {
  char room[16] = {};
  const int fd = open_or_end("witness", O_RDWR | O_CREAT | O_TRUNC);
  sys::write(fd, "intact", 6);
  sys::pread64(fd, room, sizeof room, 0);
  sys::close(fd);
  const int status = wait_for(start_child([] { return 77; }));
  return std::string_view(room) == "intact" && status == 77 << 8;
}

}  // namespace

GUEST_CASE(nonsense_for_every_call) {
  constexpr long k_calls = 460;
  constexpr int k_tries = 6;
  block(signal_set(SIGCHLD));
  __builtin_memset(g_ones, 0xff, sizeof g_ones);
  Random random(1);
  const auto any = [&] { return k_nonsense[random.next() % std::size(k_nonsense)]; };
  for (long number = 0; number < k_calls; ++number) {
    for (int round = 0; round < k_tries; ++round) {
      const uint64_t arguments[] = {any(), any(), any(), any(), any(), any()};
      wait_or_kill(start_child([&] {
        sys::setsid();
        raw_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                    arguments[5]);
      }));
    }
    if (number % 100 == 0)
      show("calls up to", number);  // it takes a while: who watches sees it go on
  }
  check("the machine is whole", the_machine_is_whole());
}

GUEST_CASE(nonsense_the_same_everywhere_for_every_call) {
  block(signal_set(SIGCHLD));
  __builtin_memset(g_ones, 0xff, sizeof g_ones);
  for (const uint64_t& value : k_nonsense) {
    show("value", &value - k_nonsense);
    for (long number = 0; number < 460; ++number) {
      wait_or_kill(start_child([&] {
        sys::setsid();
        raw_syscall(number, value, value, value, value, value, value);
      }));
    }
  }
  check("the machine is whole", the_machine_is_whole());
}

GUEST_CASE(writes_to_everywhere) {
  // In the kernel's half every write must fault; in the own half it may hit the program itself.
  show_child("the kernel's half", [] {
    catch_faults();
    Random random(2);
    int faults = 0;
    for (int round = 0; round < 5'000; ++round) {
      const uint64_t address = random.next() | 0xffff'8000'0000'0000;
      faults += probe_write(reinterpret_cast<void*>(address)).number == SIGSEGV;
    }
    show("faults", faults);
  });
  Random random(3);
  for (int round = 0; round < 300; ++round) {
    const uint64_t address = random.next() & 0x0000'7fff'ffff'f000;
    wait_for(start_child([&] { *reinterpret_cast<volatile char*>(address) = 'x'; }));
  }
  check("the machine is whole", the_machine_is_whole());
}

GUEST_CASE(jumps_to_everywhere) {
  block(signal_set(SIGCHLD));
  Random random(4);
  const auto start_jumper = [](uint64_t address) {
    return start_child([&] { reinterpret_cast<void (*)()>(address)(); });
  };
  int faults = 0;
  for (int round = 0; round < 300; ++round) {
    const uint64_t anywhere = random.next();
    faults += (wait_for(start_jumper(anywhere | 0xffff'8000'0000'0000)) & 0x7f) == SIGSEGV;
    wait_or_kill(start_jumper(random.next() & 0x0000'7fff'ffff'ffff));  // may land on a loop
  }
  show("faults in the kernel's half", faults);
  check("the machine is whole", the_machine_is_whole());
}

GUEST_CASE(memory_until_the_limit) {
  show_child("hog", [] {
    const rlimit limit{256 << 20, 256 << 20};
    must("prlimit64", sys::prlimit64(0, RLIMIT_AS, &limit, nullptr));
    long result = 0;
    int blocks = 0;
    while (true) {
      result =
          sys::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (result < 0) break;
      __builtin_memset(reinterpret_cast<void*>(result), 'x', 1 << 20);
      ++blocks;
    }
    show("the last", result);
    check("about as many MiB as allowed", blocks > 240 && blocks <= 256);
  });
  check("the machine is whole", the_machine_is_whole());
}

GUEST_CASE(stacks_that_end_in_every_way) {
  const auto run_on = [](uint64_t stack) {
    return wait_for(start_child([&] {
      handle(SIGUSR1, [](int) {});
      asm volatile(
          "mov %0, %%rsp\n\t"
          "mov $39, %%eax\n\tsyscall\n\tmov %%rax, %%rdi\n\tmov $10, %%esi\n\t"
          "mov $62, %%eax\n\tsyscall\n\t"
          "push %%rax\n\t"
          "mov $3, %%edi\n\tmov $231, %%eax\n\tsyscall"
          :
          : "r"(stack)
          : "rax", "rcx", "rdi", "rsi", "r11", "memory");
    }));
  };
  for (const uint64_t stack : {uint64_t{0}, uint64_t{8}, uint64_t{0x7000'0000'0000},
                               uint64_t{0xffff'8000'0000'1000}, uint64_t{0x8000'0000'0000'0000}}) {
    show_status("a signal on a bad stack", run_on(stack));
  }
}

}  // namespace weft::guest
