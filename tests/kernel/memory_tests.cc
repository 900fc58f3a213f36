// Memory: it runs out without harm, many CPUs use it at once, and no CPU sees a page that was there
// before. (After each test it is checked that every page has come back.)
#include "core/mm/heap.hh"
#include "core/mm/memory.hh"
#include "core/mm/page_frames.hh"
#include "core/sync/barrier.hh"
#include "kernel/selftest.hh"
#include "kernel/tests.hh"
#include "kernel/threads.hh"
#include "unit/support/random.hh"

namespace weft::selftest::memory {
namespace {

// All memory there is, taken and given back.
class Everything {
 public:
  // Large blocks first, so that it doesn't take long; nothing is written to them.
  void take() {
    for (unsigned order = mm::PageFrames::k_largest_order + 1; order-- > 0;) {
      while (const Result<PhysAddr> block = mm::page_frames.allocate(order)) {
        blocks_[order].push_back(mm::page_frames.frame(*block));
        frames_ += uint64_t{1} << order;
      }
    }
  }
  void give_back() {
    for (unsigned order = 0; order <= mm::PageFrames::k_largest_order; ++order) {
      while (mm::PageFrame* frame = blocks_[order].pop_front()) {
        mm::page_frames.free(mm::page_frames.address(*frame), order);
      }
    }
  }
  uint64_t frames() const { return frames_; }

 private:
  std::array<mm::FrameList, mm::PageFrames::k_largest_order + 1> blocks_;
  uint64_t frames_ = 0;
};

}  // namespace

void exhaustion() {
  mm::trim();
  const uint64_t free_before = mm::page_frames.stats().free;
  Everything everything;
  everything.take();
  const Result<PhysAddr> page = mm::page_frames.allocate(0);
  expect(!page && page.error() == Errno::nomem, "there is no page left");
  const Result<void*> large = mm::allocate(3 * k_page_size);
  expect(!large && large.error() == Errno::nomem, "there is no large piece left");
  expect(everything.frames() >= free_before, "all that was free was had");
  everything.give_back();
  mm::trim();
  expect_equal(mm::page_frames.stats().free, free_before, "free pages in the end");
  note(Text<60>("{} MiB", everything.frames() * k_page_size >> 20).view());
}

// A thread that cannot be made is an error, and those that run go on.
void threads_at_exhaustion() {
  Atomic<bool> over{false};
  Atomic<uint64_t> rounds{0};
  Crew<1> crew;
  crew.add([&] {
    while (!over.load(relaxed)) {
      rounds.fetch_add(1, relaxed);
      sched::sleep_for(20 * k_microsecond);
    }
  });
  Everything everything;
  everything.take();
  const Result<ThreadHandle> refused = spawn({}, [] {});
  expect(!refused && refused.error() == Errno::nomem, "a thread that has no memory is refused");
  const uint64_t before = rounds.load(relaxed);
  await([&] { return rounds.load(relaxed) > before; });
  everything.give_back();
  start({}, [] {}).join();
  over.store(true, relaxed);
}

namespace {

// Memory that is somebody's has a mark of its owner at its beginning and at its end.
class Marked {
 public:
  void mark(void* memory, size_t size, uint64_t value) {
    first_ = static_cast<uint64_t*>(memory);
    last_ = first_ + size / sizeof(uint64_t) - 1;
    *first_ = *last_ = value_ = value;
  }
  void expect_whole() const {
    expect(*first_ == value_ && *last_ == value_,
           "nobody writes to memory that is somebody else's");
  }
  void* memory() const { return first_; }

