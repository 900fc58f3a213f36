#include "core/ipc/pipe.hh"

#include <algorithm>
#include <bit>

#include "abi/constants.hh"
#include "core/ipc/process_hooks.hh"
#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/page_frames.hh"
#include "core/sched/scheduler.hh"
#include "core/sync/irq_guard.hh"

namespace weft::ipc {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<Pipe> pipes("pipe");

constexpr fs::PollEvents k_readable = abi::k_pollin | abi::k_pollrdnorm;
constexpr fs::PollEvents k_writable = abi::k_pollout | abi::k_pollwrnorm;
constexpr uint64_t k_largest_capacity = uint64_t{1} << 31;
constexpr WaitLimit k_until_signal{.deadline = k_never, .interruptible = true};

}  // namespace

Result<Ref<Pipe>> Pipe::make() { return Ref<Pipe>::adopt(TRY(pipes.make())); }

void Pipe::destroy() { pipes.destroy(this); }

// Nobody else has it any more.
Pipe::~Pipe() NO_THREAD_SAFETY_ANALYSIS { drop_contents(); }

// ---- Pages ----------------------------------------------------------------------------------------

Result<std::byte*> Pipe::new_page() {
  if (spare_page_ != nullptr) return std::exchange(spare_page_, nullptr);
  return static_cast<std::byte*>(hal::phys_to_virt(TRY(mm::page_frames.allocate(0))));
}

void Pipe::drop_page(std::byte* page) {
  if (spare_page_ == nullptr) {
    spare_page_ = page;
  } else {
    mm::page_frames.free(hal::virt_to_phys(page), 0);
  }
}

// As a new pipe is.
void Pipe::drop_contents() {
  while (!is_empty()) drop_page(slot(tail_++).page);
  if (spare_page_ != nullptr) mm::page_frames.free(hal::virt_to_phys(spare_page_), 0);
  spare_page_ = nullptr;
  if (slots_ != first_slots_.data()) mm::free(slots_);
  slots_ = first_slots_.data();
  slot_count_ = k_first_slots;
}

// ---- Waiting and waking ---------------------------------------------------------------------------

fs::PollEvents Pipe::look() const {
  fs::PollEvents events = 0;
  // lab:pipe begin 5
  if (!is_empty()) events |= k_readable;
  if (!is_full()) events |= k_writable;
  if (writers_ == 0) events |= abi::k_pollhup;
  if (readers_ == 0) events |= abi::k_pollerr;
  // lab:pipe stub: panic("not implemented: lab pipe, part 5");
  // lab:pipe end
  return events;
}

[[gnu::always_inline]] inline bool Pipe::concerns_anybody() const {
  if (!waiting_readers_.empty() && !is_empty()) [[unlikely]]
    return true;
  return !waiting_writers_.empty() && !is_full();
}

[[gnu::always_inline]] inline void Pipe::unlock_and_tell() {
  if (changes_.is_watched()) [[unlikely]] {
    changes_.set_level(look());
    if (happened_ != 0) return tell_and_unlock();
  } else {
    changes_.forget_level();
    happened_ = 0;
  }
  if (concerns_anybody()) [[unlikely]]
    return tell_and_unlock();
  lock_.unlock();
}

// After a write in the usual case: there are bytes, and both sides have files, or nobody would be here.
// Whoever is woken wants the mutex first of all: so this thread keeps its CPU until it is free.
[[gnu::always_inline]] inline void Pipe::wake_reader_and_unlock() {
  hal::irq_disable();
  if (changes_.is_watched()) [[unlikely]] {
    changes_.set_level(is_full() ? k_readable : k_readable | k_writable);
    changes_.notify_irqs_off(k_readable);
  } else {
    changes_.forget_level();
  }
  Thread* const first = waiting_readers_.end_first();
  if (first != nullptr) [[likely]]
    sched::wake_irqs_off(*first);
  lock_.unlock();
  restore_interrupts(true);
}

