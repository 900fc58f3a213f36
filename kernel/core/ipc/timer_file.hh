// TimerFile: what timerfd_create() makes. Reading it tells how often its time has come since the last
// reading, and waits until that is once. Like a timer with a signal it does not go off again before
// somebody has read it: the times in between are counted then.
#pragma once

#include "core/fs/file.hh"
#include "core/ipc/anonymous.hh"
#include "core/sched/timer.hh"
#include "core/sched/wait_queue.hh"

namespace weft::ipc {

class TimerFile final : public fs::File {
 public:
  // Errno::nomem. The clock is the one on the wall, or that since boot.
  static Result<Ref<fs::File>> make(bool is_wall_clock, uint32_t flags);

  struct Setting {
    Nanoseconds left = 0;  // 0: it is not armed
    Nanoseconds interval = 0;
  };
  // `time` counts from now, or is what the clock will say; 0 disarms it. What it was set to before.
  Setting set(Nanoseconds time, bool is_absolute, Nanoseconds interval);
  Setting get();
  // The file, if it is such a one; nullptr if not.
  static TimerFile* from(fs::File& file);

  explicit TimerFile(uint32_t flags, bool is_wall_clock);
  Result<size_t> read(fs::IoBuffer& to) override;
  fs::PollEvents poll(fs::PollEntry* entry) override;
  Result<abi::Stat> status() override;

 private:
  static constexpr char k_kind = 0;
  void destroy() override;
  static void on_time(void* self);
  Setting setting_locked(Instant now) REQUIRES(lock_);

  const uint64_t inode_ = next_anonymous_inode();
  const bool is_wall_clock_;
  SpinLock lock_{Rank::timer_file};
  WaitQueue readers_ GUARDED_BY(lock_){lock_};
  fs::PollSource source_;
  sched::Timer timer_;
  Instant time_ GUARDED_BY(lock_) = 0;  // when it goes off next; 0: never
  Nanoseconds interval_ GUARDED_BY(lock_) = 0;
  bool has_come_ GUARDED_BY(lock_) = false;  // since it was read
};

}  // namespace weft::ipc
