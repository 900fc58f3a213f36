// Pieces of a program's memory, for the calls that move bytes from or to several.
#pragma once

#include <algorithm>
#include <array>

#include "core/fs/io_buffer.hh"
#include "core/mm/heap.hh"
#include "syscall/argument.hh"

namespace weft::syscall {

// The pieces of memory of the calls that take several.
class Parts {
 public:
  // One call moves no more than this: as many whole pages as fit an int.
  static constexpr size_t k_most_bytes = 0x7fff'f000;

  Parts() = default;
  ~Parts() { mm::free(many_); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  // Errno::fault, Errno::nomem; `too_many` if there are more than 1024.
  Result<fs::IoBuffer> load(UserIn<abi::IoVector> parts, size_t count,
                            Errno too_many = Errno::inval) {
    if (count > k_most_parts) return fail(too_many);
    std::span<abi::IoVector> loaded(few_.data(), std::min(count, few_.size()));
    if (count > few_.size()) {
      many_ = static_cast<abi::IoVector*>(TRY(mm::allocate(count * sizeof(abi::IoVector))));
      loaded = {many_, count};
    }
    TRY(parts.load_all(loaded));
    size_t left = k_most_bytes;
    for (abi::IoVector& part : loaded) {
      if (static_cast<int64_t>(part.length) < 0) return fail(Errno::inval);
      if (!mm::is_user_range(reinterpret_cast<VirtAddr>(part.base), part.length)) {
        return fail(Errno::fault);
      }
      part.length = std::min(part.length, left);
      left -= part.length;
    }
    return fs::IoBuffer::user(loaded);
  }

 private:
  static constexpr size_t k_most_parts = 1024;
  static constexpr size_t k_few = 8;
  std::array<abi::IoVector, k_few> few_;
  abi::IoVector* many_ = nullptr;
};

}  // namespace weft::syscall
