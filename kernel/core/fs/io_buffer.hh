// IoBuffer: where the bytes of a read or a write come from or go to: pieces of user memory, or one
// piece of kernel memory. It is used up from the front, so that a file moves bytes piece by piece
// without a thought for where they are.
#pragma once

#include <cstddef>
#include <span>

#include "core/abi/file.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"
#include "core/hal.hh"

namespace weft::fs {

class IoBuffer {
 public:
  // The caller has checked that user ranges are below mm::k_user_end. Pieces stay where they are.
  static IoBuffer user(VirtAddr address, size_t size) {
    return {address, size, {}, size, Memory::users};
  }
  static IoBuffer user(std::span<const abi::IoVector> pieces);
  static IoBuffer kernel(std::span<std::byte> memory) {
    return {reinterpret_cast<VirtAddr>(memory.data()),
            memory.size(),
            {},
            memory.size(),
            Memory::kernels};
  }

  // Bytes that have not been moved.
  size_t left() const { return left_; }

  // Moves bytes out of the buffer (a write) or into it (a read); how many. Fewer than asked for: the
  // buffer has no more, or a user address is bad. May block: user memory may have to come first.
  [[nodiscard]] size_t take(void* to, size_t size) {
    if (!is_in_one_user_piece(size)) return take_pieces(to, size);
    return note_moved(size, hal::copy_from_user(to, address_, size));
  }
  [[nodiscard]] size_t put(const void* from, size_t size) {
    if (!is_in_one_user_piece(size)) return put_pieces(from, size);
    return note_moved(size, hal::copy_to_user(address_, from, size));
  }
  // The same for who has no use for a part: false if not all of it was moved.
  [[nodiscard]] bool take_all(void* to, size_t size) {
    if (!is_in_one_user_piece(size)) return take_pieces(to, size) == size;
    return note_all_moved(size, hal::copy_from_user(to, address_, size));
  }
  [[nodiscard]] bool put_all(const void* from, size_t size) {
    if (!is_in_one_user_piece(size)) return put_pieces(from, size) == size;
    return note_all_moved(size, hal::copy_to_user(address_, from, size));
  }
  [[nodiscard]] size_t put_zeros(size_t size);
  // Moves nothing: so many bytes of the buffer are used up.
  void skip(size_t size);

  bool met_bad_address() const { return memory_ == Memory::bad; }
  // What a system call says that has moved so many bytes: what was moved counts more than the bad
  // address behind it.
  Result<size_t> result(size_t moved) const {
    if (moved == 0 && met_bad_address()) return fail(Errno::fault);
    return moved;
  }

 private:
  enum class Memory : uint8_t { users, kernels, bad };  // a user's, and an address in it was bad

  IoBuffer(VirtAddr address, size_t size, std::span<const abi::IoVector> rest, size_t left,
           Memory memory)
      : address_(address), size_(size), rest_(rest), left_(left), memory_(memory) {}

  // The usual case, which is worth a short way.
  bool is_in_one_user_piece(size_t size) const { return size <= size_ && memory_ == Memory::users; }
  size_t take_pieces(void* to, size_t size);
  size_t put_pieces(const void* from, size_t size);
  // So many bytes of the piece in use were to be moved, and `missing` could not be; how many were.
  size_t note_moved(size_t size, size_t missing) {
    return note_all_moved(size, missing) ? size : size - missing;
  }
  bool note_all_moved(size_t size, size_t missing) {
    use_up(size - missing);
    if (missing == 0) [[likely]]
      return true;
    memory_ = Memory::bad;
    return false;
  }
  // Moves with that function, piece by piece; it returns how many bytes it could not move.
  template <typename Move>
  size_t move(size_t size, Move move_piece);
  void use_up(size_t size) {
    address_ += size;
    size_ -= size;
    left_ -= size;
  }

  VirtAddr address_;  // of the piece in use
  size_t size_;       // that is left of it
  std::span<const abi::IoVector> rest_;
  size_t left_;
  Memory memory_;
};

}  // namespace weft::fs
