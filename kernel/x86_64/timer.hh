// The timer behind hal::arm_timer(): one deadline for each CPU.
#pragma once

namespace weft::x86 {

// Makes this CPU's timer ready. The clock goes already.
void start_timer();
// The timer has interrupted.
void on_timer_interrupt(bool from_user_mode);

}  // namespace weft::x86
