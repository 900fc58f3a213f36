#include "core/base/atomic.hh"
#include "core/sync/condvar.hh"
#include "monitor/demos/crew.hh"
#include "monitor/demos/demo.hh"

namespace weft::monitor {
namespace {

constexpr unsigned k_producers = 2;
constexpr unsigned k_consumers = 3;
constexpr unsigned k_each = 600;  // items a producer makes
constexpr unsigned k_items = k_producers * k_each;
constexpr unsigned k_room = 4;
static_assert(k_items % k_consumers == 0);

class Buffer {
 public:
  void put(unsigned item) {
    MutexGuard guard(mutex_);
    // lab:semaphore begin 4
    while (count_ == k_room) {
      ++waits_for_room_;
      not_full_.wait(mutex_);
    }
    items_[(first_ + count_++) % k_room] = item;
    not_empty_.notify_one();
    // lab:semaphore stub: panic("not implemented: lab semaphore, part 4");
    // lab:semaphore end
  }

  unsigned take() {
    MutexGuard guard(mutex_);
    // lab:semaphore begin 4
    while (count_ == 0) {
      ++waits_for_items_;
      not_empty_.wait(mutex_);
    }
    const unsigned item = items_[first_];
    first_ = (first_ + 1) % k_room;
    --count_;
    not_full_.notify_one();
    return item;
    // lab:semaphore stub: panic("not implemented: lab semaphore, part 4");
    // lab:semaphore end
  }

  void tell(Sink& out) {
    MutexGuard guard(mutex_);
    say(out, "producers waited {} times for room, consumers {} times for an item", waits_for_room_,
        waits_for_items_);
  }

 private:
  Mutex mutex_{Rank::user};
  CondVar not_full_;
  CondVar not_empty_;
  std::array<unsigned, k_room> items_ GUARDED_BY(mutex_){};
  unsigned first_ GUARDED_BY(mutex_) = 0;
  unsigned count_ GUARDED_BY(mutex_) = 0;
  unsigned waits_for_room_ GUARDED_BY(mutex_) = 0;
  unsigned waits_for_items_ GUARDED_BY(mutex_) = 0;
};

bool run(Sink& out) {
  Buffer buffer;
  std::array<Atomic<uint8_t>, k_items> taken{};
  Crew<k_producers + k_consumers> crew;
  for (unsigned producer = 0; producer < k_producers; ++producer) {
    crew.add({.name = "producer"}, [&, producer] {
      for (unsigned i = 0; i < k_each; ++i) buffer.put(producer * k_each + i);
    });
  }
  for (unsigned i = 0; i < k_consumers; ++i) {
    crew.add({.name = "consumer"}, [&] {
      for (unsigned n = 0; n < k_items / k_consumers; ++n)
        taken[buffer.take()].fetch_add(1, relaxed);
    });
  }
  if (!crew.run(out)) return false;
  buffer.tell(out);
  unsigned once = 0;
  for (const auto& times : taken) once += times.load(relaxed) == 1 ? 1 : 0;
  say(out, "{} items made, {} of them taken exactly once", k_items, once);
  return once == k_items;
}

}  // namespace

constinit const Demo bounded_buffer_demo{
    "bounded-buffer", "producers and consumers, with condition variables",
    "Two producers fill a buffer of four places, three consumers empty it. A full buffer stops\n"
    "producers, an empty one consumers: each waits for a condition, and lets the mutex go\n"
    "meanwhile. Nothing is lost, nothing is taken twice.",
    run};

}  // namespace weft::monitor
