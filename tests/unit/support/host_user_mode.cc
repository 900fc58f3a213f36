// User mode on the host machines: there is none. Threads of processes can be made and counted here, but
// what they would do in user mode, a test does in their place (user_mode.hh).
#include <cstring>

#include "core/abi/signal.hh"
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
Result<> load_signal_state(VirtAddr place) {
  std::byte state[512];
  const bool is_good = place == 0 || copy_from_user(state, place, sizeof state) == 0;
  return is_good ? Result<>{} : fail(Errno::fault);
}

namespace {

// As in abi::SignalContext.
constexpr uint64_t Registers::* k_frame_registers[] = {
    &Registers::r8,  &Registers::r9,  &Registers::r10,   &Registers::r11, &Registers::r12,
    &Registers::r13, &Registers::r14, &Registers::r15,   &Registers::rdi, &Registers::rsi,
    &Registers::rbp, &Registers::rbx, &Registers::rdx,   &Registers::rax, &Registers::rcx,
    &Registers::rsp, &Registers::rip, &Registers::rflags};

struct HostSignalFrame {
  uint64_t restorer;
  abi::UserContext context;
};

}  // namespace

Result<> save_signal_frame(VirtAddr place, const SignalFrame& frame, const Registers& registers) {
  HostSignalFrame whole{};
  std::memcpy(&whole, &frame, offsetof(SignalFrame, segments));
  uint64_t* word = &whole.context.registers.r8;
  for (const auto member : k_frame_registers) *word++ = registers.*member;
  std::memcpy(word, &frame.segments, offsetof(SignalFrame, mask) - offsetof(SignalFrame, segments));
  whole.context.mask = frame.mask;
  const bool is_good =
      clear_user(frame.floating_point, 512) == 0 && copy_to_user(place, &whole, sizeof whole) == 0;
  return is_good ? Result<>{} : fail(Errno::fault);
}

Result<> load_signal_frame(SignalFrame& frame, Registers& registers, VirtAddr place) {
  HostSignalFrame whole;
  if (copy_from_user(&whole, place, sizeof whole) != 0) return fail(Errno::fault);
  std::memcpy(frame.stack, &whole.context.stack, sizeof frame.stack);
  frame.floating_point = reinterpret_cast<uint64_t>(whole.context.registers.floating_point);
  frame.mask = whole.context.mask;
  const uint64_t* word = &whole.context.registers.r8;
  for (const auto member : k_frame_registers) registers.*member = *word++;
  return {};
}

void enter_user(Registers& registers) {
  ASSERT(host::in_user_mode != nullptr, "no thread of a host machine enters user mode");
  host::in_user_mode(registers);
  panic("broken promise: user mode is left by a system call");
}

}  // namespace hal
}  // namespace weft
