#include "x86_64/old_pic.hh"

#include <cstdint>
#include <initializer_list>

#include "x86_64/registers.hh"
#include "x86_64/vectors.hh"

// They deliver their interrupts as vectors 8 to 15 and so on, which are exceptions now. So they are
// first moved out of the way, since even a masked controller can send a spurious interrupt.
void weft::x86::silence_old_pic() {
  constexpr uint16_t k_first = 0x20, k_second = 0xa0;
  for (const uint16_t port : {k_first, k_second}) out8(port, 0x11);  // a new set-up follows
  out8(k_first + 1, k_vector_pic);
  out8(k_second + 1, k_vector_pic + 8);
  out8(k_first + 1, 4);  // the second is at line 2 of the first
  out8(k_second + 1, 2);
  for (const uint16_t port : {k_first, k_second}) out8(port + 1, 1);
  for (const uint16_t port : {k_first, k_second}) out8(port + 1, 0xff);
}