[[gnu::noinline]] void Pipe::tell_and_unlock() {
  IrqGuard keeps_its_cpu;
  // lab:pipe begin 5
  if (!is_empty()) waiting_readers_.wake_one();
  if (!is_full()) waiting_writers_.wake_one();
  if (happened_ != 0) changes_.notify(std::exchange(happened_, 0));
  // lab:pipe stub: panic("not implemented: lab pipe, part 5");
  // lab:pipe end
  lock_.unlock();
}

Outcome Pipe::wait(WaitQueue& queue) {
  // lab:pipe begin 2
  Waiter self(BlockReason::waiting, this);
  self.set_ender(Ender::having(&queue));
  queue.prepare(self);
  unlock_and_tell();
  self.block(k_until_signal);
  lock_.lock();
  return queue.finish(self);
  // lab:pipe stub: panic("not implemented: lab pipe, part 2");
  // lab:pipe end
}

// ---- Ends -----------------------------------------------------------------------------------------

void Pipe::open(Ends ends) {
  lock_.lock();
  add(ends);
  unlock_and_tell();
}

void Pipe::add(Ends ends) {
  readers_ += ends.reads ? 1 : 0;
  writers_ += ends.writes ? 1 : 0;
  readers_so_far_ += ends.reads ? 1 : 0;
  writers_so_far_ += ends.writes ? 1 : 0;
  waiting_openers_.wake_all();
}

// The other side may have come and gone again: that it came is enough.
Result<> Pipe::wait_for_change(const uint32_t& count) {
  const uint32_t before = count;
  while (count == before) {
    if (wait(waiting_openers_) == Outcome::interrupted && count == before) return fail(Errno::intr);
  }
  return {};
}

// Whether the other side is there is seen in the step in which this side comes: afterwards it may have
// come and gone.
Result<uint32_t> Pipe::open_fifo(Ends ends, bool may_block) {
  lock_.lock();
  const bool lacks_writer = !ends.writes && writers_ == 0;
  const bool lacks_reader = !ends.reads && readers_ == 0;
  if (lacks_reader && !may_block) {
    lock_.unlock();
    return fail(Errno::nxio);
  }
  const uint32_t writers_before = lacks_writer && !may_block ? writers_so_far_ : 0;
  add(ends);
  Result<> result;
  if (may_block && lacks_writer) result = wait_for_change(writers_so_far_);
  if (may_block && lacks_reader) result = wait_for_change(readers_so_far_);
  if (!result.has_value()) remove(ends);
  unlock_and_tell();
  TRY(result);
  return writers_before;
}

void Pipe::close(Ends ends) {
  lock_.lock();
  remove(ends);
  unlock_and_tell();
}

void Pipe::remove(Ends ends) {
  readers_ -= ends.reads ? 1 : 0;
  writers_ -= ends.writes ? 1 : 0;
  // lab:pipe begin 3
  if ((readers_ == 0) != (writers_ == 0)) {
    waiting_readers_.wake_all();
    waiting_writers_.wake_all();
    happened_ |= k_readable | k_writable | abi::k_pollerr | abi::k_pollhup;
  }
  // lab:pipe stub: panic("not implemented: lab pipe, part 3");
  // lab:pipe end
  if (readers_ == 0 && writers_ == 0) drop_contents();
}

// ---- Reading --------------------------------------------------------------------------------------

// What there is in the first page, as far as the buffer goes. It stays there if an address is bad.
[[gnu::always_inline]] inline size_t Pipe::take_from_first(fs::IoBuffer& to) {
  // lab:pipe begin 1
  Slot& first = slot(tail_);
  const size_t wanted = std::min<size_t>(first.size, to.left());
  if (!to.put_all(first.page + first.start, wanted)) [[unlikely]]
    return 0;
  first.start += static_cast<uint32_t>(wanted);
  first.size -= static_cast<uint32_t>(wanted);
  if (first.size > 0) return wanted;
  if (is_full()) [[unlikely]]
    happened_ |= k_writable;
  drop_page(first.page);
  ++tail_;
  return wanted;
  // lab:pipe stub: panic("not implemented: lab pipe, part 1");
  // lab:pipe end
}

