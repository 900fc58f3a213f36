#include "unit/support/machine.hh"

#include <gtest/gtest.h>

#include "core/sched/scheduler.hh"
#include "core/sched/thread_list.hh"
#include "unit/support/core_image.hh"

namespace weft::host {
namespace {

// What the machine that is on is for: its start-up code gets no argument.
const MachineOptions* options = nullptr;
const std::function<void()>* body = nullptr;

void run_body(void*) {
  (*body)();
  power_off();
}

void boot() {
  sched::adopt_boot_cpu();
  sched::init(options->policy);
  static Thread* first;
  first = new Thread("body");
  first->entry = run_body;
  sched::start(*first);
  start_other_cpus();
  sched::run_cpu();
}

}  // namespace

void Machine::run(const std::function<void()>& the_body) {
  options = &options_;
  body = &the_body;
  power_on({.cpus = options_.cpus, .seed = options_.seed}, boot);
  restore_core_image();
  sched::adopt_boot_cpu();
}

}  // namespace weft::host
