// Calls that come straight back.
#include "bench/guest/measure.hh"
#include "guest/support/clock.hh"
#include "guest/support/files.hh"
#include "guest/support/pipe.hh"
#include "guest/support/signals.hh"

namespace weft::bench {
namespace {

char g_block[64 * 1024];

}  // namespace

BENCHMARK(null_system_call) {
  return per_operation(10'000, [] { sys::getppid(); });
}

BENCHMARK(dup_and_close) {
  return per_operation(5'000, [] { sys::close(static_cast<int>(sys::dup(1))); });
}

BENCHMARK(open_and_close) {
  sys::chdir("/tmp");
  write_file("bench.txt", "x");
  return per_operation(2'000,
                       [] { sys::close(static_cast<int>(sys::open("bench.txt", O_RDONLY))); });
}

BENCHMARK(pread_4k) {
  sys::chdir("/tmp");
  const int fd = open_or_end("bench.bin", O_RDWR | O_CREAT);
  sys::write(fd, g_block, 4096);
  return per_operation(2'000, [&] { sys::pread64(fd, g_block, 4096, 0); });
}

BENCHMARK(pipe_4k) {
  Pipe pipe;
  return per_operation(2'000, [&] {
    sys::write(pipe.writer, g_block, 4096);
    sys::read(pipe.reader, g_block, 4096);
  });
}

BENCHMARK(pipe_64k) {
  Pipe pipe;
  return per_operation(500, [&] {
    sys::write(pipe.writer, g_block, 65'536);
    sys::read(pipe.reader, g_block, 65'536);
  });
}

BENCHMARK(sigaction) {
  return per_operation(5'000, [] { handle(SIGUSR1, [](int) {}); });
}

BENCHMARK(signal_to_oneself) {
  handle(SIGUSR1, [](int) {});
  const int own = static_cast<int>(sys::getpid());
  return per_operation(3'000, [&] { sys::kill(own, SIGUSR1); });
}

// How much later than asked a sleep of 1 ms ends, at best.
BENCHMARK_IN(nanosleep_overshoot, "ns") {
  long long best = 0;
  for (int round = 0; round < 20; ++round) {
    const timespec wanted{0, 1'000'000};
    const long long late =
        duration_of([&] { sys::nanosleep(&wanted, nullptr); }) - k_millisecond_ns;
    if (round == 0 || late < best) best = late;
  }
  return static_cast<double>(best);
}

BENCHMARK(fault_handler) {
  handle_with_info(SIGSEGV, [](int, siginfo_t*, void* context) { registers_of(context).rip += 2; });
  return per_operation(3'000, [] {
    asm volatile("xor %%eax, %%eax\n\t.byte 0x88, 0x00" : : : "rax");  // mov %al, (%rax)
  });
}

}  // namespace weft::bench
