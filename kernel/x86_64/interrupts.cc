#include "x86_64/interrupts.hh"

#include <array>

#include "core/base/atomic.hh"
#include "core/base/log.hh"
#include "core/hal.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/io_apic.hh"
#include "x86_64/local_apic.hh"
#include "x86_64/timer.hh"
#include "x86_64/tlb.hh"
#include "x86_64/vectors.hh"

namespace weft::x86 {
namespace {

// Read by interrupt handlers while the boot CPU may still add some.
constinit std::array<Atomic<IrqHandler>, k_device_lines> device_handlers{};

void handle_device(unsigned line) {
  const IrqHandler handler = device_handlers[line].load(acquire);
  if (handler != nullptr) handler();
}

}  // namespace

bool set_irq_handler(unsigned isa_irq, IrqHandler handler) {
  const IoApicLine line = io_apic_line(isa_irq);
  if (!line.exists || line.number >= k_device_lines) return false;
  device_handlers[line.number].store(handler, release);
  open_io_apic_line(line, static_cast<uint8_t>(k_vector_device + line.number));
  return true;
}

}  // namespace weft::x86

// From entry.S. Interrupts are off.
extern "C" void handle_interrupt(unsigned vector, bool from_user_mode) {
  using namespace weft;
  using namespace weft::x86;
  // The end of the interrupt is announced first: what follows may switch to another thread, and
  // this CPU's next interrupt must not wait until that thread comes back.
  switch (vector) {
    case k_vector_timer:
      end_of_interrupt();
      on_timer_interrupt(from_user_mode);
      break;
    case k_vector_kick:
      end_of_interrupt();
      // Cleared before the work is looked for: a kick that comes later is sent anew.
      own_cpu_block().kick_is_coming.exchange(false, acq_rel);
      upcall::on_kick();
      break;
    case k_vector_flush:
      end_of_interrupt();
      on_flush_interrupt();
      break;
    case k_vector_spurious:  // by definition nothing has happened, and nothing is to be ended
      return;
    default:
      if (vector >= k_vector_device && vector < k_vector_device + k_device_lines) {
        end_of_interrupt();
        handle_device(vector - k_vector_device);
      } else {
        log::warn("interrupt {} came, and nobody knows why", vector);
        if (vector >= k_vector_device) end_of_interrupt();
      }
  }
  // An interrupt comes only where interrupts are on, so that is also where this one returns to.
  upcall::on_interrupt_exit();
}