[[gnu::noinline]] size_t Pipe::take_more(fs::IoBuffer& to) {
  size_t moved = 0;
  while (!is_empty() && to.left() > 0) {
    const size_t piece = take_from_first(to);
    if (piece == 0) break;
    moved += piece;
  }
  return moved;
}

Result<size_t> Pipe::read(fs::IoBuffer& to, bool may_block) {
  if (to.left() == 0) return 0;
  lock_.lock();
  if (is_empty()) {
    const Result<> ready = wait_for_bytes(may_block);
    if (!ready.has_value()) [[unlikely]]
      return fail_and_unlock(ready.error());
    if (is_empty()) [[unlikely]] {
      unlock_and_tell();
      return 0;
    }
  }
  size_t moved = take_from_first(to);
  if (moved == 0) [[unlikely]]
    return fail_and_unlock(Errno::fault);
  if (to.left() > 0) [[unlikely]]
    moved += take_more(to);
  unlock_and_tell();
  return moved;
}

// Errno::again, Errno::intr. If there are still none, this is the end.
Result<> Pipe::wait_for_bytes(bool may_block) {
  // lab:pipe begin 2
  while (is_empty() && writers_ > 0) {
    if (!may_block) return fail(Errno::again);
    if (wait(waiting_readers_) == Outcome::interrupted && is_empty() && writers_ > 0) {
      return fail(Errno::intr);
    }
  }
  return {};
  // lab:pipe stub: panic("not implemented: lab pipe, part 2");
  // lab:pipe end
}

// ---- Writing --------------------------------------------------------------------------------------

// All of it, or nothing if an address is bad.
inline bool Pipe::put_behind_last(fs::IoBuffer& from, size_t size) {
  Slot& last = slot(head_ - 1);
  if (!from.take_all(last.page + last.start + last.size, size)) return false;
  last.size += static_cast<uint32_t>(size);
  happened_ |= k_readable;
  return true;
}

[[gnu::always_inline]] inline Result<size_t> Pipe::put_page(fs::IoBuffer& from) {
  // lab:pipe begin 1
  std::byte* const page = TRY(new_page());
  const size_t size = std::min(from.left(), k_page_size);
  if (!from.take_all(page, size)) {
    drop_page(page);
    return fail(Errno::fault);
  }
  slot(head_) = {.page = page, .start = 0, .size = static_cast<uint32_t>(size)};
  ++head_;
  happened_ |= k_readable;
  return size;
  // lab:pipe stub: panic("not implemented: lab pipe, part 1");
  // lab:pipe end
}

// The usual case: the reader has kept up, and all of it fits into the page that he has emptied.
Result<size_t> Pipe::write(fs::IoBuffer& from, bool may_block) {
  const size_t size = from.left();
  if (size == 0) return 0;
  lock_.lock();
  std::byte* const page = spare_page_;
  const bool is_usual = page != nullptr && size <= k_page_size;
  if (!is_usual || !is_empty() || readers_ == 0) [[unlikely]]
    return put_and_unlock(from, may_block);
  if (!from.take_all(page, size)) [[unlikely]]
    return fail_and_unlock(Errno::fault);
  spare_page_ = nullptr;
  slot(head_) = {.page = page, .start = 0, .size = static_cast<uint32_t>(size)};
  ++head_;
  if (!waiting_writers_.empty()) [[unlikely]] {
    happened_ |= k_readable;
    unlock_and_tell();
  } else {
    wake_reader_and_unlock();
  }
  return size;
}

[[gnu::noinline]] Result<size_t> Pipe::fail_and_unlock(Errno error) {
  unlock_and_tell();
  return fail(error);
}

[[gnu::noinline]] Result<size_t> Pipe::put_and_unlock(fs::IoBuffer& from, bool may_block) {
  const Result<size_t> result = put(from, may_block);
  const bool is_broken = readers_ == 0;
  unlock_and_tell();
  if (is_broken) process_hooks.signal_self(abi::k_sigpipe);
  return result;
}

