// User mode on the host machines: there is none. Threads of processes can be made and counted here, but
// what they would do in user mode, a test does in their place.
#include "core/base/assert.hh"
#include "core/base/registers.hh"
#include "core/hal.hh"

namespace weft::hal {

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
void enter_user(Registers&) {
  panic("broken promise: no thread of a host machine enters user mode");
}

}  // namespace weft::hal
