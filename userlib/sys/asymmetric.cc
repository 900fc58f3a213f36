#include "userlib/sys/asymmetric.hh"

#include "core/base/assert.hh"
#include "userlib/syscalls.hh"

namespace weft::sys {

namespace {

// ThreadSanitizer can't know of what the kernel does to other threads.
#if __has_feature(thread_sanitizer)
constexpr bool k_trusts_kernel = false;
#else
constexpr bool k_trusts_kernel = true;
#endif

}  // namespace

constinit bool detail::has_asymmetric_fences = false;

bool has_light_fences() { return detail::has_asymmetric_fences || !k_trusts_kernel; }

void start_asymmetric_fences() {
  detail::has_asymmetric_fences =
      k_trusts_kernel &&
      membarrier(abi::k_membarrier_cmd_register_private_expedited, 0).has_value();
}

void heavy_fence() {
  fence(seq_cst);
  if (!detail::has_asymmetric_fences) return;
  const auto done = membarrier(abi::k_membarrier_cmd_private_expedited, 0);
  ASSERT(done.has_value(), "a process that may do this barrier once always may");
}

}  // namespace weft::sys
