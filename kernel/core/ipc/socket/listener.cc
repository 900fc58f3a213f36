// Connections that arrive: an inbox that listens keeps the ends of those that nobody has accepted yet.
#include "core/ipc/socket/inbox.hh"
#include "core/sync/irq_guard.hh"

namespace weft::ipc {
namespace {

constexpr fs::PollEvents k_readable = abi::k_pollin | abi::k_pollrdnorm;

}  // namespace

void Inbox::listen(uint32_t most) {
  MutexGuard guard(lock_);
  most_arrivals_ = most;
  phase_.store(Phase::listening, release);
  waiting_writers_.wake_all();
}

Result<bool> Inbox::knock(Ref<Inbox> arrival, const Patience& patience) {
  MutexGuard guard(lock_);
  for (;;) {
    if (phase() != Phase::listening || closed_.load(relaxed)) return fail(Errno::connrefused);
    if (!manners_.tells_sender || arrival_count_ <= most_arrivals_) break;
    Result<> woken = wait(waiting_writers_, patience);
    if (arrival_count_ > most_arrivals_) TRY(woken);
  }
  const bool is_roomy = arrival_count_ <= most_arrivals_;
  arrivals_.push_back(*arrival.release());
  ++arrival_count_;
  PreemptGuard keeps_its_cpu;  // until the mutex is free for those who are woken
  waiting_readers_.wake_one();
  changes_.notify(k_readable);
  return is_roomy;
}

// Where arrivals wait on their way, the first that is still there has room from now on.
Result<Ref<Inbox>> Inbox::accept(const Patience& patience) {
  Ref<Inbox> first, next;
  {
    MutexGuard guard(lock_);
    for (;;) {
      if (phase() != Phase::listening || hears_no_more()) return fail(Errno::inval);
      if (!arrivals_.empty()) break;
      Result<> woken = wait(waiting_readers_, patience);
      if (arrivals_.empty()) TRY(woken);
    }
    first = Ref<Inbox>::adopt(arrivals_.pop_front());
    --arrival_count_;
    uint32_t place = 0;
    for (Inbox& arrival : arrivals_) {
      if (manners_.tells_sender || place > most_arrivals_) break;
      if (place++ == most_arrivals_) next = Ref<Inbox>::share(arrival);
    }
    if (!arrivals_.empty()) waiting_readers_.wake_one();
    waiting_writers_.wake_all();
  }
  if (next) next->fixed_peer()->become_connected();
  return first;
}

void Inbox::become_connected() {
  MutexGuard guard(lock_);
  if (change_phase(Phase::connecting, Phase::connected)) wake_all();
}

void Inbox::begin_anew() {
  set_peer({});
  deaf_.store(false, relaxed);
  mute_.store(false, relaxed);
}

Result<> Inbox::wait_until_connected(const Patience& patience) {
  MutexGuard guard(lock_);
  while (phase() == Phase::connecting) {
    Result<> woken = wait(waiting_readers_, patience);
    if (phase() == Phase::connecting) TRY(woken);
  }
  return {};
}

}  // namespace weft::ipc
