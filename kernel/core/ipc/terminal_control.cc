// What ioctl() does with a terminal: modes, window, and whose terminal it is.
#include <utility>

#include "abi/constants.hh"
#include "core/ipc/process_hooks.hh"
#include "core/ipc/terminal.hh"
#include "core/mm/user_memory.hh"

namespace weft::ipc {

// Stops the caller's group, as SIGTTIN and SIGTTOU do; Errno::intr for the call that has to wait until
// it is continued. Who doesn't hear the signal may go on, but for reading.
Result<> Terminal::check_foreground(int signal) {
  const Caller caller = process_hooks.caller();
  {
    MutexGuard guard(lock_);
    if (!controls_locked(caller) || foreground_ == 0 || caller.group == foreground_) return {};
  }
  if (process_hooks.is_deaf_to(signal)) {
    if (signal == abi::k_sigttin) return fail(Errno::io);
    return {};
  }
  if (process_hooks.is_orphaned()) return fail(Errno::io);
  process_hooks.signal_group(caller.group, signal);
  return fail(Errno::intr);
}

Result<uint64_t> Terminal::control(uint32_t request, uint64_t argument, uint32_t era) {
  const auto address = static_cast<VirtAddr>(argument);
  const Caller caller = process_hooks.caller();
  Modes modes;
  abi::WindowSize window;
  int32_t session, foreground;
  bool is_callers;
  size_t readable;
  {
    MutexGuard guard(lock_);
    if (is_hung_up(era)) return fail(request == abi::k_tiocspgrp ? Errno::notty : Errno::io);
    modes = discipline_.modes();
    window = window_;
    session = session_;
    foreground = foreground_;
    readable = discipline_.readable_bytes();
    is_callers = controls_locked(caller);
  }
  switch (request) {
    case abi::k_tcgets: TRY(mm::UserOut<Modes>(address).store(modes)); return 0;
    case abi::k_tcsets:
    case abi::k_tcsetsw:
    case abi::k_tcsetsf: TRY(set_modes(request, address)); return 0;
    case abi::k_tcsbrk: TRY(check_foreground(abi::k_sigttou)); return 0;  // all has been sent
    case abi::k_tcxonc: TRY(control_flow(argument)); return 0;
    case abi::k_tcflsh: TRY(flush(argument)); return 0;
    case abi::k_fionread:
      TRY(mm::UserOut<int32_t>(address).store(static_cast<int32_t>(readable)));
      return 0;
    case abi::k_tiocgwinsz: TRY(mm::UserOut<abi::WindowSize>(address).store(window)); return 0;
    case abi::k_tiocswinsz: TRY(set_window(address)); return 0;
    case abi::k_tiocgpgrp:
      if (!is_callers) return fail(Errno::notty);
      TRY(mm::UserOut<int32_t>(address).store(foreground));
      return 0;
    case abi::k_tiocgsid:
      if (!is_callers || session == 0) return fail(Errno::notty);
      TRY(mm::UserOut<int32_t>(address).store(session));
      return 0;
    case abi::k_tiocspgrp: TRY(set_foreground(address)); return 0;
    case abi::k_tiocsctty: TRY(take_over(caller, argument == 1)); return 0;
    case abi::k_tiocnotty: TRY(give_up(caller)); return 0;
    default: return fail(Errno::notty);
  }
}

// ---- Modes ----------------------------------------------------------------------------------------

// TCSETSW waits until all is sent, which it always is; TCSETSF drops what was typed, too.
Result<> Terminal::set_modes(uint32_t request, VirtAddr from) {
  TRY(check_foreground(abi::k_sigttou));
  const Modes wanted = TRY(mm::UserIn<Modes>(from).load());
  MutexGuard guard(lock_);
  if (request == abi::k_tcsetsf) discipline_.drop_input();
  discipline_.set_modes(wanted);
  output_.send();
  tell();
  return {};
}

Result<> Terminal::control_flow(uint64_t action) {
  TRY(check_foreground(abi::k_sigttou));
  MutexGuard guard(lock_);
  const auto& characters = discipline_.modes().characters;
  switch (action) {
    case abi::k_tcooff: output_.set_stopped(true); break;
    case abi::k_tcoon: output_.set_stopped(false); break;
    case abi::k_tcioff:
    case abi::k_tcion: {
      const uint8_t byte = characters[action == abi::k_tcioff ? abi::k_vstop : abi::k_vstart];
      if (byte != 0) output_.put_raw(static_cast<char>(byte));
      break;
    }
    default: return fail(Errno::inval);
  }
  output_.send();
  tell();
  return {};
}

Result<> Terminal::flush(uint64_t which) {
  TRY(check_foreground(abi::k_sigttou));
  if (which > abi::k_tcioflush) return fail(Errno::inval);
  MutexGuard guard(lock_);
  if (which != abi::k_tcoflush) discipline_.drop_input();
  if (which != abi::k_tciflush) output_.drop();
  return {};
}

Result<> Terminal::set_window(VirtAddr from) {
  const auto wanted = TRY(mm::UserIn<abi::WindowSize>(from).load());
  MutexGuard guard(lock_);
  const bool is_same = wanted.rows == window_.rows && wanted.columns == window_.columns &&
                       wanted.x_pixels == window_.x_pixels && wanted.y_pixels == window_.y_pixels;
  window_ = wanted;
  if (!is_same && foreground_ != 0) process_hooks.signal_group(foreground_, abi::k_sigwinch);
  return {};
}

// ---- Whose terminal it is -------------------------------------------------------------------------

Result<> Terminal::set_foreground(VirtAddr from) {
  Result<> may_change = check_foreground(abi::k_sigttou);
  if (!may_change.has_value() && may_change.error() == Errno::io) return fail(Errno::notty);
  TRY(may_change);
  const int32_t group = TRY(mm::UserIn<int32_t>(from).load());
  if (group < 0) return fail(Errno::inval);
  const Caller caller = process_hooks.caller();
  MutexGuard guard(lock_);
  if (!controls_locked(caller)) return fail(Errno::notty);
  if (TRY(process_hooks.session_of_group(group)) != session_) return fail(Errno::perm);
  foreground_ = group;
  return {};
}

bool Terminal::controls_locked(const Caller& caller) const {
  return caller.terminal == this && caller.tenure == tenure_ && session_ == caller.session;
}

bool Terminal::controls(const Caller& caller) {
  MutexGuard guard(lock_);
  return controls_locked(caller);
}

void Terminal::begin_session(const Caller& caller) {
  session_ = caller.session;
  foreground_ = caller.group;
  ++tenure_;
  process_hooks.set_terminal(this, tenure_);
}

// The group that was in the foreground.
int32_t Terminal::end_session() {
  session_ = 0;
  ++tenure_;
  return std::exchange(foreground_, 0);
}

// `by_force`: although it controls another session, which loses it.
Result<> Terminal::take_over(const Caller& caller, bool by_force) {
  const bool has_another =
      caller.terminal != nullptr && caller.terminal != this && caller.terminal->controls(caller);
  MutexGuard guard(lock_);
  if (caller.leads_session() && session_ == caller.session) return {};
  if (!caller.leads_session() || has_another) return fail(Errno::perm);
  if (session_ != 0 && !by_force) return fail(Errno::perm);
  begin_session(caller);
  return {};
}

Result<> Terminal::give_up(const Caller& caller) {
  MutexGuard guard(lock_);
  if (!controls_locked(caller)) return fail(Errno::notty);
  process_hooks.set_terminal(nullptr, 0);
  if (!caller.leads_session()) return {};
  const int32_t group = end_session();
  if (group == 0) return {};
  process_hooks.signal_group(group, abi::k_sighup);
  process_hooks.signal_group(group, abi::k_sigcont);
  return {};
}

// A hang-up: those in the foreground are told, and nobody uses the files any more that were open.
void Terminal::leader_ended(const Caller& leader) {
  MutexGuard guard(lock_);
  if (!controls_locked(leader)) return;
  const int32_t group = end_session();
  if (group != 0) process_hooks.signal_group(group, abi::k_sighup);
  ++era_;
  output_.set_stopped(false);
  waiting_readers_.wake_all();
  waiting_writers_.wake_all();
  changes_.notify(abi::k_pollin | abi::k_pollout | abi::k_pollerr | abi::k_pollhup);
}

}  // namespace weft::ipc
