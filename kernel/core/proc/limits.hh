// Limits: how much of each thing a process may use, as setrlimit() sets it. A child begins with its
// parent's. Where a limit is enforced: NOFILE by fs::DescriptorTable, AS, DATA and STACK by
// mm::AddressSpace, FSIZE by who writes, NPROC by fork, SIGPENDING by who queues signals, CPU by the
// tick (usage.hh). The others are kept and told.
#pragma once

#include <array>

#include "abi/constants.hh"
#include "core/abi/process.hh"
#include "core/base/atomic.hh"
#include "core/mm/address_space.hh"

namespace weft::proc {

class Limits {
 public:
  static constexpr uint32_t k_count = 16;
  static constexpr uint64_t k_first_stack_limit = 8 << 20;
  static constexpr uint64_t k_first_files = 1'024;
  static constexpr uint64_t k_most_files = 4'096;
  static constexpr uint64_t k_most_processes = 32'768;  // half of all ids

  Limits() {
    for (uint32_t which = 0; which < k_count; ++which) set(which, {k_none, k_none});
    set(abi::k_rlimit_stack, {k_first_stack_limit, k_none});
    set(abi::k_rlimit_core, {0, k_none});
    set(abi::k_rlimit_nproc, {k_most_processes, k_most_processes});
    set(abi::k_rlimit_nofile, {k_first_files, k_most_files});
    set(abi::k_rlimit_memlock, {8 << 20, 8 << 20});
    set(abi::k_rlimit_sigpending, {k_most_processes, k_most_processes});
    set(abi::k_rlimit_msgqueue, {819'200, 819'200});
    set(abi::k_rlimit_nice, {0, 0});
    set(abi::k_rlimit_rtprio, {0, 0});
  }

  // What is enforced now; abi::k_no_limit where nothing is.
  uint64_t soft(uint32_t which) const { return limits_[which].soft.load(relaxed); }
  // How far it may be raised.
  uint64_t hard(uint32_t which) const { return limits_[which].hard.load(relaxed); }
  abi::ResourceLimit get(uint32_t which) const { return {soft(which), hard(which)}; }

  // Two that set one limit at the same time may leave one's soft with the other's hard limit, as if
  // they had come one after the other with a word each.
  void set(uint32_t which, const abi::ResourceLimit& limit) {
    limits_[which].soft.store(limit.soft, relaxed);
    limits_[which].hard.store(limit.hard, relaxed);
  }
  void copy_from(const Limits& parent) {
    for (uint32_t which = 0; which < k_count; ++which) set(which, parent.get(which));
  }

  mm::MemoryLimits of_memory() const {
    return {soft(abi::k_rlimit_as), soft(abi::k_rlimit_data), soft(abi::k_rlimit_stack)};
  }

 private:
  static constexpr uint64_t k_none = abi::k_no_limit;
  struct Pair {
    Atomic<uint64_t> soft;
    Atomic<uint64_t> hard;
  };
  std::array<Pair, k_count> limits_;
};

}  // namespace weft::proc
