// Run:      lives            (on Weft, look at it with `ps -l`, /proc/PID/waits and `make gdb`, too)
// Look for: R for what runs or could, S for what waits: for an event, for a lock, for time; then nothing.
// Why:      New, Runnable, Running, Blocked (Waiting, Locked, Sleeping), Dead: each of them is at one point.
#include <atomic>

#include "userlib/base/file.hh"
#include "userlib/base/print.hh"
#include "userlib/bin/tools.hh"
#include "userlib/thread/event.hh"
#include "userlib/thread/mutex.hh"
#include "userlib/thread/thread.hh"

namespace weft {
namespace {

// The kernel's letter for a thread of this process; '-' when there is none of that number.
char state_of(int32_t number) {
  const Result<String> text = read_file(Text<40>("/proc/self/task/{}/stat", number).c_str());
  if (!text) return '-';
  const size_t end_of_name = text->find(')');
  return end_of_name == String::npos ? '-' : (*text)[end_of_name + 2];
}

void show_when(std::string_view life, const thread& who, char expected) {
  while (state_of(who.native_handle()) != expected) this_thread::yield();
  print("  {:<34} {}\n", life, expected);
}

}  // namespace

int lives_main(Arguments) {
  event stop;
  mutex held;
  held.lock();
  thread runs([&] {
    while (!stop.is_set()) std::atomic_signal_fence(std::memory_order_relaxed);
  });
  thread waits([&] { stop.wait(); });
  thread is_locked_out([&] { const lock_guard guard(held); });
  thread sleeps([&] {
    while (!stop.is_set()) this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  show_when("runs, or would if a CPU were free", runs, 'R');
  show_when("waits for an event", waits, 'S');
  show_when("is locked out", is_locked_out, 'S');
  show_when("sleeps for a while", sleeps, 'S');
  const int32_t numbers[] = {runs.native_handle(), waits.native_handle(),
                             is_locked_out.native_handle(), sleeps.native_handle()};
  held.unlock();
  stop.set();
  for (thread* each : {&runs, &waits, &is_locked_out, &sleeps}) each->join();
  print("  after their ends                   ");
  for (const int32_t number : numbers) {
    while (state_of(number) != '-') this_thread::yield();
    print("{}", state_of(number));
  }
  print("\n");
  return 0;
}

}  // namespace weft
