// A CPU of the threaded host machine is one host thread. Kernel threads are fibers, which run now on
// this host thread, now on that one: so this_cpu() is a real call, in a file of its own, and the
// compiler cannot keep a thread-local address across a switch.
//
// An interrupt is a flag that the CPU looks at in each hal call made with interrupts on.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/hal.hh"
#include "unit/support/fiber.hh"

namespace weft::threads {

struct Cpu {
  // ---- Used by the CPU itself only -------------------------------------------------------------
  unsigned id = 0;
  Thread* current = nullptr;
  bool interrupts_on = true;
  Instant deadline = k_never;
  host::Fiber* home = nullptr;     // the host thread's own stack
  host::Fiber* running = nullptr;  // null: the host thread is on its own stack

  // ---- Shared ----------------------------------------------------------------------------------
  std::atomic<bool> is_kicked{false};  // set under `mutex`, so that a halt does not miss it
  std::mutex mutex;
  std::condition_variable wake_up;

  std::thread host;  // CPU 0 has none: it is the thread that switched the machine on
};

// The CPU that the calling host thread is.
Cpu& this_cpu();
// The calling host thread becomes that CPU.
void become(Cpu& cpu);

}  // namespace weft::threads
