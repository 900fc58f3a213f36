// Stacks: a few sizes, each cut from large mappings that cost address space but no memory until they
// are touched. A stack that has been used is used again, the last one first, since it is still warm.
//
// The sizes up to 2 KiB are packed side by side, without guards, for a million small coroutines. Each has
// a known word at its low end instead: who runs off such a stack changes it, which is found when the stack
// comes back, or when the program faults before that (overflow.hh). All others have a guard page there. Where the kernel has MADV_GUARD_INSTALL (Linux 6.13, Weft)
// a guard is a mark in the page table, and a million of them need no more mappings than one. Elsewhere a
// guard splits the mapping in two, and the kernel allows some 65,000; so after k_guards_by_mapping of
// them the stacks have none (stacks_without_guard() tells how many those are).
//
// Tops of guarded stacks are shifted against each other by some cache lines: stacks that all begin at a
// multiple of 4 KiB would all want the same few sets of the cache.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::coro {

enum class StackSize : uint8_t { packed_1k, packed_2k, k16, k64, k256, m1, m8 };
inline constexpr size_t k_stack_sizes = 7;
inline constexpr StackSize k_default_stack = StackSize::k64;

// With the guard page, if it has one.
constexpr size_t stack_bytes(StackSize size) {
  constexpr size_t bytes[k_stack_sizes] = {1 << 10,   2 << 10, 16 << 10, 64 << 10,
                                           256 << 10, 1 << 20, 8 << 20};
  return bytes[static_cast<size_t>(size)];
}
constexpr bool is_packed(StackSize size) { return size <= StackSize::packed_2k; }

// The lowest address a stack may use, from any address in it.
inline constexpr size_t k_end_of_packed = 8;
constexpr uintptr_t stack_floor(StackSize size, uintptr_t address) {
  const uintptr_t start = address & ~(stack_bytes(size) - 1);  // (sizes are powers of two)
  return start + (is_packed(size) ? k_end_of_packed : k_page_size);
}

// Of a packed stack, by any address in it: has somebody run off it? (One who left the last word as it was is
// not found out.)
bool was_overrun(StackSize size, uintptr_t address);

// A worker's stacks at hand. One thread's own.
class StackCache {
 public:
  ~StackCache() { clear(); }

  // The top of a stack, 64-byte aligned; or why there is none.
  Result<void*> take(StackSize size) {
    void* top = take_at_hand(size);
    if (top == nullptr) [[unlikely]]
      return refill(size);
    ++room_[static_cast<size_t>(size)];
    return top;
  }

  // The thread may still stand on it, until it switches: it stays here and is not handed on by this call.
  void give(StackSize size, void* top) {
    if (is_packed(size)) [[unlikely]]
      check_packed(size, top);
    put_back(size, top);
    if (__builtin_sub_overflow(room_[static_cast<size_t>(size)], size_t{1},
                               &room_[static_cast<size_t>(size)])) [[unlikely]]
      hand_back_all_but(k_most / 2, size);
  }

  // The same without counting, for what is taken and mostly put back the same way. Null if there is none
  // at hand.
  void* take_at_hand(StackSize size) {
    void* top = newest_[static_cast<size_t>(size)];
    if (top != nullptr) [[likely]]
      newest_[static_cast<size_t>(size)] = link_of(top);
    return top;
  }
  // (And without a look at the end of a packed one.)
  void put_back(StackSize size, void* top) {
    link_of(top) = newest_[static_cast<size_t>(size)];
    newest_[static_cast<size_t>(size)] = top;
  }

  // All that is here, back to where every worker can have it.
  void clear();

 private:
  static constexpr size_t k_most = 64;

  // The uppermost word of a free stack, which will be touched first, too, when it is used.
  static void*& link_of(void* top) { return static_cast<void**>(top)[-1]; }

  // Ends the program if somebody ran off that stack.
  static void check_packed(StackSize size, void* top);
  Result<void*> refill(StackSize size);
  void hand_back_all_but(size_t kept, StackSize size);

  void* newest_[k_stack_sizes] = {};
  // For how many more, as far as they are counted.
  size_t room_[k_stack_sizes] = {k_most, k_most, k_most, k_most, k_most, k_most, k_most};
};

struct StackFigures {
  size_t made = 0;           // ever cut
  size_t free = 0;           // on no coroutine and on no worker's shelf
  size_t without_guard = 0;  // of those that should have one
  size_t mappings = 0;       // made by this file, beside those that guards split off
};
StackFigures stack_figures();

// Gives the memory of all free stacks back to the kernel.
void trim_stacks();

}  // namespace weft::coro
