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

// A process that answers when it is asked, or after a while by itself; its answer is which of them it was.
class SlowProcess {
 public:
  ~SlowProcess() { child_.wait(); }

  void ask() const { (void)sys::write(question_.write_end.get(), "?", 1); }

  // Was it asked? Written plainly, with the way of reading left open.
  template <typename Read>
  bool listen(Read read) const {
    bool was_asked = false;
    (void)read(answer_.read_end.get(), &was_asked, sizeof was_asked);
    return was_asked;
  }

 private:
  static constexpr int k_patience = 200;  // milliseconds

  void answer() const {
    abi::PollEntry entry = {question_.read_end.get(), static_cast<int16_t>(abi::k_pollin), 0};
    const bool was_asked = sys::poll(&entry, 1, k_patience).value_or(0) == 1;
    (void)sys::write(answer_.write_end.get(), &was_asked, sizeof was_asked);
  }

  pipe question_ = pipe::make().value();
  pipe answer_ = pipe::make().value();
  process child_ = process::run([this] { answer(); }).value();
};

// One coroutine waits for the process, the other one would ask it. Did that one come to it in time?
template <typename Read>
bool goes_on(Read read) {
  return coro::run(coro::Options{.mode = coro::Mode::lone}, [&] {
    const SlowProcess slow;
    auto listener = coro::go([&] { return slow.listen(read); });
    auto other = coro::go([&] { slow.ask(); });
    const bool was_asked = listener.join();
    other.join();
    return was_asked;
  });
}

void show(std::string_view how, bool goes_on) {
  print("  {:<36} {}\n", how, goes_on ? "goes on" : "stands still");
}

}  // namespace

int blocking_main(Arguments) {
  print("one worker, two coroutines; one waits, the other\n");
  const auto system_call = [](int fd, void* to, size_t size) { return sys::read(fd, to, size); };
  const auto parking = [](int fd, void* to, size_t size) { return coro::read(fd, to, size); };
  const auto on_a_thread = [&](int fd, void* to, size_t size) {
    return coro::blocking([&] { return system_call(fd, to, size); });
  };
  show("the system call itself", goes_on(system_call));
  show("coro::read()", goes_on(parking));
  show("the system call inside blocking()", goes_on(on_a_thread));
  const SlowProcess slow;
  slow.ask();
  print("the same function with coro::read() on a plain thread works, too: {}\n",
        slow.listen(parking));
  return 0;
}

}  // namespace weft
