// Run:      downloads [--csv]
// Look for: two downloads one after the other take twice as long as at once, whichever of three ways that is.
// Why:      a download is mostly waiting, and while one waits the other goes on: in another process, in another
//           thread, or in another coroutine of the same thread.
#include <string_view>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/demos/stopwatch.hh"
#include "userlib/bin/demos/table.hh"
#include "userlib/bin/tools.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/io.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

constexpr int k_pieces = 4;
constexpr Nanoseconds k_pause = 15 * k_millisecond;
constexpr size_t k_piece = 1000;

// A server far away: a process that sends pieces with pauses between them. The answer is where they come.
Descriptor ask_server() {
  int ends[2];
  const auto made = sys::pipe2(ends, abi::k_o_cloexec);
  ASSERT(made.has_value(), "there are descriptors for a pipe");
  out.flush();
  const auto child = sys::fork();
  ASSERT(child.has_value(), "there may be one more process");
  if (*child == 0) {
    const char piece[k_piece] = {};
    for (int i = 0; i < k_pieces; ++i) {
      const abi::Timespec pause = {0, static_cast<int64_t>(k_pause)};
      (void)sys::nanosleep(&pause, nullptr);
      (void)sys::write(ends[1], piece, sizeof piece);
    }
    sys::exit_group(0);
  }
  (void)sys::close(ends[1]);
  return Descriptor(ends[0]);
}

template <typename Read>
void download(Read read) {
  const Descriptor connection = ask_server();
  char buffer[k_piece];
  size_t total = 0;
  for (;;) {
    const Result<size_t> count = read(connection.get(), buffer, sizeof buffer);
    if (!count || *count == 0) break;
    total += *count;
  }
  ASSERT(total == k_pieces * k_piece, "a download brings all pieces");
}

void download_and_block() {
  download([](int fd, void* buffer, size_t size) { return sys::read(fd, buffer, size); });
}

void one_after_the_other() {
  download_and_block();
  download_and_block();
}

void two_processes() {
  for (int i = 0; i < 2; ++i) {
    const auto child = sys::fork();
    ASSERT(child.has_value(), "there may be one more process");
    if (*child == 0) {
      download_and_block();
      sys::exit_group(0);
    }
  }
  for (int i = 0; i < 2; ++i) (void)sys::wait4(-1, nullptr, 0, nullptr);
}

void two_threads() {
  thread first(download_and_block);
  thread second(download_and_block);
  first.join();
  second.join();
}

void two_coroutines() {
  coro::run(coro::Options{.mode = coro::Mode::lone}, [] {
    const auto fetch = [] {
      download([](int fd, void* buffer, size_t size) { return coro::read(fd, buffer, size); });
    };
    auto first = coro::go(fetch);
    auto second = coro::go(fetch);
    first.join();
    second.join();
  });
}

void measure(const Table& table, std::string_view how, void (*run)()) {
  const Stopwatch watch;
  run();
  table.row({how, watch.elapsed() / k_millisecond});
  while (sys::wait4(-1, nullptr, abi::k_wnohang, nullptr).value_or(0) > 0) {
  }
}

}  // namespace

int downloads_main(Arguments arguments) {
  const Table table(arguments, {"two downloads", "ms"});
  measure(table, "one after the other", one_after_the_other);
  measure(table, "two processes", two_processes);
  measure(table, "two threads", two_threads);
  measure(table, "two coroutines", two_coroutines);
  return 0;
}

}  // namespace weft
