#include "x86_64/cpu_stacks.hh"

#include <array>

#include "core/hal.hh"
#include "x86_64/address_space.hh"
#include "x86_64/cpu_block.hh"
#include "x86_64/descriptors.hh"
#include "x86_64/image.hh"
#include "x86_64/paging.hh"

namespace weft::x86 {
namespace {

// One stack in a CPU's part of the machine area. A panic may have to run on any of them.
struct StackPlace {
  const char* name;
  OwnStack use;
  size_t guard;  // where in that part the guard page is; the stack follows
  size_t size;
};

constexpr size_t k_idle_size = WEFT_BOOT_STACK_SIZE;
constexpr size_t k_exception_size = 2 * k_page_size;
constexpr size_t k_step = k_page_size + k_exception_size;
constexpr size_t k_first = k_page_size + k_idle_size;
constexpr std::array<StackPlace, 4> k_places{{
    {"start", OwnStack::none, 0, k_idle_size},
    {"double fault", OwnStack::double_fault, k_first, k_exception_size},
    {"NMI", OwnStack::nmi, k_first + k_step, k_exception_size},
    {"machine check", OwnStack::machine_check, k_first + 2 * k_step, k_exception_size},
}};
constexpr size_t k_part_size = k_first + 3 * k_step;

VirtAddr guard_of(unsigned cpu, const StackPlace& place) {
  return k_machine_area + cpu * k_part_size + place.guard;
}

VirtAddr top_of(unsigned cpu, const StackPlace& place) {
  return guard_of(cpu, place) + k_page_size + place.size;
}

bool is_in_page(VirtAddr address, VirtAddr page) { return address - page < k_page_size; }

}  // namespace

void make_cpu_stacks(unsigned cpus, EarlyMemory& memory) {
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    for (const StackPlace& place : k_places) {
      if (cpu == 0 && place.use == OwnStack::none) continue;
      const VirtAddr bottom = guard_of(cpu, place) + k_page_size;
      for (size_t offset = 0; offset < place.size; offset += k_page_size) {
        map_machine_page(bottom + offset, memory.take_frame(), Access::read_write, memory);
      }
      if (place.use != OwnStack::none)
        set_own_stack(cpu_blocks[cpu], place.use, top_of(cpu, place));
    }
  }
  use_own_stacks();
}

VirtAddr start_stack_top(unsigned cpu) { return top_of(cpu, k_places[0]); }

const char* guarded_cpu_stack(VirtAddr address) {
  const unsigned cpu = hal::cpu_id();
  if (cpu == 0 && is_in_page(address, address_of(boot_stack_guard))) return k_places[0].name;
  for (const StackPlace& place : k_places) {
    if (is_in_page(address, guard_of(cpu, place))) return place.name;
  }
  return nullptr;
}

}  // namespace weft::x86
