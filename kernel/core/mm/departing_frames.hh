// Frames on their way out of a page table. A frame is let go only when no CPU can reach it through a
// stale copy of its entry: first take the entries out, then flush, then let go. In batches, so that
// one flush serves many.
#pragma once

#include <array>

#include "core/mm/page_frames.hh"
#include "core/mm/page_table.hh"

namespace weft::mm {

class DepartingFrames {
 public:
  explicit DepartingFrames(const PageTable& table) : table_(table) {}
  ~DepartingFrames() { let_go(); }
  DepartingFrames(const DepartingFrames&) = delete;
  DepartingFrames& operator=(const DepartingFrames&) = delete;

  // Empties the slot, if a frame stands in it. May flush, so interrupts are on and no spin lock is
  // held.
  void take(VirtAddr address, PageSlot& slot) {
    if (!PageEntry(slot.load(relaxed)).has_frame()) return;
    const PageEntry entry(slot.exchange(0, relaxed));
    if (count_ == k_room) let_go();
    if (entry.is_present()) {
      if (first_ == last_) first_ = address;
      last_ = address + k_page_size;
    }
    frames_[count_++] = entry.frame();
    ++total_;
  }
  // How many frames have been taken out.
  size_t total() const { return total_; }

 private:
  static constexpr size_t k_room = 64;

  void let_go() {
    if (first_ != last_) hal::flush_user(table_.root(), first_, (last_ - first_) >> k_page_shift);
    for (size_t i = 0; i < count_; ++i) page_frames.drop_reference(frames_[i]);
    count_ = 0;
    first_ = last_ = 0;
  }

  const PageTable& table_;
  std::array<PhysAddr, k_room> frames_;
  size_t count_ = 0;
  size_t total_ = 0;
  VirtAddr first_ = 0;  // the present ones lie between these two
  VirtAddr last_ = 0;
};

}  // namespace weft::mm
