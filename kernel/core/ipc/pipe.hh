// Pipe: bytes on their way from writers to readers. Two files stand on each (pipe_file.hh).
//
//     taken out here                      put in here
//           v                                  v
//     | page: ..bytes | page: bytes | page: bytes..     | free | free | ...
//         tail_                          head_ - 1
//
// The room is counted in pages, 16 at first. A write of up to a page goes into one page, whole, or
// behind the bytes of the last one if it fits there: so writes of up to PIPE_BUF bytes are never torn.
//
// A mutex guards all of it, since bytes move under it, and user memory may have to come first. The
// rule that keeps sleepers from being forgotten: whenever the mutex is let go, then if a reader waits
// and there are bytes, one is woken; and if a writer waits and there is room, one is woken. One, not
// all: it does the same for the next when it is done.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/ref.hh"
#include "core/base/result.hh"
#include "core/fs/io_buffer.hh"
#include "core/fs/poll_source.hh"
#include "core/fs/special_node.hh"
#include "core/sync/mutex.hh"

namespace weft::ipc {

// Which ends a file is: of a FIFO it may be both.
struct Ends {
  bool reads = false;
  bool writes = false;
};

class Pipe final : public fs::Attachment {
 public:
  // Errno::nomem.
  static Result<Ref<Pipe>> make();
  Pipe() = default;
  ~Pipe();

  // One more file has these ends.
  void open(Ends ends);
  // The same for a FIFO: waits for the other side to be opened, too, unless that has happened already
  // or the file is both. Errno::nxio if there is no reader and a writer may not wait; Errno::intr.
  // How many writers there had been when a reader did not wait for one: for poll().
  Result<uint32_t> open_fifo(Ends ends, bool may_block);
  // One file fewer. When the last has gone, so have the bytes.
  void close(Ends ends);

  // At least one byte, unless there is no writer (then 0 is the end). Errno::again, Errno::intr,
  // Errno::fault; bytes that could not be delivered stay.
  Result<size_t> read(fs::IoBuffer& to, bool may_block);
  // All bytes, if it may block. Errno::pipe, and SIGPIPE for the caller, when there is no reader;
  // Errno::again, Errno::intr, Errno::fault, Errno::nomem, each only if nothing was written.
  Result<size_t> write(fs::IoBuffer& from, bool may_block);

  // A reader that has seen no writer yet is not at the end: `writers_before` is from open_fifo().
  fs::PollEvents poll(Ends ends, uint32_t writers_before, fs::PollEntry* entry);

  // Who can end the wait of those who read (true) or write; and whether a file with these ends can.
  Ender ender(bool of_readers) const NO_THREAD_SAFETY_ANALYSIS {
    return Ender::having(of_readers ? &waiting_readers_ : &waiting_writers_);
  }
  bool serves(Ends ends, const void* object) const NO_THREAD_SAFETY_ANALYSIS {
    return (ends.writes && object == &waiting_readers_) ||
           (ends.reads && object == &waiting_writers_);
  }

  size_t unread_bytes();
  uint64_t capacity();
  // Rounds up to a power of two pages; the new capacity. Errno::inval, Errno::nomem, or Errno::busy
  // if more than that is in.
  Result<uint64_t> set_capacity(uint64_t wanted);

 private:
  static constexpr uint32_t k_first_slots = 16;

  // A page with bytes that nobody has read.
  struct Slot {
    std::byte* page;
    uint32_t start;
    uint32_t size;
  };

  void destroy() override;

  bool is_empty() const REQUIRES(lock_) { return head_ == tail_; }
  bool is_full() const REQUIRES(lock_) { return head_ - tail_ >= slot_count_; }
  Slot& slot(uint32_t number) REQUIRES(lock_) { return slots_[number & (slot_count_ - 1)]; }

  size_t take_from_first(fs::IoBuffer& to) REQUIRES(lock_);
  size_t take_more(fs::IoBuffer& to) REQUIRES(lock_);
  Result<> wait_for_bytes(bool may_block) REQUIRES(lock_);
  Result<> wait_for_room(bool may_block) REQUIRES(lock_);
  Result<size_t> put(fs::IoBuffer& from, bool may_block) REQUIRES(lock_);
  Result<size_t> put_and_unlock(fs::IoBuffer& from, bool may_block) RELEASE(lock_);
  bool put_behind_last(fs::IoBuffer& from, size_t size) REQUIRES(lock_);
  Result<size_t> put_page(fs::IoBuffer& from) REQUIRES(lock_);
  Result<std::byte*> new_page() REQUIRES(lock_);
  void drop_page(std::byte* page) REQUIRES(lock_);
  void drop_contents() REQUIRES(lock_);
  // Sleeps on that queue, without the mutex.
  Outcome wait(WaitQueue& queue) REQUIRES(lock_);
  Result<> wait_for_change(const uint32_t& count) REQUIRES(lock_);
  void add(Ends ends) REQUIRES(lock_);
  void remove(Ends ends) REQUIRES(lock_);
  fs::PollEvents poll_locked(fs::PollEvents asked, uint32_t writers_before, fs::PollEntry* entry);
  // What is so of both ends.
  fs::PollEvents look() const REQUIRES(lock_);
  // Whether anybody is to be told of how the pipe is now.
  bool concerns_anybody() const REQUIRES(lock_);
  // Lets the mutex go and wakes whom that concerns.
  void unlock_and_tell() RELEASE(lock_);
  void tell_and_unlock() RELEASE(lock_);
  void wake_reader_and_unlock() RELEASE(lock_);
  Result<size_t> fail_and_unlock(Errno error) RELEASE(lock_);

  Mutex lock_{Rank::pipe};
  WaitQueue waiting_readers_ GUARDED_BY(lock_);
  WaitQueue waiting_writers_ GUARDED_BY(lock_);
  WaitQueue waiting_openers_ GUARDED_BY(lock_);
  fs::PollSource changes_;  // its level is kept up as long as somebody watches
  fs::PollEvents happened_ GUARDED_BY(lock_) = 0;  // since the mutex was last let go

  std::array<Slot, k_first_slots> first_slots_;
  // Slots from tail_ to head_ are in use; both only grow, and their low bits say where.
  uint32_t head_ GUARDED_BY(lock_) = 0;
  uint32_t tail_ GUARDED_BY(lock_) = 0;
  uint32_t slot_count_ GUARDED_BY(lock_) = k_first_slots;  // a power of two
  Slot* slots_ GUARDED_BY(lock_) = first_slots_.data();
  std::byte* spare_page_ GUARDED_BY(lock_) = nullptr;  // kept for the next write

  uint32_t readers_ GUARDED_BY(lock_) = 0;
  uint32_t writers_ GUARDED_BY(lock_) = 0;
  uint32_t readers_so_far_ GUARDED_BY(lock_) = 0;
  uint32_t writers_so_far_ GUARDED_BY(lock_) = 0;
};

}  // namespace weft::ipc