Result<size_t> Pipe::put(fs::IoBuffer& from, bool may_block) {
  if (readers_ == 0) return fail(Errno::pipe);
  size_t moved = 0;
  // lab:pipe begin 4
  // What doesn't fill a page goes behind what is there, so that small writes don't use one each.
  const size_t odd = from.left() % k_page_size;
  if (odd > 0 && !is_empty() && slot(head_ - 1).start + slot(head_ - 1).size + odd <= k_page_size) {
    if (!put_behind_last(from, odd)) return fail(Errno::fault);
    moved = odd;
  }
  while (from.left() > 0) {
    const Result<> ready = is_full() ? wait_for_room(may_block) : Result<>{};
    const Result<size_t> added = ready.has_value() ? put_page(from) : fail(ready.error());
    if (!added.has_value() && moved == 0) return added;
    if (!added.has_value()) break;
    moved += *added;
  }
  return moved;
  // lab:pipe stub: static_cast<void>(moved);
  // lab:pipe stub: panic("not implemented: lab pipe, part 4");
  // lab:pipe end
}

// Errno::again, Errno::intr, Errno::pipe.
Result<> Pipe::wait_for_room(bool may_block) {
  // lab:pipe begin 2
  while (is_full()) {
    if (!may_block) return fail(Errno::again);
    const Outcome outcome = wait(waiting_writers_);
    if (readers_ == 0) return fail(Errno::pipe);
    if (outcome == Outcome::interrupted && is_full()) return fail(Errno::intr);
  }
  return {};
  // lab:pipe stub: panic("not implemented: lab pipe, part 2");
  // lab:pipe end
}

// ---- What else one can ask ------------------------------------------------------------------------

// An event is told after the level has it, so who comes from one finds it there.
fs::PollEvents Pipe::poll(Ends ends, uint32_t writers_before, fs::PollEntry* entry) {
  fs::PollEvents asked = 0;
  if (ends.reads) asked |= k_readable | abi::k_pollhup;
  if (ends.writes) asked |= k_writable | abi::k_pollerr;
  fs::PollEvents found = changes_.level();
  if (entry != nullptr || found == 0 || writers_before != 0) [[unlikely]]
    found = poll_locked(asked, writers_before, entry);
  return found & asked;
}

fs::PollEvents Pipe::poll_locked(fs::PollEvents asked, uint32_t writers_before,
                                 fs::PollEntry* entry) {
  if (entry != nullptr) changes_.add(*entry, writers_before == 0 ? asked : 0);
  MutexGuard guard(lock_);
  const fs::PollEvents found = look();
  if (changes_.is_watched()) changes_.set_level(found);
  return writers_so_far_ == writers_before ? found & ~abi::k_pollhup : found;
}

size_t Pipe::unread_bytes() {
  MutexGuard guard(lock_);
  size_t bytes = 0;
  for (uint32_t number = tail_; number != head_; ++number) bytes += slot(number).size;
  return bytes;
}

uint64_t Pipe::capacity() {
  MutexGuard guard(lock_);
  return slot_count_ * k_page_size;
}

Result<uint64_t> Pipe::set_capacity(uint64_t wanted) {
  if (wanted == 0 || wanted > k_largest_capacity) return fail(Errno::inval);
  const uint64_t bytes = std::max(std::bit_ceil(wanted), uint64_t{k_page_size});
  const auto count = static_cast<uint32_t>(bytes / k_page_size);
  auto* const fresh = static_cast<Slot*>(TRY(mm::allocate(count * sizeof(Slot))));
  lock_.lock();
  const uint32_t used = head_ - tail_;
  if (used > count) {
    lock_.unlock();
    mm::free(fresh);
    return fail(Errno::busy);
  }
  for (uint32_t number = 0; number < used; ++number) fresh[number] = slot(tail_ + number);
  Slot* const old = std::exchange(slots_, fresh);
  slot_count_ = count;
  tail_ = 0;
  head_ = used;
  if (!is_full()) happened_ |= k_writable;
  const bool old_was_allocated = old != first_slots_.data();
  unlock_and_tell();
  if (old_was_allocated) mm::free(old);
  return bytes;
}

}  // namespace weft::ipc
