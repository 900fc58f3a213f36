// IrqGuard: interrupts are off on this CPU while it lives. So the running thread cannot lose the
// CPU either. PreemptGuard: interrupts still come, but the running thread keeps its CPU.
#pragma once

#include "core/hal.hh"

namespace weft {

// Interrupts on again, if they were; then gives the CPU away if that was asked for meanwhile.
// Whoever switched them off with hal::irq_save() ends with this.
void restore_interrupts(bool were_on);
// The same for the running thread, which is known to have had them on.
void allow_interrupts(Thread& self);

class IrqGuard {
 public:
  IrqGuard() : were_on_(hal::irq_save()) {}
  ~IrqGuard() { restore_interrupts(were_on_); }
  IrqGuard(const IrqGuard&) = delete;
  IrqGuard& operator=(const IrqGuard&) = delete;

 private:
  bool were_on_;
};

class PreemptGuard {
 public:
  PreemptGuard();
  ~PreemptGuard();
  PreemptGuard(const PreemptGuard&) = delete;
  PreemptGuard& operator=(const PreemptGuard&) = delete;
};

}  // namespace weft
