// The unit tests' main program.
#include <cstdlib>
#include <string_view>

#include <gtest/gtest.h>

#include "core/sched/scheduler.hh"
#include "unit/support/core_image.hh"
#include "unit/support/seeds.hh"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--seed=")) {
      weft::host::set_wanted_seed(std::strtoull(argv[i] + 7, nullptr, 0));
    }
  }
  weft::host::save_core_image();
  // A test without a Machine runs as the boot code of CPU 0.
  weft::sched::adopt_boot_cpu();
  return RUN_ALL_TESTS();
}
