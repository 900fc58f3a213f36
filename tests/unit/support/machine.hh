// Machine: a booted core for one test.
//
//   Machine machine({.cpus = 4, .seed = 7, .policy = sched::PolicyKind::prio});
//   machine.run([&] { ... this is the first kernel thread ... });
//
// run() boots the core, runs the function as a thread, checks that it left nothing behind (threads,
// memory, mappings), and switches the machine off. One process may have any number of machines, one
// after the other. The same source runs on hal_sim and on hal_threads.
#pragma once

#include <functional>

#include "core/sched/policy.hh"
#include "unit/support/host.hh"
#include "unit/support/seeds.hh"

namespace weft::host {

struct MachineOptions {
  unsigned cpus = 1;
  uint64_t seed = 1;
  sched::PolicyKind policy = sched::PolicyKind::rr;
  size_t memory = size_t{64} << 20;
};

// A machine of 1 to 4 CPUs with one of the policies, as the seed says.
MachineOptions options_for(uint64_t seed);

class Machine {
 public:
  explicit Machine(const MachineOptions& options = {}) : options_(options) {}
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // May be called more than once; each time is a new boot. What must not be left behind is counted
  // from just before the body to just after it.
  void run(const std::function<void()>& body);

 private:
  MachineOptions options_;
};

}  // namespace weft::host
