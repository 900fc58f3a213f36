// A static position-independent executable: the kernel chooses where it stands. It has no pointers in
// its data, so it needs no relocation, and tells whether its code, data and headers are where the
// auxiliary vector says.
#include "guest/support/calls.hh"

namespace weft::guest {
namespace {

int g_counter = 41;
int g_zero;

void write_text(const char* text, long length) { sys::write(1, text, length); }

}  // namespace

extern "C" [[gnu::used, noreturn, gnu::visibility("hidden")]] void start_program(
    const uint64_t* stack) {
  ++g_counter;
  const bool data_is_right = g_counter == 42 && g_zero == 0;
  const uint64_t* auxiliary = stack + 1 + stack[0] + 1;
  while (*auxiliary != 0) ++auxiliary;
  uint64_t entry = 0;
  for (++auxiliary; *auxiliary != 0; auxiliary += 2) {
    if (*auxiliary == 9) entry = auxiliary[1];  // AT_ENTRY
  }
  uint64_t own_entry;
  asm("lea _start(%%rip), %0" : "=r"(own_entry));
  if (data_is_right && entry == own_entry) {
    write_text("  the program runs where it was put\n", 36);
  } else {
    write_text("  the program is in pieces\n", 27);
  }
  sys::exit_group(7);
  __builtin_unreachable();
}

}  // namespace weft::guest

extern "C" [[gnu::naked, noreturn]] void _start() {
  asm("mov %rsp, %rdi\n\t"
      "and $-16, %rsp\n\t"
      "call start_program\n\t"
      "ud2");
}
