// What the machine asks of the kernel's memory.
#include "core/hal.hh"
#include "core/mm/page_frames.hh"

namespace weft {

Result<PhysAddr> upcall::table_frame() {
  return mm::page_frames.allocate_zeroed(0, mm::FrameUse::page_table);
}

void upcall::return_table_frame(PhysAddr frame) { mm::page_frames.free(frame, 0); }

}  // namespace weft
