#include "core/proc/signal_frame.hh"

#include <bit>

#include "core/mm/user_memory.hh"
#include "core/proc/send.hh"

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

struct LongInfo {
  SignalInfo info;
  uint8_t zeros[sizeof(abi::SignalInfo) - sizeof(SignalInfo)];
};
struct Frame {
  uint64_t restorer;
  abi::UserContext context;
  LongInfo info;  // if the handler wants one
};
static_assert(sizeof(Frame) == 440 && sizeof(LongInfo) == 128);
static_assert(offsetof(Frame, context.stack) == hal::SignalFrame::k_stack_place);
static_assert(offsetof(Frame, context.registers) == hal::SignalFrame::k_registers_place);
static_assert(offsetof(Frame, context.registers.cs) == hal::SignalFrame::k_segments_place);
static_assert(offsetof(Frame, context.registers.floating_point) ==
              hal::SignalFrame::k_floating_point_place);
static_assert(offsetof(Frame, context.mask) == hal::SignalFrame::k_mask_place);

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
  // lab:signal begin 4
  const abi::SignalStack& other = self.other_stack;
  VirtAddr at = pointer - k_red_zone;
  bool has_bounds = false;
  if (other.size != 0) {
    const bool is_nested = runs_on_other_stack(self, pointer);
    const bool enters = (action_flags & abi::k_sa_onstack) != 0 && !is_nested;
    if (enters) at = other.base + other.size;
    has_bounds = enters || is_nested;
  }
  Places places;
  places.state = round_down(at - state_size, k_state_alignment);
  // The function finds its stack as after a call: 8 bytes below a multiple of 16.
  places.frame = round_down(places.state - sizeof(Frame), 16) - sizeof(uint64_t);
  if (has_bounds && !is_on(other, places.frame)) return fail(Errno::fault);
  return places;
  // lab:signal stub: static_cast<void>(self);
  // lab:signal stub: static_cast<void>(pointer);
  // lab:signal stub: static_cast<void>(action_flags);
  // lab:signal stub: static_cast<void>(state_size);
  // lab:signal stub: panic("not implemented: lab signal, part 4");
  // lab:signal end
}

hal::SignalFrame frame_of(const UserThread& self, const Registers& registers) {
  static_assert(sizeof self.other_stack == sizeof(hal::SignalFrame::stack));
  hal::SignalFrame frame;
  __builtin_memcpy(frame.stack, &self.other_stack, sizeof frame.stack);
  // cs, then gs and fs (empty), then ss.
  frame.segments = registers.cs | registers.ss << 48;
  frame.error = self.last_fault.error;
  frame.trap = self.last_fault.vector;
  frame.fault_address = self.last_fault.address;
  frame.link = 0;
  return frame;
}

}  // namespace

Result<> push_frame(UserThread& self, Registers& registers, const abi::SignalAction& action,
                    const SignalInfo& info, SignalSet blocked) {
  const hal::SignalState state = hal::signal_state();
  const Places places = TRY(find_places(self, registers.rsp, action.flags, state.size));
  const size_t size = places.state + state.size - places.frame;
  if (!mm::is_user_range(places.frame, size)) return fail(Errno::fault);

  hal::SignalFrame frame = frame_of(self, registers);
  frame.restorer = action.restorer;
  frame.flags =
      k_has_stack_segment | k_restores_it_strictly | (state.is_extended ? k_has_extended_state : 0);
  frame.floating_point = places.state;
  frame.old_mask = frame.mask = blocked;
  TRY(hal::save_signal_frame(places.frame, frame, registers));
  if ((action.flags & abi::k_sa_siginfo) != 0) {
    TRY(store_info(places.frame + offsetof(Frame, info), info));
  }

  // lab:signal begin 4
  registers.rdi = static_cast<uint64_t>(info.signal);
  registers.rsi = places.frame + offsetof(Frame, info);
  registers.rdx = places.frame + offsetof(Frame, context);
  registers.rax = 0;  // as a function without a known number of arguments wants it
  registers.rsp = places.frame;
  registers.rip = action.handler;
  registers.rflags &= ~(k_direction | k_resume | k_trap);
  // lab:signal stub: panic("not implemented: lab signal, part 4");
  // lab:signal end
  if ((self.other_stack.flags & k_stack_flags) != 0) self.other_stack = {};
  return {};
}

Result<> pop_frame(UserThread& self, Registers& registers) {
  // The return address is gone: it has brought the program here.
  const VirtAddr place = registers.rsp - sizeof(Frame::restorer);
  if (!mm::is_user_range(place, offsetof(Frame, info))) return fail(Errno::fault);
  hal::SignalFrame frame;
  TRY(hal::load_signal_frame(frame, registers, place));
  // lab:signal begin 4
  hal::make_user_registers(registers);
  const VirtAddr state = frame.floating_point;
  if (state != 0 && !mm::is_user_range(state, hal::signal_state().size)) return fail(Errno::fault);
  TRY(hal::load_signal_state(state));
  {  // set_blocked(), in place: the end of each handler comes by here
    SpinGuardIrqsOn guard(self.process.signal_lock);
    change_blocked(self, frame.mask & ~k_unblockable);
    update_alert(self);
  }
  // lab:signal stub: panic("not implemented: lab signal, part 4");
  // lab:signal end
  // An unusable stack is no reason not to return.
  const auto stack = std::bit_cast<abi::SignalStack>(frame.stack);
  if (!is_same(stack, self.other_stack)) (void)set_other_stack(self, registers.rsp, stack);
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
