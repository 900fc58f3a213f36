#include "core/proc/signal_file.hh"

#include "core/mm/object_cache.hh"

namespace weft::proc {
namespace {

// What a read gives: 128 bytes for each signal.
struct SignalRecord {
  uint32_t signal;
  int32_t error;
  int32_t code;
  uint32_t pid;
  uint32_t user;
  int32_t fd;
  uint32_t timer;
  uint32_t band;
  uint32_t overrun;
  uint32_t trap;
  int32_t status;
  int32_t number;
  uint64_t pointer;
  uint64_t user_time;
  uint64_t system_time;
  uint64_t address;
  uint8_t zeros[48];
};
static_assert(sizeof(SignalRecord) == 128);

SignalRecord record_of(const SignalInfo& info) {
  SignalRecord record{};
  record.signal = static_cast<uint32_t>(info.signal);
  record.error = info.error;
  record.code = info.code;
  if (info.code == abi::k_si_timer) {
    record.timer = static_cast<uint32_t>(info.timer.timer);
    record.overrun = static_cast<uint32_t>(info.timer.overrun);
    record.pointer = reinterpret_cast<uint64_t>(info.timer.value.pointer);
    record.number = info.timer.value.number;
  } else if (contains(k_synchronous, info.signal) && info.code > 0) {
    record.address = info.fault.address;
  } else if (info.signal == abi::k_sigchld && info.code > 0) {
    record.pid = static_cast<uint32_t>(info.child.pid);
    record.user = info.child.user;
    record.status = info.child.status;
    record.user_time = static_cast<uint64_t>(info.child.user_time);
    record.system_time = static_cast<uint64_t>(info.child.system_time);
  } else {
    record.pid = static_cast<uint32_t>(info.sender.pid);
    record.user = info.sender.user;
    record.pointer = reinterpret_cast<uint64_t>(info.sender.value.pointer);
    record.number = info.sender.value.number;
  }
  return record;
}

class SignalFile final : public fs::File {
 public:
  static constexpr char k_kind = 0;

  SignalFile(Process& owner, SignalSet signals, uint32_t flags)
      : File(abi::k_o_rdwr | flags, &k_kind),
        owner_(Ref<Process>::share(owner)),
        signals_(signals) {}

  void set_signals(SignalSet signals) { signals_.store(signals, relaxed); }
  Result<size_t> read(fs::IoBuffer& to) override;
  // Whoever watches, watches the signals of the process that made the file.
  fs::PollEvents poll(fs::PollEntry* entry) override {
    if (entry != nullptr) owner_->signal_arrived.add(*entry);
    UserThread& self = current_thread();
    SpinGuard guard(self.process.signal_lock);
    const SignalSet pending = self.pending.set() | self.process.pending.set();
    return (pending & signals_.load(relaxed)) != 0 ? abi::k_pollin | abi::k_pollrdnorm : 0;
  }
  Result<abi::Stat> status() override {
    abi::Stat stat{};
    stat.mode = 0600;
    return stat;
  }

 private:
  void destroy() override;
  // The next signal, for which it waits if it may. Errno::again, Errno::intr.
  Result<SignalInfo> take(bool may_block);

  Ref<Process> owner_;
  Atomic<SignalSet> signals_;
};

[[clang::no_destroy]] constinit mm::ObjectCache<SignalFile> file_cache("signal file");

void SignalFile::destroy() { file_cache.destroy(this); }

Result<SignalInfo> SignalFile::take(bool may_block) {
  UserThread& self = current_thread();
  Process& process = self.process;
  SpinGuard guard(process.signal_lock);
  for (;;) {
    SignalInfo info;
    const SignalSet wanted = signals_.load(relaxed);
    if (self.pending.take(wanted, info) || process.pending.take(wanted, info)) return info;
    if (!may_block) return fail(Errno::again);
    Waiter waiter(BlockReason::waiting, this);
    process.signal_readers.prepare(waiter);
    const Outcome outcome =
        process.signal_readers.block(waiter, {.deadline = k_never, .interruptible = true});
    if (outcome == Outcome::interrupted) return fail(Errno::intr);
  }
}

Result<size_t> SignalFile::read(fs::IoBuffer& to) {
  if (to.left() < sizeof(SignalRecord)) return fail(Errno::inval);
  size_t done = 0;
  while (to.left() >= sizeof(SignalRecord)) {
    const auto info = take(done == 0 && !is_nonblocking());
    if (!info.has_value()) return done > 0 ? Result<size_t>(done) : fail(info.error());
    const SignalRecord record = record_of(*info);
    const size_t moved = to.put(&record, sizeof record);
    if (moved < sizeof record) return to.result(done);
    done += moved;
  }
  return done;
}

}  // namespace

Result<int32_t> open_signals(Process& owner, SignalSet signals, uint32_t flags) {
  Ref<fs::File> file =
      Ref<fs::File>::adopt(TRY(file_cache.make(owner, signals, flags & abi::k_o_nonblock)));
  return owner.files->add(std::move(file), (flags & abi::k_o_cloexec) != 0,
                          static_cast<int32_t>(owner.limits.soft(abi::k_rlimit_nofile)));
}

Result<> change_signals(Process& owner, int32_t fd, SignalSet signals) {
  const Ref<fs::File> file = TRY(owner.files->get(fd));
  if (file->kind() != &SignalFile::k_kind) return fail(Errno::inval);
  static_cast<SignalFile&>(*file).set_signals(signals);
  SpinGuard guard(owner.signal_lock);
  owner.signal_readers.wake_all();
  return {};
}

}  // namespace weft::proc
