// Arguments and environment on their way from one program to the next: texts with their ends, one
// behind the other.
#pragma once

#include <algorithm>
#include <string_view>

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::proc {

class StartTexts {
 public:
  // One text with its end can be so long.
  static constexpr size_t k_longest_text = 128 << 10;
  // All of them, and their addresses, may take a quarter of the stack's limit.
  static constexpr size_t room_for(uint64_t stack_limit) {
    constexpr uint64_t k_least = 128 << 10, k_most = 6 << 20;
    return static_cast<size_t>(std::clamp(stack_limit / 4, k_least, k_most));
  }

  // `most` bytes at most, with `name`, the program's, among them. Errno::nomem.
  static Result<StartTexts> make(size_t most, std::string_view name);
  StartTexts(StartTexts&& other);
  ~StartTexts();

  // First the arguments, then the environment. Errno::too_big, Errno::nomem.
  Result<> add_argument(std::string_view text) { return add(text, argument_count_); }
  Result<> add_environment(std::string_view text) { return add(text, environment_count_); }
  // The texts of the program's list, from that one on. A program always has an argument: if nobody
  // gives one, an empty one. Errno::fault too.
  Result<> add_arguments(VirtAddr list, size_t first = 0);
  Result<> add_environment_list(VirtAddr list) { return add_list(list, environment_count_); }

  std::string_view texts() const { return {room_, used_}; }
  // How many bytes of them are arguments.
  size_t argument_bytes() const;
  size_t argument_count() const { return argument_count_; }
  size_t environment_count() const { return environment_count_; }

 private:
  StartTexts(char* room, size_t size, size_t most) : room_(room), size_(size), left_(most) {}
  Result<> add(std::string_view text, size_t& count);
  Result<> add_list(VirtAddr list, size_t& count);
  Result<> add_from_user(VirtAddr text, size_t& count);
  // Counts a text that lies at the end of the room.
  Result<> take_in(size_t size, size_t& count);
  Result<> grow();

  char* room_;
  size_t size_;
  size_t left_;  // of the bytes that may be used
  size_t used_ = 0;
  size_t argument_count_ = 0;
  size_t environment_count_ = 0;
};

}  // namespace weft::proc