 private:
  uint64_t* first_ = nullptr;
  uint64_t* last_ = nullptr;
  uint64_t value_ = 0;
};

constexpr unsigned k_users = 8;
constexpr unsigned k_pieces = 16;  // that each has at once

}  // namespace

void frames_on_all_cpus() {
  Crew<k_users> crew;
  crew.add_many(k_users, [](unsigned self) {
    struct Piece : Marked {
      unsigned order = 0;
      bool in_use = false;
    };
    std::array<Piece, k_pieces> pieces;
    host::Random random(self + 1);
    for (unsigned i = 0; i < 1000; ++i) {
      Piece& piece = pieces[random.below(k_pieces)];
      if (piece.in_use) {
        piece.expect_whole();
        mm::page_frames.free(hal::virt_to_phys(piece.memory()), piece.order);
        piece.in_use = false;
        continue;
      }
      piece.order = random.below(4) == 0 ? static_cast<unsigned>(random.below(4)) : 0;
      const Result<PhysAddr> block = mm::page_frames.allocate(piece.order);
      if (!block) continue;
      piece.mark(hal::phys_to_virt(*block), k_page_size << piece.order, uint64_t{self} << 32 | i);
      piece.in_use = true;
    }
    for (Piece& piece : pieces) {
      if (!piece.in_use) continue;
      piece.expect_whole();
      mm::page_frames.free(hal::virt_to_phys(piece.memory()), piece.order);
    }
  });
}

// Pieces are freed by other threads than those that allocated them, and so on other CPUs.
void heap_on_all_cpus() {
  struct Piece {
    uint64_t size;
    uint64_t check;
  };
  const auto free_piece = [](Piece* piece) {
    if (piece == nullptr) return;
    expect_equal(piece->check, ~piece->size, "what was written to a piece of heap");
    mm::free(piece);
  };
  std::array<Atomic<Piece*>, 32> shelf{};
  {
    Crew<k_users> crew;
    crew.add_many(k_users, [&](unsigned self) {
      host::Random random(self + 1);
      for (unsigned i = 0; i < 1000; ++i) {
        const size_t size = sizeof(Piece) + random.below(i % 50 == 0 ? 20'000 : 600);
        const Result<void*> memory = mm::allocate(size);
        if (!memory) continue;
        auto* piece = new (*memory) Piece{size, ~uint64_t{size}};
        free_piece(shelf[random.below(shelf.size())].exchange(piece, acq_rel));
      }
    });
  }
  for (auto& place : shelf) free_piece(place.load(relaxed));
}

// Threads are made and ended on all CPUs, while the pool of stacks is emptied again and again.
void stacks_on_all_cpus() {
  Atomic<unsigned> ran{0};
  Crew<k_users + 1> crew;
  crew.add_many(k_users, [&](unsigned) {
    for (unsigned i = 0; i < 100; ++i) {
      ThreadHandle first = start({}, [&] { ran.fetch_add(1, relaxed); });
      ThreadHandle second = start({}, [&] { ran.fetch_add(1, relaxed); });
      first.join();
      second.join();
    }
  });
  crew.add([] {
    for (unsigned i = 0; i < 50; ++i) {
      mm::trim();
      sched::sleep_for(100 * k_microsecond);
    }
  });
  crew.join();
  expect_equal(ran.load(relaxed), 2 * k_users * 100, "threads that ran");
}

// Each CPU has a page that it maps now to one frame, now to another, all at the same time. After the
// flush nobody may still see the old frame. Between two changes, everybody looks at all pages, so that
// all CPUs know the translations that are then to be forgotten.
void stale_translations() {
  constexpr unsigned k_rounds = 40;
  const unsigned users = hal::cpu_count();
  const hal::Area area = hal::kernel_area();
  const VirtAddr pages = area.base + area.size - users * k_page_size;
  std::array<std::array<PhysAddr, 2>, hal::k_max_cpus> frames{};
  for (unsigned user = 0; user < users; ++user) {
    for (PhysAddr& frame : frames[user]) {
      const Result<PhysAddr> got = mm::page_frames.allocate(0);
      if (!got) panic("a self-test has no memory");
      frame = *got;
    }
  }
  Barrier everybody(users);
  Crew<hal::k_max_cpus> crew;
  for (unsigned self = 0; self < users; ++self) {
    crew.add({.cpu_mask = only_cpu(self)}, [&, self] {
      const VirtAddr own = pages + self * k_page_size;
      for (unsigned round = 1; round <= k_rounds; ++round) {
        const PhysAddr frame = frames[self][round % 2];
        *static_cast<volatile unsigned*>(hal::phys_to_virt(frame)) = round;
        if (round > 1) hal::unmap_kernel(own);
        if (!hal::map_kernel(own, frame)) panic("a self-test has no memory for a page table");
        hal::flush_kernel(own, 1);
        everybody.arrive_and_wait();
        for (unsigned user = 0; user < users; ++user) {
          expect_equal(*reinterpret_cast<volatile unsigned*>(pages + user * k_page_size), round,
                       "what is read from a page that has changed");
        }
        everybody.arrive_and_wait();
      }
      hal::unmap_kernel(own);
      hal::flush_kernel(own, 1);
    });
  }
  crew.join();
  for (unsigned user = 0; user < users; ++user) {
    for (const PhysAddr frame : frames[user]) mm::page_frames.free(frame, 0);
  }
}

}  // namespace weft::selftest::memory
