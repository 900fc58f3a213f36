// User memory on the host machines: no CPU walks the page tables here, so this does, access by
// access, and calls the core at each fault as a CPU would.
#include <array>
#include <atomic>
#include <cstring>

#include "core/hal.hh"
#include "core/mm/page_table.hh"
#include "unit/support/host.hh"

namespace weft::hal {
namespace {

// What each CPU has loaded.
std::array<std::atomic<uint64_t>, k_max_cpus> loaded_roots;

std::atomic<uint64_t>& loaded() { return loaded_roots[cpu_id()]; }

// The place behind a user address; nullptr if the access isn't allowed.
char* translate(VirtAddr address, mm::Access wanted) {
  uint64_t entry = loaded().load();
  if (entry == 0) return nullptr;
  for (unsigned level = 4; level-- > 0;) {
    auto& table = *static_cast<mm::PageTablePage*>(
        phys_to_virt(static_cast<PhysAddr>(entry & 0x000f'ffff'ffff'f000)));
    entry = table.slots[address >> (k_page_shift + 9 * level) & 511].load(acquire);
    if (level > 0 && entry == 0) return nullptr;
  }
  const mm::PageEntry page(entry);
  if (!page.permits(wanted)) return nullptr;
  return static_cast<char*>(phys_to_virt(page.frame())) + address % k_page_size;
}

// Calls work(place, size) for each piece of the range that lies in one page; what is left undone.
template <typename Work>
size_t walk(VirtAddr address, size_t size, mm::Access wanted, Work work) {
  while (size > 0) {
    const size_t piece = std::min(size, k_page_size - address % k_page_size);
    char* place = translate(address, wanted);
    if (place == nullptr) {
      if (!irq_enabled()) return size;
      if (!upcall::on_user_fault(address, static_cast<unsigned>(wanted), false)) return size;
      continue;
    }
    work(place, piece);
    address += piece;
    size -= piece;
  }
  return 0;
}

}  // namespace

bool has_no_execute() { return true; }
void share_kernel_half(PhysAddr) {}
void load_root(PhysAddr root) { loaded().store(raw(root)); }
// Every access walks anew: nothing is ever stale.
void flush_user(PhysAddr, VirtAddr, size_t) {}

void unload_root(PhysAddr root) {
  for (auto& loaded_root : loaded_roots) {
    uint64_t expected = raw(root);
    loaded_root.compare_exchange_strong(expected, 0);
  }
}

size_t copy_from_user(void* to, VirtAddr from, size_t size) {
  auto* out = static_cast<char*>(to);
  return walk(from, size, mm::Access::read, [&](const char* place, size_t piece) {
    std::memcpy(out, place, piece);
    out += piece;
  });
}

size_t copy_to_user(VirtAddr to, const void* from, size_t size) {
  const auto* in = static_cast<const char*>(from);
  return walk(to, size, mm::Access::write, [&](char* place, size_t piece) {
    std::memcpy(place, in, piece);
    in += piece;
  });
}

size_t clear_user(VirtAddr to, size_t size) {
  return walk(to, size, mm::Access::write,
              [](char* place, size_t piece) { std::memset(place, 0, piece); });
}

Result<uint32_t> load_user_word(VirtAddr address) {
  uint32_t value = 0;
  if (walk(address, sizeof value, mm::Access::read, [&](char* place, size_t) {
        value = std::atomic_ref(*reinterpret_cast<uint32_t*>(place)).load();
      }) != 0) {
    return fail(Errno::fault);
  }
  return value;
}

Result<uint32_t> compare_exchange_user_word(VirtAddr address, uint32_t expected, uint32_t desired) {
  if (walk(address, sizeof desired, mm::Access::write, [&](char* place, size_t) {
        std::atomic_ref(*reinterpret_cast<uint32_t*>(place))
            .compare_exchange_strong(expected, desired);
      }) != 0) {
    return fail(Errno::fault);
  }
  return expected;
}

}  // namespace weft::hal
