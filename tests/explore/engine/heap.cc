// new and delete: what a scenario or the code under test allocates comes from the ground, so that it is
// put back with the rest; what the engine itself allocates comes from the host.
#include <cstdlib>
#include <new>

#include "explore/engine/engine.hh"
#include "explore/engine/ground.hh"

namespace weft::explore {
namespace {

// Before each block of the scenario.
struct alignas(16) Header {
  size_t size;
  bool is_of_this_run;  // not of the set-up
};

bool is_on_ground(void* place) {
  return reinterpret_cast<uintptr_t>(place) - Ground::k_heap < Ground::k_heap_size;
}

void* allocate(size_t size) {
  if (!engine.is_scenarios_turn()) return std::malloc(size);
  auto* header = static_cast<Header*>(ground.allocate(sizeof(Header) + size));
  *header = {size, engine.is_watching()};
  ground.note_write(reinterpret_cast<uintptr_t>(header), sizeof *header);
  if (header->is_of_this_run) ++engine.world().live_blocks;
  return header + 1;
}

void release(void* place) {
  if (!is_on_ground(place)) return std::free(place);
  const Header* header = static_cast<Header*>(place) - 1;
  if (header->is_of_this_run) --engine.world().live_blocks;
  if (engine.is_watching()) {
    engine.note_freed(reinterpret_cast<uintptr_t>(place), header->size);
  }
}

}  // namespace
}  // namespace weft::explore

void* operator new(size_t size) { return weft::explore::allocate(size); }
void* operator new[](size_t size) { return weft::explore::allocate(size); }
void* operator new(size_t size, std::align_val_t) { return weft::explore::allocate(size); }
void operator delete(void* place) noexcept { weft::explore::release(place); }
void operator delete[](void* place) noexcept { weft::explore::release(place); }
void operator delete(void* place, size_t) noexcept { weft::explore::release(place); }
void operator delete[](void* place, size_t) noexcept { weft::explore::release(place); }
void operator delete(void* place, std::align_val_t) noexcept { weft::explore::release(place); }
void operator delete(void* place, size_t, std::align_val_t) noexcept {
  weft::explore::release(place);
}
