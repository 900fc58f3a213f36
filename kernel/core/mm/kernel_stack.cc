#include "core/mm/kernel_stack.hh"

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/bitmap.hh"
#include "core/hal.hh"
#include "core/mm/fault_injection.hh"
#include "core/mm/page_frames.hh"
#include "core/sync/spin_lock.hh"

namespace weft::mm {
namespace {

constexpr size_t k_stack_size = k_stack_pages * k_page_size;
constexpr size_t k_slot_size = k_page_size + k_stack_size;

// The pool keeps up to k_most_ready stacks. When it has a batch more than that, the batch goes.
constexpr size_t k_most_ready = 64;
constexpr size_t k_batch = 32;

// At the top of each mapped stack.
struct StackNote {
  FrameList frames;    // that the stack is made of
  ListHook pool_hook;  // while it is in the pool
};
using StackList = List<StackNote, &StackNote::pool_hook>;
constexpr size_t k_note_size = round_up(sizeof(StackNote), 16);

struct Stacks {
  SpinLock lock{Rank::kernel_stacks};
  StackList pool GUARDED_BY(lock);  // the last used first: it may still be in the CPU's cache
  size_t pooled GUARDED_BY(lock) = 0;
  Bitmap<k_most_stacks> slots GUARDED_BY(lock);  // those with a stack, or soon, or until lately
};

[[clang::no_destroy]] constinit Stacks stacks;

constexpr size_t k_area_size = k_most_stacks * k_slot_size;

VirtAddr base_of_slot(size_t slot) {
  return hal::kernel_area().base + slot * k_slot_size + k_page_size;
}
size_t slot_of(VirtAddr address) { return (address - hal::kernel_area().base) / k_slot_size; }

StackNote& note_at(VirtAddr base) {
  return *reinterpret_cast<StackNote*>(base + k_stack_size - k_note_size);
}
VirtAddr base_of(const StackNote& note) {
  return reinterpret_cast<VirtAddr>(&note) + k_note_size - k_stack_size;
}

void free_frames(FrameList& frames) {
  while (PageFrame* frame = frames.pop_front()) page_frames.free(page_frames.address(*frame), 0);
}

void move_frames(FrameList& from, FrameList& to) {
  while (PageFrame* frame = from.pop_front()) to.push_back(*frame);
}

// Stacks on their way out: first all are unmapped, then one flush, then their frames are free and
// their slots may be used again.
class Retirement {
 public:
  Retirement() = default;
  ~Retirement() {
    if (count_ == 0) return;
    const VirtAddr first = base_of_slot(*std::min_element(slots_.begin(), slots_.begin() + count_));
    const VirtAddr last = base_of_slot(*std::max_element(slots_.begin(), slots_.begin() + count_));
    hal::flush_kernel(first, (last - first) / k_page_size + k_stack_pages);
    free_frames(frames_);
    SpinGuard guard(stacks.lock);
    for (size_t i = 0; i < count_; ++i) stacks.slots.clear(slots_[i]);
  }
  Retirement(const Retirement&) = delete;
  Retirement& operator=(const Retirement&) = delete;

  // A slot with its first `pages` pages mapped to these frames.
  void add(size_t slot, size_t pages, FrameList& frames) {
    move_frames(frames, frames_);
    for (size_t page = 0; page < pages; ++page)
      hal::unmap_kernel(base_of_slot(slot) + page * k_page_size);
    slots_[count_++] = slot;
  }

  bool is_full() const { return count_ == k_batch; }

 private:
  FrameList frames_;
  std::array<size_t, k_batch> slots_;
  size_t count_ = 0;
};

Result<> allocate_frames(FrameList& frames) {
  for (size_t page = 0; page < k_stack_pages; ++page) {
    const auto frame = page_frames.allocate(0, FrameUse::stack);
    if (!frame) {
      free_frames(frames);
      return fail(frame.error());
    }
    frames.push_back(page_frames.frame(*frame));
  }
  return {};
}

std::optional<size_t> allocate_slot() {
  ASSERT(hal::kernel_area().size >= k_area_size, "the kernel's area has room for all stacks");
  SpinGuard guard(stacks.lock);
  return stacks.slots.set_lowest_clear();
}

Result<KernelStack> make_stack() {
  FrameList frames;
  TRY(allocate_frames(frames));
  const auto slot = allocate_slot();
  if (!slot) {
    free_frames(frames);
    return fail(Errno::again);
  }
  const VirtAddr base = base_of_slot(*slot);
  size_t pages = 0;
  for (PageFrame& frame : frames) {
    const auto mapped = hal::map_kernel(base + pages * k_page_size, page_frames.address(frame));
    if (!mapped) {
      Retirement().add(*slot, pages, frames);
      return fail(mapped.error());
    }
    ++pages;
  }
  move_frames(frames, std::construct_at(&note_at(base))->frames);
  return stack_at(reinterpret_cast<void*>(base));
}

// Takes a stack out of the pool if it has more than that many.
StackNote* take_from_pool(size_t if_above) {
  SpinGuard guard(stacks.lock);
  if (stacks.pooled <= if_above) return nullptr;
  --stacks.pooled;
  return stacks.pool.pop_front();
}

void shrink_pool(size_t size) {
  bool is_done = false;
  while (!is_done) {
    Retirement retirement;
    while (!is_done && !retirement.is_full()) {
      StackNote* const note = take_from_pool(size);
      is_done = note == nullptr;
      if (!is_done) retirement.add(slot_of(base_of(*note)), k_stack_pages, note->frames);
    }
  }
}

}  // namespace

KernelStack stack_at(void* base) { return {base, k_stack_size - k_note_size}; }

Result<KernelStack> allocate_kernel_stack() {
  if (allocation_must_fail()) return fail(Errno::nomem);
  if (StackNote* const note = take_from_pool(0))
    return stack_at(reinterpret_cast<void*>(base_of(*note)));
  return make_stack();
}

void release_kernel_stack(const KernelStack& stack) {
  size_t pooled;
  {
    SpinGuard guard(stacks.lock);
    stacks.pool.push_front(note_at(reinterpret_cast<VirtAddr>(stack.base)));
    pooled = ++stacks.pooled;
  }
  if (pooled >= k_most_ready + k_batch) shrink_pool(k_most_ready);
}

void trim_kernel_stacks() { shrink_pool(0); }

StackStats stack_stats() {
  SpinGuard guard(stacks.lock);
  return {.live = stacks.slots.count() - stacks.pooled, .pooled = stacks.pooled};
}

std::optional<KernelStack> stack_guard_owner(VirtAddr fault) {
  const VirtAddr area = hal::kernel_area().base;
  if (fault < area || fault - area >= k_area_size) return std::nullopt;
  const size_t slot = slot_of(fault);
  if (fault >= base_of_slot(slot)) return std::nullopt;
  if (!stacks.lock.try_lock()) return std::nullopt;
  const bool in_use = stacks.slots.test(slot);
  stacks.lock.unlock();
  if (!in_use) return std::nullopt;
  return stack_at(reinterpret_cast<void*>(base_of_slot(slot)));
}

}  // namespace weft::mm
