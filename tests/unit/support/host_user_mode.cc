// User mode on the host machines: there is none. Threads of processes can be made and counted here, but
// what they would do in user mode, a test does in their place (user_mode.hh).
#include "core/base/assert.hh"
#include "core/base/registers.hh"
#include "core/hal.hh"
#include "unit/support/user_mode.hh"

namespace weft {

void (*host::in_user_mode)(Registers& registers) = nullptr;

namespace hal {

void reset_user_state(UserState& state) {
  state.fs_base = 0;
  state.gs_base = 0;
}
void copy_user_state(UserState&) {}
void switch_user(UserState*, UserState* to) {
  if (to != nullptr) load_root(to->root);
}
void init_registers(Registers& registers, VirtAddr entry, VirtAddr stack) {
  registers = {};
  registers.rip = entry;
  registers.rsp = stack;
}
// As on the real machine: two segments, and a few flags of the program's own.
void make_user_registers(Registers& registers) {
  registers.cs = 0x33;
  registers.ss = 0x2b;
  registers.rflags = (registers.rflags & 0x50dd5) | 0x202;
}

// There is no floating-point state, but its place in frames is as large as the smallest one.
SignalState signal_state() { return {512, false}; }
Result<> save_signal_state(VirtAddr place) {
  return clear_user(place, 512) == 0 ? Result<>{} : fail(Errno::fault);
}
Result<> load_signal_state(VirtAddr place) {
  std::byte state[512];
  const bool is_good = place == 0 || copy_from_user(state, place, sizeof state) == 0;
  return is_good ? Result<>{} : fail(Errno::fault);
}

void enter_user(Registers& registers) {
  ASSERT(host::in_user_mode != nullptr, "no thread of a host machine enters user mode");
  host::in_user_mode(registers);
  panic("broken promise: user mode is left by a system call");
}

}  // namespace hal
}  // namespace weft
