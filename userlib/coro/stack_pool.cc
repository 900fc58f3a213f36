#include "userlib/coro/stack_pool.hh"

#include <algorithm>
#include <utility>

#include "core/base/types.hh"
#include "userlib/base/lock.hh"
#include "userlib/base/vector.hh"
#include "userlib/coro/current.hh"
#include "userlib/coro/overflow.hh"
#include "userlib/syscalls.hh"

namespace weft::coro {
namespace {

constexpr uint32_t k_guards_by_mapping = 16'000;
constexpr size_t k_colours = 32;
constexpr size_t k_packed_at_once = 32;
constexpr uint64_t k_end_of_stack = 0x57e4'd0f5'7ac4'0e11;  // at the low end of a packed one
static_assert(sizeof k_end_of_stack == k_end_of_packed);

// Where the next stack of a size is cut from, and those that came back. The list of free tops lies in a
// vector that has room for every stack there is, so that giving one back never allocates.
struct Depot {
  Lock lock;
  uintptr_t next GUARDED_BY(lock) = 0;
  uintptr_t end GUARDED_BY(lock) = 0;
  size_t made GUARDED_BY(lock) = 0;
  void** free GUARDED_BY(lock) = nullptr;
  size_t free_count GUARDED_BY(lock) = 0;
  size_t free_room GUARDED_BY(lock) = 0;
};
constinit Depot depots[k_stack_sizes];

constinit Atomic<uint32_t> split_guards{0};
constinit Atomic<size_t> unguarded{0};
constinit Atomic<size_t> mappings{0};
constinit Atomic<bool> guards_in_page_table{true};

// Address space for that many bytes; aligned, so that a stack's own start can be told from any address.
Result<uintptr_t> reserve(size_t bytes, size_t alignment) {
  const uint64_t whole = bytes + alignment;
  void* place =
      TRY(sys::mmap(nullptr, whole, abi::k_prot_read | abi::k_prot_write,
                    abi::k_map_private | abi::k_map_anonymous | abi::k_map_noreserve, -1, 0));
  const auto begin = reinterpret_cast<uintptr_t>(place);
  const uintptr_t aligned = round_up(begin, alignment);
  if (aligned > begin) (void)sys::munmap(place, aligned - begin);
  const uintptr_t excess = begin + whole - (aligned + bytes);
  if (excess > 0) (void)sys::munmap(reinterpret_cast<void*>(aligned + bytes), excess);
  mappings.fetch_add(1, relaxed);
  return aligned;
}

// A slab holds more of the small ones. It doubles from a modest start, so that a million stacks take
// but a few mappings and ten take little.
size_t slab_bytes(StackSize size, size_t made) {
  const size_t count = std::clamp<size_t>(made, 64, size_t{1} << 18);
  return std::max<size_t>(round_up(count * stack_bytes(size), k_page_size), 16 * stack_bytes(size));
}

void guard(uintptr_t page) {
  void* address = reinterpret_cast<void*>(page);
  if (guards_in_page_table.load(relaxed)) {
    if (sys::madvise(address, k_page_size, abi::k_madv_guard_install)) return;
    guards_in_page_table.store(false, relaxed);  // a kernel that doesn't know them
  }
  if (split_guards.fetch_add(1, relaxed) < k_guards_by_mapping &&
      sys::mprotect(address, k_page_size, abi::k_prot_none))
    return;
  unguarded.fetch_add(1, relaxed);
}

// Sees to it that there is address space for a stack more.
Result<> make_room(StackSize size, Depot& depot) REQUIRES(depot.lock) {
  if (depot.next != depot.end) return {};
  const size_t bytes = stack_bytes(size);
  const size_t slab = slab_bytes(size, depot.made);
  const size_t room = depot.made + slab / bytes;
  void* list = TRY(sys::mmap(nullptr, round_up(room * sizeof(void*), k_page_size),
                             abi::k_prot_read | abi::k_prot_write,
                             abi::k_map_private | abi::k_map_anonymous, -1, 0));
  auto begin = reserve(slab, std::max(bytes, k_page_size));
  if (!begin) {
    (void)sys::munmap(list, round_up(room * sizeof(void*), k_page_size));
    return fail(begin.error());
  }
  std::copy_n(depot.free, depot.free_count, static_cast<void**>(list));
  if (depot.free != nullptr)
    (void)sys::munmap(depot.free, round_up(depot.free_room * sizeof(void*), k_page_size));
  depot.free = static_cast<void**>(list);
  depot.free_room = room;
  depot.next = *begin;
  depot.end = *begin + slab;
  return {};
}

// The top of a fresh stack.
void* cut(StackSize size, Depot& depot) REQUIRES(depot.lock) {
  const size_t bytes = stack_bytes(size);
  const uintptr_t start = std::exchange(depot.next, depot.next + bytes);
  const size_t colour = is_packed(size) ? 0 : depot.made % k_colours;
  ++depot.made;
  if (is_packed(size)) {
    *reinterpret_cast<uint64_t*>(start) = k_end_of_stack;
  } else {
    guard(start);
  }
  return reinterpret_cast<void*>(start + bytes - colour * 64);
}

// Into the empty list. Of packed stacks a run, so that coroutines which begin one after the other have theirs side by
// side, the lowest first, however many workers want some at the same time. The others have pages of their own.
Result<> cut_some(StackSize size, Depot& depot) REQUIRES(depot.lock) {
  TRY(make_room(size, depot));
  const size_t room = (depot.end - depot.next) / stack_bytes(size);
  depot.free_count = is_packed(size) ? std::min(room, k_packed_at_once) : 1;
  for (size_t i = depot.free_count; i-- > 0;) depot.free[i] = cut(size, depot);
  return {};
}

}  // namespace

// Others may be running on it.
[[clang::no_sanitize("address", "thread")]] bool was_overrun(StackSize size, uintptr_t address) {
  const uintptr_t end = stack_floor(size, address) - sizeof k_end_of_stack;
  return is_packed(size) && *reinterpret_cast<const volatile uint64_t*>(end) != k_end_of_stack;
}

void StackCache::check_packed(StackSize size, void* top) {
  const auto highest = reinterpret_cast<uintptr_t>(top) - 1;
  if (was_overrun(size, highest)) [[unlikely]]
    end_by_overrun(running());
}

Result<void*> StackCache::refill(StackSize size) {
  Depot& depot = depots[static_cast<size_t>(size)];
  LockGuard held(depot.lock);
  if (depot.free_count == 0) TRY(cut_some(size, depot));
  const size_t taken = std::min<size_t>(depot.free_count, k_most / 2);
  depot.free_count -= taken;
  for (size_t i = 0; i < taken; ++i) put_back(size, depot.free[depot.free_count + i]);
  room_[static_cast<size_t>(size)] = k_most - taken;
  return take(size);
}

// The oldest go: the thread may stand on the newest. What is there is counted anew.
void StackCache::hand_back_all_but(size_t kept, StackSize size) {
  size_t& room = room_[static_cast<size_t>(size)];
  void** link = &newest_[static_cast<size_t>(size)];
  for (room = k_most; *link != nullptr && room > k_most - kept; --room) link = &link_of(*link);
  Depot& depot = depots[static_cast<size_t>(size)];
  LockGuard held(depot.lock);
  for (void* top = std::exchange(*link, nullptr); top != nullptr; top = link_of(top)) {
    depot.free[depot.free_count++] = top;
  }
}

void StackCache::clear() {
  for (size_t size = 0; size < k_stack_sizes; ++size)
    hand_back_all_but(0, static_cast<StackSize>(size));
}

StackFigures stack_figures() {
  StackFigures figures;
  for (Depot& depot : depots) {
    LockGuard held(depot.lock);
    figures.made += depot.made;
    figures.free += depot.free_count;
  }
  figures.without_guard = unguarded.load(relaxed);
  figures.mappings = mappings.load(relaxed);
  return figures;
}

void trim_stacks() {
  for (size_t size = 0; size < k_stack_sizes; ++size) {
    const auto kind = static_cast<StackSize>(size);
    if (is_packed(kind)) continue;  // they share pages with those in use
    Depot& depot = depots[size];
    LockGuard held(depot.lock);
    for (size_t i = 0; i < depot.free_count; ++i) {
      const auto top = reinterpret_cast<uintptr_t>(depot.free[i]);
      const uintptr_t floor = stack_floor(kind, top - 1);
      (void)sys::madvise(reinterpret_cast<void*>(floor), round_up(top, k_page_size) - floor,
                         abi::k_madv_dontneed);
    }
  }
}

}  // namespace weft::coro
