// Terminal: a keyboard and a screen that processes share. The line discipline decides what becomes of
// bytes; this waits, wakes, and knows whose terminal it is.
//
//   A terminal controls one session at most. One group of it is in the foreground: it gets the signals
//   that are typed (Ctrl-C), and the others are stopped when they want to read.
//
//   typed bytes -> receive() -> LineDiscipline -> read()
//                                    | echo
//                     write() -> TerminalOutput -> TerminalDevice
//
// A mutex guards all of it: bytes go straight from and to user memory. So bytes that come in an
// interrupt are brought here by a thread.
#pragma once

#include <string_view>

#include "core/base/result.hh"
#include "core/fs/io_buffer.hh"
#include "core/fs/poll_source.hh"
#include "core/ipc/line_discipline.hh"
#include "core/sync/mutex.hh"

namespace weft::ipc {

struct Caller;

class Terminal {
 public:
  explicit Terminal(TerminalDevice& device) : output_(device), discipline_(output_) {}
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // These bytes were typed.
  void receive(std::string_view bytes);

  // A file sees only what happens after it was opened: `era` is that of its opening, and when the
  // terminal is hung up, a new one begins. k_every_era: it is never hung up.
  static constexpr uint32_t k_every_era = ~uint32_t{0};
  uint32_t era();

  // As File's. Errno::io: the caller is in the background and can't be stopped. Errno::intr: it was
  // interrupted, or is about to be stopped. 0: the end, typed or by a hang-up.
  Result<size_t> read(fs::IoBuffer& to, bool may_block, uint32_t era);
  Result<size_t> write(fs::IoBuffer& from, bool may_block, uint32_t era);
  fs::PollEvents poll(fs::PollEntry* entry, uint32_t era);
  // As ioctl() (terminal_control.cc).
  Result<uint64_t> control(uint32_t request, uint64_t argument, uint32_t era);

  // It is the running process's controlling terminal.
  bool controls(const Caller& caller);
  // The leader of a session ends, which this terminal controls if that is still so.
  void leader_ended(const Caller& leader);

 private:
  using Modes = abi::TerminalModes;

  bool controls_locked(const Caller& caller) const REQUIRES(lock_);
  bool is_hung_up(uint32_t era) const REQUIRES(lock_) { return era != k_every_era && era != era_; }
  Outcome wait(WaitQueue& queue, Instant deadline) REQUIRES(lock_);
  Result<size_t> move_line(fs::IoBuffer& to, bool& line_ended) REQUIRES(lock_);
  void tell() REQUIRES(lock_);

  // A process in the background wants what only the foreground may.
  Result<> check_foreground(int signal);
  bool stops_background_writers();
  Result<> set_modes(uint32_t request, VirtAddr from);
  Result<> control_flow(uint64_t action);
  Result<> flush(uint64_t which);
  Result<> set_window(VirtAddr from);
  Result<> set_foreground(VirtAddr from);
  Result<> take_over(const Caller& caller, bool by_force);
  Result<> give_up(const Caller& caller);
  void begin_session(const Caller& caller) REQUIRES(lock_);
  int32_t end_session() REQUIRES(lock_);

  Mutex lock_{Rank::terminal};
  WaitQueue waiting_readers_ GUARDED_BY(lock_);
  WaitQueue waiting_writers_ GUARDED_BY(lock_);
  fs::PollSource changes_;
  TerminalOutput output_ GUARDED_BY(lock_);
  LineDiscipline discipline_ GUARDED_BY(lock_);
  abi::WindowSize window_ GUARDED_BY(lock_){};
  int32_t session_ GUARDED_BY(lock_) = 0;     // that it controls; 0: none
  int32_t foreground_ GUARDED_BY(lock_) = 0;  // the group; 0: none
  uint32_t tenure_ GUARDED_BY(lock_) = 0;     // counts the sessions; so those of an old one know
  uint32_t era_ GUARDED_BY(lock_) = 0;
};

}  // namespace weft::ipc
