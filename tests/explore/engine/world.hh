// World: the agents of a run and what they share, apart from the ground. It is copied back before
// each run, so it is plain data.
//
// An agent is whatever makes steps of its own: a thread of a scenario without a kernel, or a CPU of a
// machine that runs the core. Agent 0 is the director, which runs the scenario's own lines before and
// after the others run.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/types.hh"
#include "explore/engine/fiber.hh"
#include "explore/engine/view.hh"

namespace weft {
class Thread;
}

namespace weft::explore {

struct Location;

enum class AgentState : uint8_t {
  absent,
  gated,  // at the start line
  ready,
  spinning,  // in a busy wait: goes on when one of the words it has read changes
  halted,    // a CPU that waits for an interrupt
  sleeping,  // in a futex wait
  ended,
  directing,
};

// A word that a busy wait looks at.
struct Watched {
  const Location* location;
  uint32_t stores;  // how many it had had
};

struct Agent {
  Fiber* fiber = nullptr;  // runs now, or goes on at the agent's next turn
  AgentState state = AgentState::absent;
  bool is_in_prelude = false;  // on its way to its first step
  bool interrupts_on = false;
  bool is_kicked = false;
  bool is_in_handler = false;
  Instant deadline = k_never;
  uint32_t tick = 0;          // how many steps and accesses it has made in this run
  uint64_t hash = 0;          // of its last event
  Thread* current = nullptr;  // a CPU's
  uintptr_t sleeps_at = 0;    // the futex word
  uint64_t sleep_order = 0;   // who came first
  const char* name = "";
  std::array<Watched, 12> watched{};
  uint8_t watched_count = 0;
};

struct World {
  std::array<Agent, k_most_agents> agents{};
  unsigned agent_count = 0;
  unsigned current = 0;
  unsigned bodies = 0;    // threads of the scenario
  unsigned finished = 0;  // of them
  Instant clock = 0;
  uint64_t sleepers = 0;     // how many waits there were
  uint64_t futex_calls = 0;  // what programs have asked the kernel for, in this run
  uint64_t trace = 0;  // stands for all that has happened, but for the order of what is independent
  uint64_t live_blocks = 0;  // of the scenario's heap
};

}  // namespace weft::explore
