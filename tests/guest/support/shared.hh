// Memory that a child shares with its parent, and a gate in it for putting their steps in order.
#pragma once

#include "guest/support/calls.hh"
#include "guest/support/case.hh"
#include "guest/support/linux.hh"

namespace weft::guest {

// A T that fork does not copy: parent and children see the same one. It starts as zeros.
template <typename T>
class Shared {
 public:
  Shared()
      : address_(must("map shared memory", sys::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { sys::munmap(address_, sizeof(T)); }

  T* operator->() { return reinterpret_cast<T*>(address_); }
  T& operator*() { return *operator->(); }

 private:
  long address_;
};

inline int load(const int& value) { return __atomic_load_n(&value, __ATOMIC_SEQ_CST); }
inline void store(int& value, int to) { __atomic_store_n(&value, to, __ATOMIC_SEQ_CST); }
inline int add(int& value, int by) { return __atomic_add_fetch(&value, by, __ATOMIC_SEQ_CST); }

// Shut until somebody opens it, then open for good. Works between threads and, in Shared memory,
// between processes.
struct Gate {
  int is_open;

  void open() {
    store(is_open, 1);
    sys::futex(&is_open, FUTEX_WAKE, 1'000'000, nullptr, nullptr, 0);
  }
  void pass() {
    while (load(is_open) == 0) sys::futex(&is_open, FUTEX_WAIT, 0, nullptr, nullptr, 0);
  }
};

}  // namespace weft::guest
