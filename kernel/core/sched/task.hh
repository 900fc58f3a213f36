// Task: what a scheduling policy knows of a thread. Threads derive from it; the simulator and the
// unit tests make tasks that are nothing more. All fields belong to the run queue the task is on.
#pragma once

#include <cstdint>

#include "core/base/list.hh"
#include "core/base/rbtree.hh"
#include "core/base/types.hh"

namespace weft::sched {

// Fixed priorities: a greater number is more urgent.
inline constexpr int k_lowest_priority = 0;
inline constexpr int k_normal_priority = 31;
inline constexpr int k_highest_priority = 63;

// Niceness, as Unix has it: -20 takes the most of the CPU, 19 leaves the most to others.
inline constexpr int k_least_nice = -20;
inline constexpr int k_most_nice = 19;

struct Task {
  // ---- What its owner says -----------------------------------------------------------------
  int priority = k_normal_priority;   // as it was given
  int inherited = k_lowest_priority;  // of the most urgent thread that waits for it
  int nice = 0;

  int effective_priority() const { return priority > inherited ? priority : inherited; }

  // ---- The policy's own; nobody else reads or writes it -------------------------------------
  ListHook queue_hook;           // rr, prio, mlfq
  RbNode tree_hook;              // fair
  bool queued = false;           // it is in the policy's queue (may be read by all)
  Nanoseconds slice_used = 0;    // of the current turn
  int level = 0;                 // mlfq: 0 is the most urgent
  Nanoseconds level_used = 0;    // mlfq: time used at this level
  uint64_t epoch = 0;            // mlfq: the boost it has seen
  int64_t weight = 0;            // fair: with which it is counted in its queue; 0: it isn't
  int64_t lag = 0;               // fair: while not counted: virtual time it is owed * its weight
  int64_t virtual_time = 0;      // fair: CPU time, divided by its weight
  uint64_t remainder = 0;        // fair: of that division
  Nanoseconds request = 0;       // fair: how much it has asked for
  int64_t virtual_deadline = 0;  // fair: when that request should be served
  int64_t subtree_least = 0;     // fair: the least virtual_time in its subtree
};

}  // namespace weft::sched
