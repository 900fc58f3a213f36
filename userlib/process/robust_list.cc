#include "userlib/process/robust_list.hh"

#include <atomic>

#include "core/base/assert.hh"
#include "userlib/syscalls.hh"

namespace weft::detail {
namespace {

// What the kernel knows of a thread (struct robust_list_head).
struct Head {
  RobustEntry first;  // leads to itself when the list is empty
  int64_t word_offset = k_robust_word;
  RobustEntry* pending = nullptr;
};

constinit thread_local Head own_head;
constinit thread_local Head* known_head = nullptr;

// The kernel is told once in a thread's life. Where the C library has done so, that list is ours, too.
Head& head() {
  if (known_head != nullptr) [[likely]]
    return *known_head;
  uint64_t place = 0;
  uint64_t size = 0;
  if (sys::get_robust_list(0, &place, &size) && place != 0 &&
      reinterpret_cast<Head*>(place)->word_offset == k_robust_word) {
    known_head = reinterpret_cast<Head*>(place);
  } else {
    own_head = {};
    own_head.first.next = &own_head.first;
    const auto told = sys::set_robust_list(&own_head);
    ASSERT(told.has_value(), "the kernel takes every thread's list of locks");
    known_head = &own_head;
  }
  return *known_head;
}

// The lock whose entry it is; not for the head's. The lowest bit of an address is the C library's.
RobustLock& lock_of(RobustEntry* entry) {
  const uint64_t place = reinterpret_cast<uint64_t>(entry) & ~uint64_t{1};
  return *reinterpret_cast<RobustLock*>(place + static_cast<uint64_t>(k_robust_word));
}

// The kernel reads the list when the thread dies, between any two instructions.
void in_this_order() { std::atomic_signal_fence(std::memory_order_seq_cst); }

}  // namespace

RobustChange::RobustChange(RobustLock& lock) {
  head().pending = &lock.entry;
  in_this_order();
}
RobustChange::~RobustChange() {
  in_this_order();
  head().pending = nullptr;
}

void add_robust_lock(RobustLock& lock) {
  Head& own = head();
  lock.entry.next = own.first.next;
  lock.previous = &own.first;
  if (lock.entry.next != &own.first) lock_of(lock.entry.next).previous = &lock.entry;
  in_this_order();
  own.first.next = &lock.entry;
}

void remove_robust_lock(RobustLock& lock) {
  if (lock.entry.next != &head().first) lock_of(lock.entry.next).previous = lock.previous;
  lock.previous->next = lock.entry.next;
  in_this_order();
}

void forget_robust_list() { known_head = nullptr; }

}  // namespace weft::detail
