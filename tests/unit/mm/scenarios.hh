// What several CPUs do to the kernel's memory at once. The same scenarios run on simulated CPUs and,
// under ThreadSanitizer, on host threads. The machine itself checks that nothing is left behind.
#pragma once

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "core/mm/heap.hh"
#include "core/mm/memory.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/page_frames.hh"
#include "core/mm/stats.hh"
#include "unit/support/machine.hh"
#include "unit/support/random.hh"
#include "unit/support/threads.hh"

namespace weft::mm {

// A shelf on which threads put what others take away, so that most of it is freed on another CPU
// than it was allocated on.
template <typename T>
class Shelf {
 public:
  explicit Shelf(uint64_t seed) : random_(seed) {}

  void put(T item) {
    SpinGuard guard(lock_);
    items_.push_back(item);
  }
  // Any of them; false if there is none.
  bool take(T& item) {
    SpinGuard guard(lock_);
    if (items_.empty()) return false;
    std::swap(items_[random_.below(items_.size())], items_.back());
    item = items_.back();
    items_.pop_back();
    return true;
  }

 private:
  SpinLock lock_{Rank::user_spin};
  host::Random random_ GUARDED_BY(lock_);
  std::vector<T> items_ GUARDED_BY(lock_);
};

// Each of these threads does so many steps.
struct Load {
  unsigned threads = 6;
  int steps = 300;
};

// Blocks of frames, each marked by who took it, so that two holders of one would notice.
inline void pass_frames_around(const host::MachineOptions& options, const Load& load) {
  struct Block {
    PhysAddr address;
    unsigned order;
    uint64_t mark;
  };
  host::Machine(options).run([&] {
    Shelf<Block> shelf(options.seed);
    const auto free_block = [](const Block& block) {
      for (uint64_t page = 0; page < uint64_t{1} << block.order; ++page) {
        uint64_t mark = 0;
        std::memcpy(&mark, hal::phys_to_virt(block.address + page * k_page_size), sizeof(mark));
        ASSERT_EQ(mark, block.mark + page) << "somebody else has this frame, too";
      }
      page_frames.free(block.address, block.order);
    };
    host::Crew crew;
    crew.add_many(load.threads, [&](unsigned number) {
      host::Random random(options.seed * 100 + number);
      for (int step = 0; step < load.steps; ++step) {
        if (random.once_in(50)) page_frames.trim();
        if (random.below(20) < 11) {
          const auto order = static_cast<unsigned>(random.once_in(4) ? random.below(4) : 0);
          const auto address = page_frames.allocate(order);
          ASSERT_TRUE(address);
          const Block block{*address, order, random.next()};
          for (uint64_t page = 0; page < uint64_t{1} << order; ++page) {
            const uint64_t mark = block.mark + page;
            std::memcpy(hal::phys_to_virt(*address + page * k_page_size), &mark, sizeof(mark));
          }
          shelf.put(block);
        } else if (Block block; shelf.take(block)) {
          free_block(block);
        }
      }
    });
    crew.join();
    for (Block block; shelf.take(block);) free_block(block);
    trim();
    const FrameStats stats = page_frames.stats();
    EXPECT_EQ(stats.total, stats.free + stats.used_in_all());
  });
}

// Objects of a cache and pieces of the heap, with a trim now and then.
inline void pass_objects_around(const host::MachineOptions& options, const Load& load) {
  struct Object {
    explicit Object(uint64_t value) : first(value), last(~value) {}
    uint64_t first;
    std::array<uint64_t, 8> middle{};
    uint64_t last;
  };
  host::Machine(options).run([&] {
    ObjectCache<Object> cache("objects");
    Shelf<Object*> shelf(options.seed);
    Shelf<Owned<Object>*> heap_shelf(options.seed);
    const auto check = [](const Object& object) { ASSERT_EQ(object.first, ~object.last); };
    host::Crew crew;
    crew.add_many(load.threads, [&](unsigned number) {
      host::Random random(options.seed * 100 + number);
      for (int step = 0; step < load.steps; ++step) {
        if (random.once_in(40)) cache.trim();
        if (random.once_in(80)) trim();
        if (random.below(20) < 11) {
          const auto object = cache.make(random.next());
          ASSERT_TRUE(object);
          shelf.put(*object);
          auto owned = make<Object>(random.next());
          ASSERT_TRUE(owned);
          auto owner = make<Owned<Object>>(std::move(*owned));
          ASSERT_TRUE(owner);
          heap_shelf.put(owner->release());
        } else {
          if (Object* object = nullptr; shelf.take(object)) {
            check(*object);
            cache.destroy(object);
          }
          if (Owned<Object>* owner = nullptr; heap_shelf.take(owner)) {
            check(**owner);
            Owned<Owned<Object>>(owner).reset();
          }
        }
      }
    });
    crew.join();
    for (Object* object; shelf.take(object);) cache.destroy(object);
    for (Owned<Object>* owner; heap_shelf.take(owner);) Owned<Owned<Object>>(owner).reset();
    EXPECT_EQ(cache.stats().live, 0u);
  });
}

// Several threads share frames and write to them; whoever is last frees them, and the next owner finds
// that nobody writes any more.
inline void share_frames(const host::MachineOptions& options, const Load& load) {
  host::Machine(options).run([&] {
    std::vector<PhysAddr> shared;
    for (int i = 0; i < 20; ++i) {
      shared.push_back(*page_frames.allocate(0));
      for (unsigned holder = 1; holder < load.threads; ++holder)
        page_frames.add_reference(shared.back());
    }
    EXPECT_EQ(page_frames.stats().used_as(FrameUse::other), 20u);
    host::Crew crew;
    crew.add_many(load.threads, [&](unsigned number) {
      host::Random random(options.seed * 100 + number);
      for (const PhysAddr frame : shared) {
        // Another holder for a while; then away with both.
        page_frames.add_reference(frame);
        if (random.once_in(3)) sched::yield();
        static_cast<uint64_t*>(hal::phys_to_virt(frame))[number] = number;
        page_frames.drop_reference(frame);
        page_frames.drop_reference(frame);
        const PhysAddr own = *page_frames.allocate_zeroed(0, FrameUse::large);
        page_frames.free(own, 0);
      }
    });
    crew.join();
    EXPECT_EQ(page_frames.stats().used_as(FrameUse::other), 0u);
  });
}

// Threads come and go, more at once than the pool of stacks holds, while stacks are taken away.
inline void use_many_stacks(const host::MachineOptions& options, unsigned threads) {
  host::Machine(options).run([&] {
    for (int round = 0; round < 2; ++round) {
      Atomic<bool> may_end{false};
      host::Crew crew;
      crew.add_many(threads, [&](unsigned number) {
        std::array<volatile char, 2000> used;
        for (volatile char& byte : used) byte = static_cast<char>(number);
        if (number % 50 == 0) trim_kernel_stacks();
        while (!may_end.load(acquire)) sched::yield();
        for (const volatile char& byte : used) ASSERT_EQ(byte, static_cast<char>(number));
      });
      EXPECT_GE(stack_stats().live, threads);
      may_end.store(true, release);
      crew.join();
      EXPECT_LT(stack_stats().pooled, 100u);
    }
  });
}

}  // namespace weft::mm
