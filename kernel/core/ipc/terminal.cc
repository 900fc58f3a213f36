#include "core/ipc/terminal.hh"

#include <algorithm>
#include <array>

#include "abi/constants.hh"
#include "core/hal.hh"
#include "core/ipc/process_hooks.hh"

namespace weft::ipc {
namespace {

constexpr fs::PollEvents k_readable = abi::k_pollin | abi::k_pollrdnorm;
constexpr fs::PollEvents k_writable = abi::k_pollout | abi::k_pollwrnorm;
constexpr Nanoseconds k_time_unit = k_second / 10;  // what VTIME counts

}  // namespace

uint32_t Terminal::era() {
  MutexGuard guard(lock_);
  return era_;
}

// Wakes those who can go on now.
void Terminal::tell() {
  fs::PollEvents happened = 0;
  if (discipline_.is_readable(false)) waiting_readers_.wake_all();
  if (discipline_.is_readable(true)) happened |= k_readable;
  if (!output_.is_stopped()) {
    waiting_writers_.wake_all();
    happened |= k_writable;
  }
  changes_.notify(happened);
}

void Terminal::receive(std::string_view bytes) {
  MutexGuard guard(lock_);
  for (const char byte : bytes) {
    const int signal = discipline_.receive(static_cast<uint8_t>(byte));
    if (signal != 0 && foreground_ != 0) process_hooks.signal_group(foreground_, signal);
  }
  output_.send();
  tell();
}

Outcome Terminal::wait(WaitQueue& queue, Instant deadline) {
  Waiter self(BlockReason::waiting, this);
  queue.prepare(self);
  lock_.unlock();
  self.block({.deadline = deadline, .interruptible = true});
  lock_.lock();
  return queue.finish(self);
}

// A piece of what was typed, at most to the end of a line.
Result<size_t> Terminal::move_line(fs::IoBuffer& to, bool& line_ended) {
  std::array<char, 64> piece;
  size_t moved = 0;
  line_ended = false;
  while (to.left() > 0 && !line_ended) {
    const size_t size =
        discipline_.take(std::span(piece).first(std::min(to.left(), piece.size())), line_ended);
    if (size == 0) break;
    if (to.put(piece.data(), size) < size) return to.result(moved);
    moved += size;
  }
  if (!line_ended) discipline_.drop_end_of_file();
  output_.send();
  return moved;
}

// In raw mode, MIN and TIME say when a read is over:
//
//   MIN   TIME    it ends
//   > 0   0       when MIN bytes have come
//   > 0   > 0     the same, or TIME after the last byte, if one has come
//   0     > 0     with the first byte, or after TIME
//   0     0       at once
Result<size_t> Terminal::read(fs::IoBuffer& to, bool may_block, uint32_t era) {
  TRY(check_foreground(abi::k_sigttin));
  MutexGuard guard(lock_);
  const Modes modes = discipline_.modes();
  const bool is_raw = (modes.local & abi::k_icanon) == 0;
  const size_t least = is_raw ? modes.characters[abi::k_vmin] : 1;
  const Nanoseconds time = is_raw ? modes.characters[abi::k_vtime] * k_time_unit : 0;
  Instant deadline = least == 0 ? hal::now() + time : k_never;
  size_t moved = 0;
  while (to.left() > 0) {
    if (!discipline_.is_readable(false)) {
      if (is_hung_up(era) || (least == 0 && time == 0)) break;
      Errno error = Errno::again;
      if (may_block) {
        const Outcome outcome = wait(waiting_readers_, deadline);
        if (outcome == Outcome::timed_out && !discipline_.is_readable(false)) break;
        if (outcome != Outcome::interrupted || discipline_.is_readable(false)) continue;
        error = Errno::intr;
      }
      if (moved == 0) return fail(error);
      break;
    }
    bool line_ended;
    const Result<size_t> piece = move_line(to, line_ended);
    if (!piece.has_value() && moved == 0) return piece;
    moved += piece.value_or(0);
    if (!piece.has_value() || !is_raw || moved >= least) break;
    if (time > 0) deadline = hal::now() + time;
  }
  return moved;
}

bool Terminal::stops_background_writers() {
  MutexGuard guard(lock_);
  return (discipline_.modes().local & abi::k_tostop) != 0;
}

Result<size_t> Terminal::write(fs::IoBuffer& from, bool may_block, uint32_t era) {
  std::array<char, 512> piece;
  size_t moved = 0;
  if (stops_background_writers()) TRY(check_foreground(abi::k_sigttou));
  MutexGuard guard(lock_);
  const Modes modes = discipline_.modes();
  while (from.left() > 0) {
    if (is_hung_up(era)) return fail(Errno::io);
    if (output_.is_stopped()) {
      Errno error = Errno::again;
      if (may_block) {
        if (wait(waiting_writers_, k_never) != Outcome::interrupted || !output_.is_stopped()) {
          continue;
        }
        error = Errno::intr;
      }
      if (moved == 0) return fail(error);
      break;
    }
    const size_t size = from.take(piece.data(), std::min(from.left(), piece.size()));
    for (const char byte : std::span(piece).first(size)) {
      output_.put(static_cast<uint8_t>(byte), modes);
    }
    output_.send();
    moved += size;
    if (from.met_bad_address()) break;
  }
  return from.result(moved);
}

fs::PollEvents Terminal::poll(fs::PollEntry* entry, uint32_t era) {
  if (entry != nullptr) changes_.add(*entry);
  MutexGuard guard(lock_);
  if (is_hung_up(era)) return k_readable | k_writable | abi::k_pollerr | abi::k_pollhup;
  fs::PollEvents events = 0;
  if (discipline_.is_readable(true)) events |= k_readable;
  if (!output_.is_stopped()) events |= k_writable;
  return events;
}

}  // namespace weft::ipc
