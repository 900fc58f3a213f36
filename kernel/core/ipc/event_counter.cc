#include "core/ipc/event_counter.hh"

#include "core/ipc/anonymous.hh"
#include "core/mm/object_cache.hh"
#include "core/sched/scheduler.hh"

namespace weft::ipc {
namespace {

constexpr uint64_t k_largest = ~uint64_t{0} - 1;
constexpr uint32_t k_owner_only = 0600;
constexpr fs::PollEvents k_readable = abi::k_pollin | abi::k_pollrdnorm;
constexpr fs::PollEvents k_writable = abi::k_pollout | abi::k_pollwrnorm;

class EventCounter final : public fs::File {
 public:
  EventCounter(uint64_t initial, bool takes_one, uint32_t flags)
      : File(flags | abi::k_o_rdwr), takes_one_(takes_one), count_(initial) {}

  Result<size_t> read(fs::IoBuffer& to) override;
  Result<size_t> write(fs::IoBuffer& from) override;
  fs::PollEvents poll(fs::PollEntry* entry) override;
  Ender ender(fs::PollEvents) override { return Ender::having(this); }
  Result<abi::Stat> status() override { return anonymous_status(k_owner_only, inode_); }

 private:
  void destroy() override;
  // Sleeps on the queue. Errno::again if it may not, Errno::intr.
  Result<> wait(WaitQueue& queue) REQUIRES(lock_);
  Result<> wait_for_count() REQUIRES(lock_);
  Result<> wait_for_room(uint64_t added) REQUIRES(lock_);

  const uint64_t inode_ = next_anonymous_inode();
  const bool takes_one_;
  SpinLock lock_{Rank::user_spin};
  uint64_t count_ GUARDED_BY(lock_);
  WaitQueue waiting_readers_ GUARDED_BY(lock_){lock_};
  WaitQueue waiting_writers_ GUARDED_BY(lock_){lock_};
  fs::PollSource changes_;
};

[[clang::no_destroy]] constinit mm::ObjectCache<EventCounter> counters("event counter");

void EventCounter::destroy() { counters.destroy(this); }

Result<> EventCounter::wait(WaitQueue& queue) {
  if (is_nonblocking()) return fail(Errno::again);
  Waiter self(BlockReason::waiting, this);
  self.set_ender(Ender::having(this));
  queue.prepare(self);
  return to_result(queue.block(self, {.deadline = k_never, .interruptible = true}));
}

Result<> EventCounter::wait_for_count() {
  while (count_ == 0) TRY(wait(waiting_readers_));
  return {};
}

[[gnu::noinline]] Result<> EventCounter::wait_for_room(uint64_t added) {
  while (added > k_largest - count_) TRY(wait(waiting_writers_));
  return {};
}

// Whoever leaves the counter with something in it wakes a reader, which does the same for the next.
// Writers wait for room of different sizes, so all of them look again when some is made.
Result<size_t> EventCounter::read(fs::IoBuffer& to) {
  uint64_t taken;
  if (to.left() < sizeof taken) return fail(Errno::inval);
  {
    SpinGuardIrqsOn guard(lock_);
    if (count_ == 0) TRY(wait_for_count());
    taken = takes_one_ ? 1 : count_;
    count_ -= taken;
    if (count_ > 0) [[unlikely]]
      waiting_readers_.wake_one();
    if (!waiting_writers_.empty()) [[unlikely]]
      waiting_writers_.wake_all();
    changes_.notify(k_writable);
  }
  if (!to.put_all(&taken, sizeof taken)) [[unlikely]]
    return to.result(0);
  return sizeof taken;
}

Result<size_t> EventCounter::write(fs::IoBuffer& from) {
  uint64_t added;
  if (from.left() < sizeof added) return fail(Errno::inval);
  if (!from.take_all(&added, sizeof added)) return fail(Errno::fault);
  if (added > k_largest) return fail(Errno::inval);
  SpinGuardIrqsOn guard(lock_);
  if (added > k_largest - count_) [[unlikely]]
    TRY(wait_for_room(added));
  count_ += added;
  if (count_ > 0) {
    Thread* const reader = waiting_readers_.end_first();
    if (reader != nullptr) sched::wake_irqs_off(*reader);
  }
  changes_.notify(k_readable);
  return sizeof added;
}

fs::PollEvents EventCounter::poll(fs::PollEntry* entry) {
  if (entry != nullptr) changes_.add(*entry);
  SpinGuard guard(lock_);
  fs::PollEvents events = 0;
  if (count_ > 0) events |= k_readable;
  if (count_ < k_largest) events |= k_writable;
  return events;
}

}  // namespace

Result<Ref<fs::File>> make_event_counter(uint64_t initial, bool takes_one, uint32_t flags) {
  return Ref<fs::File>(Ref<EventCounter>::adopt(TRY(counters.make(initial, takes_one, flags))));
}

}  // namespace weft::ipc
