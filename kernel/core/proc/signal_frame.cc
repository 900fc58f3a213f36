#include "core/proc/signal_frame.hh"

#include <new>

#include "core/mm/user_memory.hh"

namespace weft::proc {
namespace {

constexpr uint64_t k_red_zone = 128;
constexpr uint64_t k_state_alignment = 64;
constexpr uint64_t k_smallest_other_stack = 2'048;
constexpr int32_t k_stack_flags = static_cast<int32_t>(abi::k_ss_autodisarm);

// What the context says of itself.
constexpr uint64_t k_has_extended_state = 1, k_has_stack_segment = 2, k_restores_it_strictly = 4;

// The flags that a program may set, and those that a handler starts without.
constexpr uint64_t k_direction = 0x400, k_resume = 0x10000, k_trap = 0x100;

struct Frame {
  uint64_t restorer;
  abi::UserContext context;
};
struct LongInfo {
  SignalInfo info;
  uint8_t zeros[sizeof(abi::SignalInfo) - sizeof(SignalInfo)];
};
// Lies in one piece with the frame, so that both are copied at once.
struct FrameWithInfo {
  Frame frame;
  alignas(LongInfo) std::byte info[sizeof(LongInfo)];  // if the handler wants one
};
static_assert(sizeof(FrameWithInfo) == 440 && sizeof(LongInfo) == 128);

// ---- The stack ------------------------------------------------------------------------------------

bool is_on(const abi::SignalStack& stack, VirtAddr pointer) {
  return pointer > stack.base && pointer - stack.base <= stack.size;
}

bool is_same(const abi::SignalStack& one, const abi::SignalStack& other) {
  return one.base == other.base && one.size == other.size && one.flags == other.flags;
}

bool runs_on_other_stack(const UserThread& self, VirtAddr pointer) {
  return (self.other_stack.flags & k_stack_flags) == 0 && is_on(self.other_stack, pointer);
}

struct Places {
  VirtAddr state;
  VirtAddr frame;
};

// Where the frame goes. Errno::fault if it would leave the stack that was made for it.
Result<Places> find_places(const UserThread& self, VirtAddr pointer, uint64_t action_flags,
                           size_t state_size) {
  const abi::SignalStack& other = self.other_stack;
  const bool is_nested = other.size != 0 && runs_on_other_stack(self, pointer);
  const bool enters = other.size != 0 && (action_flags & abi::k_sa_onstack) != 0 && !is_nested;
  VirtAddr at = enters ? other.base + other.size : pointer - k_red_zone;
  Places places;
  places.state = round_down(at - state_size, k_state_alignment);
  // The function finds its stack as after a call: 8 bytes below a multiple of 16.
  places.frame = round_down(places.state - sizeof(FrameWithInfo), 16) - sizeof(uint64_t);
  if ((enters || is_nested) && !is_on(other, places.frame)) return fail(Errno::fault);
  return places;
}

// ---- Registers ------------------------------------------------------------------------------------

// visit(in the context, in the frame) for each register that a handler may change as it likes.
template <typename Context, typename Frame, typename Visit>
void visit_registers(Context& context, Frame& frame, Visit visit) {
  visit(context.r8, frame.r8);
  visit(context.r9, frame.r9);
  visit(context.r10, frame.r10);
  visit(context.r11, frame.r11);
  visit(context.r12, frame.r12);
  visit(context.r13, frame.r13);
  visit(context.r14, frame.r14);
  visit(context.r15, frame.r15);
  visit(context.rdi, frame.rdi);
  visit(context.rsi, frame.rsi);
  visit(context.rbp, frame.rbp);
  visit(context.rbx, frame.rbx);
  visit(context.rdx, frame.rdx);
  visit(context.rax, frame.rax);
  visit(context.rcx, frame.rcx);
  visit(context.rsp, frame.rsp);
  visit(context.rip, frame.rip);
  visit(context.flags, frame.rflags);
}

void save(abi::SignalContext& to, const Registers& from, const UserThread& self) {
  visit_registers(to, from, [](uint64_t& saved, uint64_t value) { saved = value; });
  to.cs = static_cast<uint16_t>(from.cs);
  to.gs = 0;
  to.fs = 0;
  to.ss = static_cast<uint16_t>(from.ss);
  to.error = self.last_fault.error;
  to.trap = self.last_fault.vector;
  to.fault_address = self.last_fault.address;
}

void load(Registers& to, const abi::SignalContext& from) {
  visit_registers(from, to, [](uint64_t saved, uint64_t& value) { value = saved; });
  hal::make_user_registers(to);
}

}  // namespace

Result<> push_frame(UserThread& self, Registers& registers, const abi::SignalAction& action,
                    const SignalInfo& info, SignalSet blocked) {
  const hal::SignalState state = hal::signal_state();
  const Places places = TRY(find_places(self, registers.rsp, action.flags, state.size));
  if (!mm::is_user_range(places.state, state.size)) return fail(Errno::fault);
  TRY(hal::save_signal_state(places.state));

  FrameWithInfo room;
  Frame& frame = room.frame;
  frame.restorer = action.restorer;
  frame.context.flags =
      k_has_stack_segment | k_restores_it_strictly | (state.is_extended ? k_has_extended_state : 0);
  frame.context.link = nullptr;
  frame.context.stack = self.other_stack;
  save(frame.context.registers, registers, self);
  frame.context.registers.old_mask = blocked;
  frame.context.registers.floating_point = reinterpret_cast<void*>(places.state);
  for (uint64_t& word : frame.context.registers.unused) word = 0;
  frame.context.mask = blocked;
  const bool has_info = (action.flags & abi::k_sa_siginfo) != 0;
  if (has_info) ::new (room.info) LongInfo{.info = info, .zeros = {}};
  TRY(mm::copy_to_user(places.frame, &room, has_info ? sizeof room : sizeof frame));

  registers.rdi = static_cast<uint64_t>(info.signal);
  registers.rsi = places.frame + offsetof(FrameWithInfo, info);
  registers.rdx = places.frame + offsetof(Frame, context);
  registers.rax = 0;  // as a function without a known number of arguments wants it
  registers.rsp = places.frame;
  registers.rip = action.handler;
  registers.rflags &= ~(k_direction | k_resume | k_trap);
  if ((self.other_stack.flags & k_stack_flags) != 0) self.other_stack = {};
  return {};
}

Result<> pop_frame(UserThread& self, Registers& registers) {
  abi::UserContext context;
  TRY(mm::copy_from_user(&context, registers.rsp, sizeof context));
  const auto state = reinterpret_cast<VirtAddr>(context.registers.floating_point);
  if (state != 0 && !mm::is_user_range(state, hal::signal_state().size)) return fail(Errno::fault);
  TRY(hal::load_signal_state(state));
  load(registers, context.registers);
  set_blocked(self, context.mask);
  // An unusable stack is no reason not to return.
  if (!is_same(context.stack, self.other_stack)) {
    (void)set_other_stack(self, registers.rsp, context.stack);
  }
  return {};
}

abi::SignalStack other_stack(const UserThread& self, VirtAddr stack_pointer) {
  abi::SignalStack stack = self.other_stack;
  stack.flags &= k_stack_flags;
  if (stack.size == 0) {
    stack.flags |= abi::k_ss_disable;
  } else if (runs_on_other_stack(self, stack_pointer)) {
    stack.flags |= abi::k_ss_onstack;
  }
  return stack;
}

Result<> set_other_stack(UserThread& self, VirtAddr stack_pointer, const abi::SignalStack& stack) {
  if (runs_on_other_stack(self, stack_pointer)) return fail(Errno::perm);
  const uint32_t mode = static_cast<uint32_t>(stack.flags & ~k_stack_flags);
  if (mode == abi::k_ss_disable) {
    self.other_stack = {.base = 0, .flags = stack.flags & k_stack_flags, .size = 0};
    return {};
  }
  if (mode != 0 && mode != abi::k_ss_onstack) return fail(Errno::inval);
  if (is_same(stack, self.other_stack)) return {};
  if (stack.size < k_smallest_other_stack) return fail(Errno::nomem);
  self.other_stack = stack;
  return {};
}

Result<> store_info(VirtAddr place, const SignalInfo& info) {
  const LongInfo whole{.info = info, .zeros = {}};
  return mm::copy_to_user(place, &whole, sizeof whole);
}

}  // namespace weft::proc
