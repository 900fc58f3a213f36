#include "userlib/sys/tls.hh"

#include <algorithm>

#include "core/base/types.hh"
#include "userlib/base/memory.hh"
#include "userlib/sys/auxiliary.hh"
#include "userlib/syscalls.hh"

namespace weft::sys {
namespace {

// An entry of an ELF program's table of segments.
struct ProgramHeader {
  uint32_t type;
  uint32_t flags;
  uint64_t offset;
  uint64_t address;
  uint64_t physical_address;
  uint64_t file_size;
  uint64_t memory_size;
  uint64_t alignment;
};
constexpr uint32_t k_segment_tls = 7;

// What every block begins as. Without thread-local variables: nothing.
struct Template {
  const void* data = nullptr;
  size_t data_size = 0;
  size_t distance = 0;  // from the ThreadControl back to the first variable: the linker counts so
  size_t room = 0;      // the same, rounded up so that both ends are aligned
  size_t alignment = alignof(ThreadControl);
};
Template tls_template;

// Most programs have little; the first thread's block needs no call then.
constexpr size_t k_small = 1024;
alignas(64) char first_block[k_small];

void find_template() {
  const auto headers = auxiliary(abi::k_at_phdr);
  const auto count = auxiliary(abi::k_at_phnum);
  if (!headers || !count) return;
  const auto* header = reinterpret_cast<const ProgramHeader*>(*headers);
  for (uint64_t i = 0; i < *count; ++i) {
    if (header[i].type != k_segment_tls) continue;
    const size_t own_alignment = std::max<size_t>(header[i].alignment, 1);
    const size_t distance = round_up(header[i].memory_size, own_alignment);
    const size_t alignment = std::max(own_alignment, alignof(ThreadControl));
    tls_template = {reinterpret_cast<const void*>(header[i].address), header[i].file_size, distance,
                    round_up(distance, alignment), alignment};
  }
}

}  // namespace

TlsSize tls_size() { return {tls_template.room + sizeof(ThreadControl), tls_template.alignment}; }

ThreadControl* fill_tls(void* block) {
  char* end = static_cast<char*>(block) + tls_template.room;
  char* variables = end - tls_template.distance;
  copy_bytes(variables, tls_template.data, tls_template.data_size);
  fill_bytes(variables + tls_template.data_size, 0, tls_template.distance - tls_template.data_size);
  auto* control = reinterpret_cast<ThreadControl*>(end);
  *control = {};
  control->self = control;
  if (const auto random = auxiliary(abi::k_at_random)) {
    // A zero in its lowest byte stops an overrun by a string.
    control->stack_secret = *reinterpret_cast<const uint64_t*>(*random) & ~uint64_t{0xff};
  }
  return control;
}

void set_up_first_tls() {
  find_template();
  void* block = first_block;
  if (tls_size().size > k_small || tls_size().alignment > 64) {
    const auto pages =
        mmap(nullptr, tls_size().size + tls_size().alignment, abi::k_prot_read | abi::k_prot_write,
             abi::k_map_private | abi::k_map_anonymous, -1, 0);
    if (!pages) exit_group(127);
    block =
        reinterpret_cast<void*>(round_up(reinterpret_cast<uint64_t>(*pages), tls_size().alignment));
  }
  if (!arch_prctl(abi::k_arch_set_fs, fill_tls(block))) exit_group(127);
}

}  // namespace weft::sys
