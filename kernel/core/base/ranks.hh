// The order in which locks may be taken. A lock may be taken only while every lock that the CPU or
// the thread holds has a lower rank; so no two threads can wait for each other in a circle.
// Debug builds check it at each lock.
#pragma once

#include <cstdint>

namespace weft {

enum class Rank : uint16_t {
  // Sleeping locks (Mutex, RwLock) come first: under them one may block.
  user = 10,           // tests, demos and other users without a place of their own
  user_inner = 11,     // a second one, taken inside the first
  tree = 30,           // all changes of names in the file tree
  file_position = 40,  // who reads or writes at an open file's position
  file_watchers = 41,  // who wants to know of which file's end
  epoll = 42,          // what an epoll set watches
  file_content = 45,   // who writes to a file
  pipe = 46,           // what is in a pipe; under it bytes move, so user memory may have to come
  passing = 47,        // which files are on their way to whom
  terminal = 48,       // what was typed, and whose terminal it is; the same
  timer_table = 55,    // a process's POSIX timers
  address_space = 60,
  memory_object = 70,
  departures = 80,  // who waits for ended threads' memory

  // Spin locks from here on: under them nobody blocks.
  first_spin = 100,
  console = 100,
  directory = 101,       // a folder's names
  file_context = 102,    // a process's working folder
  descriptors = 103,     // a process's numbers for its files
  process_tree = 104,    // who is whose child, who has ended; the table of process ids
  signals = 105,         // what is pending for a process and its threads, and their masks
  signal_actions = 106,  // what a process does about each
  file_name = 107,       // how files are called, and where
  node = 109,            // a file's times and owner
  user_spin = 110,
  system_v_undo = 110,   // what a process's end undoes
  system_v_table = 111,  // System V objects by number and key
  timer_file = 111,
  system_v = 112,     // one such object
  file_locks = 112,   // which locks there are on files
  poll_source = 113,  // who watches a source of events
  thread_list = 115,
  address_spaces = 116,  // which there are
  inheritance = 120,     // who owns and who waits, over all mutexes
  wait_queue = 130,
  futex = 132,  // two of them in the order of their addresses
  signal_timer = 136,
  cpu_timers = 138,  // those of a process that go by CPU time
  timers = 140,
  run_queue = 150,
  kernel_stacks = 160,  // the pool of ready stacks
  table_pool = 163,     // page tables in store
  cache_list = 165,     // which object caches there are
  object_cache = 170,
  page_frames = 180,
  random = 190,
  log = 200,  // last, so that everything may log
};

// Two locks of that rank may be held, if the one at the lower address was taken first.
constexpr bool may_be_held_twice(Rank rank) { return rank == Rank::futex; }

// Several may be held: epoll sets watch each other, but never in a circle (epoll.hh sees to that), so
// locks that are taken along their way can't wait for each other in one.
constexpr bool may_nest(Rank rank) { return rank == Rank::poll_source || rank == Rank::epoll; }

constexpr bool is_spin(Rank rank) { return rank >= Rank::first_spin; }

}  // namespace weft
