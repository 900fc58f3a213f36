// Futexes: what the userlib's locks sleep in.
#include "core/proc/futex.hh"

#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

// When a wait ends that has a time limit; `is_relative` counts from now.
Result<Instant> deadline_of(uint64_t address, bool is_relative) {
  if (address == 0) return k_never;
  const abi::Timespec time = TRY(UserIn<abi::Timespec>(address).load());
  if (time.seconds < 0 || time.nanoseconds < 0 ||
      static_cast<uint64_t>(time.nanoseconds) >= k_second) {
    return fail(Errno::inval);
  }
  constexpr uint64_t k_most_seconds = k_never / k_second / 2;
  if (static_cast<uint64_t>(time.seconds) >= k_most_seconds) return k_never;
  const uint64_t span =
      static_cast<uint64_t>(time.seconds) * k_second + static_cast<uint64_t>(time.nanoseconds);
  return is_relative ? hal::now() + span : span;
}

}  // namespace

Result<uint64_t> sys_futex(Context& context, UserInOut<uint32_t> word, int32_t operation,
                           uint32_t value, uint64_t timeout_or_count, UserInOut<uint32_t>,
                           uint32_t value3) {
  const auto bits = static_cast<uint32_t>(operation);
  const bool is_shared = (bits & abi::k_futex_private_flag) == 0;
  const uint32_t command = bits & ~(abi::k_futex_private_flag | abi::k_futex_clock_realtime);
  switch (command) {
    case abi::k_futex_wait:
    case abi::k_futex_wait_bitset: {
      const bool has_bits = command == abi::k_futex_wait_bitset;
      if (has_bits && value3 == 0) return fail(Errno::inval);
      const Instant deadline = TRY(deadline_of(timeout_or_count, !has_bits));
      TRY(proc::futex_wait(context.process, word.raw(), is_shared, value, deadline,
                           has_bits ? value3 : proc::k_any_bit));
      return 0;
    }
    case abi::k_futex_wake:
    case abi::k_futex_wake_bitset: {
      const bool has_bits = command == abi::k_futex_wake_bitset;
      if (has_bits && value3 == 0) return fail(Errno::inval);
      return TRY(proc::futex_wake(context.process, word.raw(), is_shared, value,
                                  has_bits ? value3 : proc::k_any_bit));
    }
    default: return fail(Errno::nosys);
  }
}

Result<uint64_t> sys_set_robust_list(Context& context, VirtAddr head) {
  context.thread.robust_list = head;
  return 0;
}

}  // namespace weft::syscall
