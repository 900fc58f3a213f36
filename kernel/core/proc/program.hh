// Programs: what execve() does. A file becomes a process's memory, and the arguments become the
// start of its stack.
#pragma once

#include <string_view>

#include "core/base/result.hh"
#include "core/mm/memory_object.hh"
#include "core/proc/process.hh"

namespace weft::proc {

// Arguments and environment on their way from one program to the next: texts with their ends, one
// behind the other.
class StartTexts {
 public:
  static constexpr size_t k_room = 128 << 10;

  // Errno::nomem.
  static Result<StartTexts> make();
  StartTexts(StartTexts&& other);
  ~StartTexts();

  // Errno::too_big.
  Result<> add_argument(std::string_view text) { return add(text, argument_count_); }
  Result<> add_environment(std::string_view text) { return add(text, environment_count_); }
  // All texts of the program's list; first the arguments, then the environment. Errno::fault too.
  Result<> add_arguments(VirtAddr list) { return add_list(list, argument_count_); }
  Result<> add_environment_list(VirtAddr list) { return add_list(list, environment_count_); }

  std::string_view texts() const { return {room_, used_}; }
  // How many bytes of them are arguments.
  size_t argument_bytes() const;
  size_t argument_count() const { return argument_count_; }
  size_t environment_count() const { return environment_count_; }

 private:
  explicit StartTexts(char* room) : room_(room) {}
  Result<> add(std::string_view text, size_t& count);
  Result<> add_list(VirtAddr list, size_t& count);

  char* room_;
  size_t used_ = 0;
  size_t argument_count_ = 0;
  size_t environment_count_ = 0;
};

// The running thread's process becomes the program in the file: `registers` are those it starts
// with. If there is an error, all is as it was: Errno::noexec, Errno::nomem, Errno::too_big.
Result<> execute(UserThread& self, Registers& registers, const Ref<mm::MemoryObject>& file,
                 std::string_view path, const StartTexts& texts);

}  // namespace weft::proc
