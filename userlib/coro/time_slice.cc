#include "userlib/coro/time_slice.hh"

#include <cpuid.h>

#include "core/abi/signal.hh"
#include "userlib/coro/biased_word.hh"
#include "userlib/coro/frame.hh"
#include "userlib/coro/sanitizers.hh"
#include "userlib/coro/stack_pool.hh"
#include "userlib/coro/worker.hh"
#include "userlib/sys/auxiliary.hh"
#include "userlib/sys/last_error.hh"
#include "userlib/sys/platform.hh"
#include "userlib/sys/process.hh"
#include "userlib/sys/uninterrupted.hh"
#include "userlib/syscalls.hh"
#if WEFT_HOSTED
#include <cerrno>
#endif

// For the assembly: what XSAVE writes, or 0 where there is only FXSAVE.
extern "C" {
constinit uint64_t weft_coro_xsave_size = 0;
void weft_coro_interrupted();
void weft_coro_give_way();
}

// Of the program itself, by the linker.
extern "C" const char __executable_start, etext;

namespace weft::coro {
namespace {

constexpr int32_t k_signal = abi::k_sigurg;
constexpr uint64_t k_red_zone =
    128;  // below the stack pointer, where a function may keep variables
constexpr size_t k_fxsave_size = 512;
constexpr size_t k_room_for_calls = 2048;  // of the runtime, from give_way() to the switch

uint64_t size_of_xsave() {
  constexpr uint32_t k_osxsave = 1u << 27;
  uint32_t eax, ebx, ecx, edx;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & k_osxsave) == 0) return 0;
  return __get_cpuid_count(0xd, 0, &eax, &ebx, &ecx, &edx) == 0 ? 0 : ebx;
}

bool is_in_program(uint64_t place) {
  if (!WEFT_HOSTED) return true;
  return place >= reinterpret_cast<uintptr_t>(&__executable_start) &&
         place < reinterpret_cast<uintptr_t>(&etext);
}

bool is_good_place(const abi::SignalContext& registers) {
  const Worker* worker = this_worker();
  if (worker == nullptr || weft_uninterrupted != 0 || weft_uninterrupted_briefly) return false;
  // Another coroutine would say there at which word it is.
  if (own_plain_section() != nullptr && own_plain_section()->at.load(relaxed) != nullptr)
    return false;
  if (!is_in_program(registers.rip)) return false;
  const Coroutine& coroutine = running();
  // It is about to stop, and may have been woken already.
  if (coroutine.park.load(relaxed) != Park::none) return false;
  const auto size = static_cast<StackSize>(coroutine.stack_class);
  if (is_packed(size)) return false;
  const uint64_t needed = weft_coro_xsave_size + k_fxsave_size + k_red_zone + k_room_for_calls;
  return registers.rsp >= stack_floor(size, reinterpret_cast<uintptr_t>(coroutine.frame)) + needed;
}

// As if the interrupted code had called weft_coro_interrupted() there.
void on_end_of_slice(int, abi::SignalInfo*, abi::UserContext* context) {
  abi::SignalContext& registers = context->registers;
  if (!is_good_place(registers)) return;
  registers.rsp -= k_red_zone + sizeof(uint64_t);
  *reinterpret_cast<uint64_t*>(registers.rsp) = registers.rip;
  registers.rip = reinterpret_cast<uintptr_t>(&weft_coro_interrupted);
}

}  // namespace

bool start_time_slices() {
  const bool has_libraries_apart = !WEFT_HOSTED || sys::auxiliary(abi::k_at_base).value_or(0) != 0;
  if (k_sanitized || !has_libraries_apart) return false;
  weft_coro_xsave_size = size_of_xsave();
  const abi::SignalAction action{
      reinterpret_cast<uint64_t>(&on_end_of_slice),
      abi::k_sa_siginfo | abi::k_sa_onstack | abi::k_sa_restart | abi::k_sa_restorer,
      reinterpret_cast<uint64_t>(&weft_signal_restorer), 0};
  return sys::rt_sigaction(k_signal, &action, nullptr).has_value();
}

void end_turn_of(int32_t thread) { (void)sys::tgkill(sys::getpid().value_or(0), thread, k_signal); }

}  // namespace weft::coro

// The others may make calls that fail: what the interrupted coroutine was about to look at is kept.
void weft_coro_give_way() {
  using namespace weft;
#if WEFT_HOSTED
  const int kept_number = errno;
#endif
  const Errno kept = sys::last_error;
  {
    const sys::Uninterrupted section;
    coro::this_worker()->give_way(coro::running());
  }
  sys::last_error = kept;
#if WEFT_HOSTED
  errno = kept_number;
#endif
}
