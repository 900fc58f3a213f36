#include "core/ipc/timer_file.hh"

#include "core/mm/object_cache.hh"
#include "core/sched/wall_clock.hh"

namespace weft::ipc {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<TimerFile> timer_files("timer file");

constexpr uint32_t k_owner_only = 0600;
constexpr fs::PollEvents k_readable = abi::k_pollin | abi::k_pollrdnorm;

}  // namespace

Result<Ref<fs::File>> TimerFile::make(bool is_wall_clock, uint32_t flags) {
  return Ref<fs::File>(
      Ref<TimerFile>::adopt(TRY(timer_files.make(flags | abi::k_o_rdwr, is_wall_clock))));
}

TimerFile::TimerFile(uint32_t flags, bool is_wall_clock)
    : File(flags, &k_kind),
      is_wall_clock_(is_wall_clock),
      timer_(on_time, this, sched::Timer::Lock::free) {}

TimerFile* TimerFile::from(fs::File& file) {
  return file.kind() == &k_kind ? static_cast<TimerFile*>(&file) : nullptr;
}

void TimerFile::destroy() {
  timer_.end();
  timer_files.destroy(this);
}

TimerFile::Setting TimerFile::set(Nanoseconds time, bool is_absolute, Nanoseconds interval) {
  const Instant now = hal::now();
  SpinGuard guard(lock_);
  const Setting old = setting_locked(now);
  timer_.cancel();
  has_come_ = false;
  interval_ = interval;
  if (time == 0) {
    time_ = 0;
    return old;
  }
  const Nanoseconds date = is_wall_clock_ ? sched::boot_date() : 0;
  // At the instant 0 the machine was booted: what lies before is as long gone as that.
  time_ = is_absolute ? std::max<Instant>(time - std::min(time, date), 1) : now + time;
  timer_.start(time_);
  return old;
}

TimerFile::Setting TimerFile::get() {
  const Instant now = hal::now();
  SpinGuard guard(lock_);
  return setting_locked(now);
}

TimerFile::Setting TimerFile::setting_locked(Instant now) {
  if (time_ == 0 || (has_come_ && interval_ == 0)) return {0, interval_};
  if (time_ > now) return {time_ - now, interval_};
  if (interval_ == 0) return {1, 0};
  return {interval_ - (now - time_) % interval_, interval_};
}

void TimerFile::on_time(void* argument) {
  auto& self = *static_cast<TimerFile*>(argument);
  const Instant now = hal::now();
  SpinGuard guard(self.lock_);
  if (self.time_ == 0 || self.time_ > now) return;  // it was set anew just now
  self.has_come_ = true;
  self.readers_.wake_all();
  self.source_.notify(k_readable);
}

Result<size_t> TimerFile::read(fs::IoBuffer& to) {
  uint64_t count = 1;
  if (to.left() < sizeof count) return fail(Errno::inval);
  {
    SpinGuard guard(lock_);
    while (!has_come_) {
      if (is_nonblocking()) return fail(Errno::again);
      Waiter self(BlockReason::waiting, this);
      readers_.prepare(self);
      TRY(to_result(readers_.block(self, {.deadline = k_never, .interruptible = true})));
    }
    has_come_ = false;
    if (interval_ == 0) {
      time_ = 0;
    } else {
      count = (hal::now() - time_) / interval_ + 1;
      time_ += count * interval_;
      timer_.start(time_);
    }
  }
  return to.result(to.put(&count, sizeof count) == sizeof count ? sizeof count : 0);
}

fs::PollEvents TimerFile::poll(fs::PollEntry* entry) {
  if (entry != nullptr) source_.add(*entry);
  SpinGuard guard(lock_);
  return has_come_ ? k_readable : 0;
}

Result<abi::Stat> TimerFile::status() { return anonymous_status(k_owner_only, inode_); }

}  // namespace weft::ipc
