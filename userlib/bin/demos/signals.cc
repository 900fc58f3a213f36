// Run:      signals
// Look for: a handler between two lines of a program; held back and come later; a read that ends, or goes on.
// Why:      the kernel puts the handler on top of whatever runs. What waits is woken: SA_RESTART begins it anew.
#include "userlib/base/print.hh"
#include "userlib/base/text.hh"
#include "userlib/bin/tools.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"
#include "userlib/sys/process.hh"

namespace weft {
namespace {

// Handlers may touch little more than this: who knows what they interrupted?
Atomic<int> seen{0};
int pipe_to_fill = -1;

void count(int) { seen.fetch_add(1, relaxed); }

void send_to_self(int signal) { (void)sys::kill(sys::getpid().value_or(0), signal); }

void between_two_lines() {
  seen.store(0, relaxed);
  (void)sys::on_signal(abi::k_sigusr1, count, 0);
  send_to_self(abi::k_sigusr1);
  print("  sent to myself: the handler ran {} time\n", seen.load(relaxed));

  const uint64_t held = uint64_t{1} << (abi::k_sigusr1 - 1);
  (void)sys::rt_sigprocmask(abi::k_sig_block, &held, nullptr);
  send_to_self(abi::k_sigusr1);
  send_to_self(abi::k_sigusr1);
  print("  held back, sent twice: it ran {} time\n", seen.load(relaxed));
  (void)sys::rt_sigprocmask(abi::k_sig_unblock, &held, nullptr);
  print("  let through: it ran {} times, since two of a kind are one\n", seen.load(relaxed));
  (void)sys::default_signal(abi::k_sigusr1);
}

// Every so often, until it is told to stop.
void alarm_every(int64_t microseconds) {
  const abi::IntervalTimeval often = {{0, microseconds}, {0, microseconds}};
  (void)sys::setitimer(abi::k_itimer_real, &often, nullptr);
}

void while_it_waits() {
  pipe empty = pipe::make().value();
  char byte;
  (void)sys::on_signal(abi::k_sigalrm, count, 0);
  alarm_every(2000);
  const auto ended = sys::read(empty.read_end.get(), &byte, 1);
  print("  a read that an alarm finds: {}\n", describe(ended.error()));

  // Again, but now the alarm must not end it: so the third one fills the pipe.
  seen.store(0, relaxed);
  pipe_to_fill = empty.write_end.get();
  (void)sys::on_signal(
      abi::k_sigalrm,
      [](int) {
        if (seen.fetch_add(1, relaxed) >= 2) (void)sys::write(pipe_to_fill, "x", 1);
      },
      abi::k_sa_restart);
  const auto gone_on = sys::read(empty.read_end.get(), &byte, 1);
  alarm_every(0);
  print("  the same with SA_RESTART: it read {} byte, after three alarms or more: {}\n",
        gone_on.value_or(0), seen.load(relaxed) >= 3);
  (void)sys::default_signal(abi::k_sigalrm);
}

void from_the_kernel() {
  seen.store(0, relaxed);
  (void)sys::on_signal(abi::k_sigchld, count, abi::k_sa_restart);
  process::run([] {})->wait();
  print("  a child ends: SIGCHLD came {} time\n", seen.load(relaxed));
  (void)sys::default_signal(abi::k_sigchld);

  auto saved = process::run([] {
    (void)sys::on_signal(abi::k_sigsegv, [](int) { sys::exit_group(5); }, 0);
    volatile uintptr_t nowhere = 16;
    *reinterpret_cast<volatile int*>(nowhere) = 1;
  });
  print("  a bad pointer, with a handler: ended with {}\n", saved->wait().code());
  auto lost = process::run([] {
    volatile uintptr_t nowhere = 16;
    *reinterpret_cast<volatile int*>(nowhere) = 1;
  });
  print("  a bad pointer, without: {}\n", describe_signal(lost->wait().signal()));
}

}  // namespace

int signals_main(Arguments) {
  print("a handler\n");
  between_two_lines();
  print("somebody who waits\n");
  while_it_waits();
  print("signals from the kernel\n");
  from_the_kernel();
  return 0;
}

}  // namespace weft
