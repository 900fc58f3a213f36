// Memory that several processes see: what one writes there, the others read. It lies at the same
// address in a process and in its forked children; a stranger who got the descriptor maps it elsewhere,
// so what lies in it holds no pointers.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "core/base/result.hh"
#include "userlib/base/file.hh"

namespace weft {

// Pages of it, unmapped when their owner goes; each process unmaps its own view.
class shared_memory {
 public:
  shared_memory() = default;
  // For us and the children that we fork from now on.
  static Result<shared_memory> make(size_t size);
  // The same memory for everyone who maps this descriptor: of a file, or of make_descriptor().
  static Result<shared_memory> map(int fd, size_t size);
  // Memory without a name, for those to whom the descriptor is handed.
  static Result<Descriptor> make_descriptor(const char* name, size_t size);

  shared_memory(shared_memory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  shared_memory& operator=(shared_memory other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~shared_memory();

  void* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  shared_memory(void* data, size_t size) : data_(data), size_(size) {}

  void* data_ = nullptr;
  size_t size_ = 0;
};

namespace detail {
shared_memory take_shared_memory(size_t size);  // or throws
int32_t current_process();
}  // namespace detail

// One object in such memory: shared<Counter> counter(...); counter->add(1). Its maker ends it; a forked
// child only goes.
template <typename T>
class shared {
 public:
  // Throws (see sys/exit.hh) if there is no memory.
  template <typename... Arguments>
  explicit shared(Arguments&&... arguments)
      : memory_(detail::take_shared_memory(sizeof(T))), maker_(detail::current_process()) {
    new (memory_.data()) T(std::forward<Arguments>(arguments)...);
  }
  shared(const shared&) = delete;
  shared& operator=(const shared&) = delete;
  ~shared() {
    if (maker_ == detail::current_process()) get()->~T();
  }

  T* get() const { return static_cast<T*>(memory_.data()); }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }

 private:
  shared_memory memory_;
  int32_t maker_;
};

}  // namespace weft
