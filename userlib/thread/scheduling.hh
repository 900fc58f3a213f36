// When and where a thread runs: its priority and its CPUs. All of it is the kernel's business; these
// are its calls with types. A thread number of 0 means the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "core/base/assert.hh"
#include "core/base/result.hh"

namespace weft {

// How the kernel chooses among threads.
enum class scheduling_policy : int32_t {
  other = 0,        // takes turns, weighted by niceness
  fifo = 1,         // before all `other` ones, until it waits or one of higher priority comes
  round_robin = 2,  // the same, but in turns with those of its own priority
  batch = 3,        // as `other`, for work that nobody waits for
  idle = 5,         // only when nobody else wants the CPU
};

struct scheduling {
  scheduling_policy policy = scheduling_policy::other;
  int32_t priority = 0;  // 1 (low) to 99 (high) for fifo and round_robin, 0 for the others

  friend bool operator==(const scheduling&, const scheduling&) = default;
};

// A set of CPUs.
class cpu_set {
 public:
  static constexpr unsigned k_most = 1024;

  constexpr cpu_set() = default;
  constexpr cpu_set(std::initializer_list<unsigned> cpus) {
    for (const unsigned cpu : cpus) insert(cpu);
  }

  constexpr void insert(unsigned cpu) {
    ASSERT(cpu < k_most, "a set has room for so many CPUs");
    words_[cpu / 64] |= uint64_t{1} << cpu % 64;
  }
  constexpr void erase(unsigned cpu) {
    ASSERT(cpu < k_most, "a set has room for so many CPUs");
    words_[cpu / 64] &= ~(uint64_t{1} << cpu % 64);
  }
  constexpr bool contains(unsigned cpu) const {
    return cpu < k_most && (words_[cpu / 64] >> cpu % 64 & 1) != 0;
  }
  constexpr unsigned size() const {
    unsigned count = 0;
    for (const uint64_t word : words_) count += static_cast<unsigned>(__builtin_popcountll(word));
    return count;
  }
  constexpr bool empty() const { return size() == 0; }

  uint64_t* words() { return words_; }
  const uint64_t* words() const { return words_; }

  friend constexpr bool operator==(const cpu_set&, const cpu_set&) = default;

 private:
  uint64_t words_[k_most / 64] = {};
};

// Errno::perm: not without rights. Errno::inval: no such priority, no such CPU. Errno::srch: no such
// thread.
Result<> set_scheduling(int32_t thread, scheduling wanted);
Result<scheduling> get_scheduling(int32_t thread);

// From -20, which gets the most, to 19, which gets the least.
Result<> set_niceness(int32_t thread, int niceness);
Result<int> get_niceness(int32_t thread);

// Where it may run. The kernel moves it at once, if it is elsewhere.
Result<> set_cpus(int32_t thread, const cpu_set& cpus);
Result<cpu_set> get_cpus(int32_t thread);

}  // namespace weft
