// PidTable: from a number to the process or thread that has it. Numbers are given out in a circle,
// so that one is not used again soon. Each step costs the same, however many there are.
#pragma once

#include <array>

#include "core/base/result.hh"
#include "core/base/types.hh"

namespace weft::proc {

class Process;
struct Group;
struct Session;
struct UserThread;

struct PidEntry {
  Process* process = nullptr;    // if a process has the number, alive or not yet waited for
  UserThread* thread = nullptr;  // if a living thread has it
  Group* group = nullptr;        // if a process group has it, or
  Session* session = nullptr;    // a session
  bool is_free() const {
    return process == nullptr && thread == nullptr && group == nullptr && session == nullptr;
  }
};

// Its owner has a lock around all calls.
class PidTable {
 public:
  static constexpr int32_t k_first_reused = 300;  // the first round leaves these to long-lived ones
  static constexpr int32_t k_limit = 65'536;

  // A number that nobody has; it stays free until put() says who has it. Errno::again if there is
  // none, Errno::nomem.
  Result<int32_t> choose();
  // The entry of a number; nullptr if it was never given out.
  PidEntry* find(int32_t pid);
  // The lowest number above this one for which there is an entry, used or not; k_limit if there is none.
  int32_t next(int32_t pid) const;
  // Frees the memory of numbers that nobody has.
  void trim();
  // Less than half of the numbers are in use.
  bool has_room() const { return used_ < k_limit / 2; }
  void count_use(int change) { used_ += change; }
  int32_t used() const { return used_; }
  // How many numbers have been given out, over all rounds.
  uint64_t given_out() const { return given_out_; }

 private:
  static constexpr size_t k_chunk = k_page_size / sizeof(PidEntry);

  Result<PidEntry*> make(int32_t pid);

  std::array<PidEntry*, k_limit / k_chunk> chunks_{};
  int32_t next_ = 1;
  int32_t used_ = 0;
  uint64_t given_out_ = 0;
};

}  // namespace weft::proc
