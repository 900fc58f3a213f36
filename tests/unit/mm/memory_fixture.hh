// A test that works on the kernel's memory without a whole machine: as the boot code of CPU 0, with
// all of the core's variables as they are before the boot.
#pragma once

#include <gtest/gtest.h>

#include "core/mm/memory.hh"
#include "core/mm/page_frames.hh"
#include "core/mm/stats.hh"
#include "core/sched/scheduler.hh"
#include "unit/support/core_image.hh"
#include "unit/support/host_memory.hh"

namespace weft::mm {

inline constexpr uint64_t k_mebibyte = 1 << 20;

inline PhysAddr at(uint64_t address) { return static_cast<PhysAddr>(address); }

class MemoryTest : public testing::Test {
 protected:
  MemoryTest() { start_core(); }
  ~MemoryTest() override { start_core(); }

  // Memory of that size, all of it free.
  static void start(uint64_t size) {
    host::reset_memory(size);
    const MemoryRegion all{host::k_memory_base, size};
    ASSERT_TRUE(init({&all, 1}));
  }

  // What is in use, with nothing in a cache.
  static uint64_t used_frames() {
    trim();
    return page_frames.stats().used_in_all();
  }

 private:
  static void start_core() {
    host::restore_core_image();
    sched::adopt_boot_cpu();
  }
};

}  // namespace weft::mm
