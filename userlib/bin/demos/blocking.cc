// Run:      blocking
// Look for: one coroutine waits for a slow process; does the other go on? Not if the kernel holds the worker.
// Why:      coro::read() stops the coroutine alone. What cannot be asked for that way gets a thread: blocking().
#include "userlib/coro/blocking.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"
#include "userlib/coro/go.hh"
#include "userlib/coro/io.hh"
#include "userlib/coro/scheduler.hh"
#include "userlib/process/pipe.hh"
#include "userlib/process/process.hh"

namespace weft {
namespace {

// A process that says something after a while.
struct SlowProcess {
  pipe ends = pipe::make().value();
  process child = process::run([this] {
                    const abi::Timespec pause = {0, 30 * static_cast<int64_t>(k_millisecond)};
                    (void)sys::nanosleep(&pause, nullptr);
                    (void)sys::write(ends.write_end.get(), "x", 1);
                  }).value();

  ~SlowProcess() { child.wait(); }
};

// Written plainly, with the way of reading left open.
template <typename Read>
size_t listen(const SlowProcess& other, Read read) {
  char byte;
  return read(other.ends.read_end.get(), &byte, sizeof byte).value_or(0);
}

// How far the second coroutine came while the first one waited.
template <typename Read>
int steps_meanwhile(Read read) {
  return coro::run(coro::Options{.mode = coro::Mode::lone}, [&] {
    const SlowProcess other;
    bool has_heard = false;
    int steps = 0;
    auto listener = coro::go([&] {
      listen(other, read);
      has_heard = true;
    });
    auto walker = coro::go([&] {
      while (!has_heard) {
        coro::sleep_for(k_millisecond);
        ++steps;
      }
    });
    listener.join();
    walker.join();
    return steps;
  });
}

void show(std::string_view how, int steps) {
  print("  {:<36} {}\n", how, steps > 1 ? "goes on" : "stands still");
}

}  // namespace

int blocking_main(Arguments) {
  print("one worker, two coroutines; one waits, the other\n");
  const auto system_call = [](int fd, void* to, size_t size) { return sys::read(fd, to, size); };
  show("the system call itself", steps_meanwhile(system_call));
  const auto parking = [](int fd, void* to, size_t size) { return coro::read(fd, to, size); };
  show("coro::read()", steps_meanwhile(parking));
  show("the system call inside blocking()", steps_meanwhile([&](int fd, void* to, size_t size) {
         return coro::blocking([&] { return system_call(fd, to, size); });
       }));
  const SlowProcess other;
  print("the same function with coro::read() on a plain thread reads {} byte\n",
        listen(other, parking));
  return 0;
}

}  // namespace weft
