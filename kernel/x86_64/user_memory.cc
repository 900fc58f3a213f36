#include "x86_64/user_memory.hh"

#include <array>

#include "core/base/access.hh"
#include "core/hal.hh"
#include "x86_64/features.hh"
#include "x86_64/paging.hh"
#include "x86_64/registers.hh"

// In user_copy.S.
extern "C" {
size_t user_copy(void* to, const void* from, size_t size);
size_t user_copy_meant(void* to, const void* from, size_t size);
size_t user_copy_eight(void* to, const void* from);
size_t user_copy_eight_meant(void* to, const void* from);
size_t user_clear(void* to, size_t size);
int64_t user_load(const uint32_t* from);
bool user_exchange(uint32_t* at, uint32_t expected, uint32_t desired, uint32_t* seen);
extern const char user_copy_words[], user_copy_words_failed[];
extern const char user_copy_bytes[], user_copy_bytes_failed[];
extern const char user_clear_words[], user_clear_words_failed[];
extern const char user_clear_bytes[], user_clear_bytes_failed[];
extern const char user_copy_eight_begin[], user_copy_eight_end[], user_copy_eight_failed[];
extern const char user_load_word[], user_load_failed[];
extern const char user_save_short_all[], user_save_short_failed[];
extern const char user_load_short_all[], user_load_short_failed[];
extern const char user_save_long_all[], user_save_long_failed[];
extern const char user_load_long_all[], user_load_long_failed[];
extern const char user_exchange_word[], user_exchange_failed[];
extern const char user_save_frame_begin[], user_save_frame_end[];
extern const char user_load_frame_begin[], user_load_frame_end[];
extern const char user_frame_failed[];
}

namespace weft {
namespace x86 {
namespace {

// One instruction, or several in a row.
struct FaultPlace {
  const char* begin;
  const char* on_failure;
  const char* end = begin + 1;

  bool holds(const Registers& frame) const {
    return frame.rip >= reinterpret_cast<uintptr_t>(begin) &&
           frame.rip < reinterpret_cast<uintptr_t>(end);
  }
};

const std::array<FaultPlace, 13> fault_places{{
    {user_copy_words, user_copy_words_failed},
    {user_copy_bytes, user_copy_bytes_failed},
    {user_copy_eight_begin, user_copy_eight_failed, user_copy_eight_end},
    {user_clear_words, user_clear_words_failed},
    {user_clear_bytes, user_clear_bytes_failed},
    {user_load_word, user_load_failed},
    {user_exchange_word, user_exchange_failed},
    {user_save_short_all, user_save_short_failed},
    {user_load_short_all, user_load_short_failed},
    {user_save_long_all, user_save_long_failed},
    {user_load_long_all, user_load_long_failed},
    {user_save_frame_begin, user_frame_failed, user_save_frame_end},
    {user_load_frame_begin, user_frame_failed, user_load_frame_end},
}};

constexpr uint64_t k_fault_was_write = 1 << 1;

// The ways that suit this CPU: nearly every system call copies something, and none has to ask.
constinit auto* copy_bytes = user_copy;
constinit auto* copy_eight_bytes = user_copy_eight;

}  // namespace

void prepare_user_access() {
  if (!features.smap) return;
  copy_bytes = user_copy_meant;
  copy_eight_bytes = user_copy_eight_meant;
}

bool settle_user_access(Registers& frame, VirtAddr address) {
  for (const FaultPlace& place : fault_places) {
    if (!place.holds(frame)) continue;
    if (features.smap) asm volatile("clac" ::: "memory");  // `iretq` brings the flag back
    const auto wanted =
        (frame.error_code & k_fault_was_write) != 0 ? mm::Access::write : mm::Access::read;
    bool is_good = false;
    if ((frame.rflags & k_rflags_interrupts) != 0) {  // they were on: making a page may block
      hal::irq_restore(true);
      is_good = address < mm::k_user_end &&
                upcall::on_user_fault(address, static_cast<unsigned>(wanted), false);
      hal::irq_save();
    }
    if (!is_good) frame.rip = reinterpret_cast<uintptr_t>(place.on_failure);
    return true;
  }
  return false;
}

bool fail_user_access(Registers& frame) {
  for (const FaultPlace& place : fault_places) {
    if (!place.holds(frame)) continue;
    frame.rip = reinterpret_cast<uintptr_t>(place.on_failure);
    return true;
  }
  return false;
}

}  // namespace x86

namespace hal {

bool has_no_execute() { return x86::features.no_execute; }

void share_kernel_half(PhysAddr root) {
  constexpr unsigned k_half = 256;
  const auto* kernel = static_cast<const uint64_t*>(phys_to_virt(x86::kernel_root_table()));
  auto* top = static_cast<uint64_t*>(phys_to_virt(root));
  for (unsigned i = k_half; i < 2 * k_half; ++i) top[i] = kernel[i];
}

// Small values of a known size are what most calls copy, and worth a shorter way.
[[gnu::always_inline]] inline size_t copy(void* to, const void* from, size_t size) {
  if (__builtin_constant_p(size) && size == sizeof(uint64_t))
    return x86::copy_eight_bytes(to, from);
  return x86::copy_bytes(to, from, size);
}

size_t copy_from_user(void* to, VirtAddr from, size_t size) {
  return copy(to, reinterpret_cast<const void*>(from), size);
}

size_t copy_to_user(VirtAddr to, const void* from, size_t size) {
  return copy(reinterpret_cast<void*>(to), from, size);
}

size_t clear_user(VirtAddr to, size_t size) {
  const x86::UserAccess access;
  return user_clear(reinterpret_cast<void*>(to), size);
}

Result<uint32_t> load_user_word(VirtAddr address) {
  const x86::UserAccess access;
  const int64_t value = user_load(reinterpret_cast<const uint32_t*>(address));
  if (value < 0) return fail(Errno::fault);
  return static_cast<uint32_t>(value);
}

Result<uint32_t> compare_exchange_user_word(VirtAddr address, uint32_t expected, uint32_t desired) {
  const x86::UserAccess access;
  uint32_t seen;
  if (!user_exchange(reinterpret_cast<uint32_t*>(address), expected, desired, &seen)) {
    return fail(Errno::fault);
  }
  return seen;
}

}  // namespace hal
}  // namespace weft
