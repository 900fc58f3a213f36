// Futexes: what the userlib's locks sleep in.
#include "core/proc/futex.hh"

#include "core/sched/time_values.hh"
#include "core/sched/wall_clock.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

using proc::FutexWord;

constexpr size_t k_robust_head_size = sizeof(abi::RobustListHead);

// When a wait ends that has a time limit.
enum class Counts { from_now, on_monotonic_clock, on_real_clock };
Result<Instant> deadline_of(uint64_t address, Counts counts) {
  if (address == 0) return k_never;
  const abi::Timespec time = TRY(UserIn<abi::Timespec>(address).load());
  if (!sched::is_valid(time)) return fail(Errno::inval);
  const Nanoseconds value = sched::to_nanoseconds(time);
  switch (counts) {
    case Counts::from_now: return hal::now() + value;
    case Counts::on_monotonic_clock: return value;
    case Counts::on_real_clock: return value - std::min(value, sched::boot_date());
  }
  __builtin_unreachable();
}

Result<uint64_t> done(const Result<>& result) {
  if (!result.has_value()) return fail(result.error());
  return 0;
}

// A wait with a limit goes on by restart_syscall(), since its time has begun; one without begins anew.
Result<uint64_t> go_on_waiting(proc::UserThread& self, proc::RestartBlock& block) {
  return proc::futex_wait(self.process, {block.words[0], block.words[1] != 0},
                          static_cast<uint32_t>(block.words[2]), block.deadline,
                          static_cast<uint32_t>(block.words[3]));
}

Result<uint64_t> wait(Context& context, FutexWord word, uint32_t value, Instant deadline,
                      uint32_t bits) {
  if (bits == 0) return fail(Errno::inval);
  if (deadline == k_never) {
    return proc::futex_wait(context.process, word, value, k_never, bits);
  }
  proc::RestartBlock& block = context.thread.restart;
  block.go_on = go_on_waiting;
  block.deadline = deadline;
  block.words[0] = word.address;
  block.words[1] = word.is_shared ? 1 : 0;
  block.words[2] = value;
  block.words[3] = bits;
  return go_on_waiting(context.thread, block);
}

// All but the two operations that nearly all calls are for.
[[gnu::noinline]] Result<uint64_t> rarer_operation(Context& context, UserInOut<uint32_t> word,
                                                   uint32_t bits, uint32_t value,
                                                   uint64_t timeout_or_count,
                                                   UserInOut<uint32_t> word2, uint32_t value3) {
  using enum Counts;
  const bool is_shared = (bits & abi::k_futex_private_flag) == 0;
  const bool by_real_clock = (bits & abi::k_futex_clock_realtime) != 0;
  const uint32_t command = bits & ~(abi::k_futex_private_flag | abi::k_futex_clock_realtime);
  if (by_real_clock && command != abi::k_futex_wait_bitset && command != abi::k_futex_lock_pi2) {
    return fail(Errno::nosys);
  }
  const FutexWord first{word.raw(), is_shared};
  const FutexWord second{word2.raw(), is_shared};
  const auto count = static_cast<int32_t>(value);
  const auto count2 = static_cast<int32_t>(timeout_or_count);
  const Counts absolute = by_real_clock ? on_real_clock : on_monotonic_clock;
  switch (command) {
    case abi::k_futex_wait:
      return wait(context, first, value, TRY(deadline_of(timeout_or_count, from_now)),
                  proc::k_any_bit);
    case abi::k_futex_wait_bitset:
      return wait(context, first, value, TRY(deadline_of(timeout_or_count, absolute)), value3);
    case abi::k_futex_wake_bitset:
      if (value3 == 0) return fail(Errno::inval);
      return proc::futex_wake(context.process, first, count, value3);
    case abi::k_futex_requeue:
      return proc::futex_requeue(context.process, first, second, count, count2, nullptr);
    case abi::k_futex_cmp_requeue:
      return proc::futex_requeue(context.process, first, second, count, count2, &value3);
    case abi::k_futex_wake_op:
      return proc::futex_wake_op(context.process, first, second, count, count2, value3);
    case abi::k_futex_lock_pi:
      return done(proc::futex_lock(context.thread, first, proc::FutexWaits::until_deadline,
                                   TRY(deadline_of(timeout_or_count, on_real_clock))));
    case abi::k_futex_lock_pi2:
      return done(proc::futex_lock(context.thread, first, proc::FutexWaits::until_deadline,
                                   TRY(deadline_of(timeout_or_count, absolute))));
    case abi::k_futex_trylock_pi:
      return done(proc::futex_lock(context.thread, first, proc::FutexWaits::never, k_never));
    case abi::k_futex_unlock_pi: return done(proc::futex_unlock(context.thread, first));
    default: return fail(Errno::nosys);
  }
}

}  // namespace

[[gnu::always_inline]] Result<uint64_t> sys_futex(Context& context, UserInOut<uint32_t> word,
                                                  int32_t operation, uint32_t value,
                                                  uint64_t timeout_or_count,
                                                  UserInOut<uint32_t> word2, uint32_t value3) {
  const auto bits = static_cast<uint32_t>(operation);
  const uint32_t command = bits & ~abi::k_futex_private_flag;
  const FutexWord first{word.raw(), command == bits};
  if (command == abi::k_futex_wake) {
    return proc::futex_wake(context.process, first, static_cast<int32_t>(value), proc::k_any_bit);
  }
  if (command == abi::k_futex_wait && timeout_or_count == 0) {
    return proc::futex_wait(context.process, first, value, k_never, proc::k_any_bit);
  }
  return rarer_operation(context, word, bits, value, timeout_or_count, word2, value3);
}

Result<uint64_t> sys_set_robust_list(Context& context, VirtAddr head) {
  context.thread.robust_list = head;
  return 0;
}

Result<uint64_t> sys_get_robust_list(Context& context, int32_t tid, UserOut<uint64_t> head,
                                     UserOut<uint64_t> size) {
  VirtAddr list = context.thread.robust_list;
  if (tid != 0) {
    SpinGuard guard(proc::tree_lock);
    const proc::UserThread* const thread = proc::find_thread(tid);
    if (thread == nullptr) return fail(Errno::srch);
    list = thread->robust_list;
  }
  TRY(size.store(k_robust_head_size));
  TRY(head.store(list));
  return 0;
}

}  // namespace weft::syscall
