#include "core/proc/signal_actions.hh"

#include <bit>

#include "core/mm/object_cache.hh"

namespace weft::proc {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<SignalActions> actions_cache("signal actions");

}  // namespace

DefaultAction default_action(int signal) {
  switch (signal) {
    case abi::k_sigchld:
    case abi::k_sigurg:
    case abi::k_sigcont:
    case abi::k_sigwinch: return DefaultAction::ignore;
    case abi::k_sigstop:
    case abi::k_sigtstp:
    case abi::k_sigttin:
    case abi::k_sigttou: return DefaultAction::stop;
    default: return DefaultAction::end;
  }
}

void SignalActions::last_reference_gone(SignalActions& actions) { actions_cache.destroy(&actions); }

Result<Ref<SignalActions>> SignalActions::make() {
  return Ref<SignalActions>::adopt(TRY(actions_cache.make()));
}

Result<Ref<SignalActions>> SignalActions::copy_of(SignalSet kept) {
  const Ref<SignalActions> made = TRY(make());
  SignalActions& copy = *made;
  SpinGuard guard(lock_);
  // Nobody else knows the copy, so its lock isn't taken; two of the same rank could not be.
  [&]() NO_THREAD_SAFETY_ANALYSIS {
    for (SignalSet left = known_ & kept; left != 0; left &= left - 1) {
      const int index = std::countr_zero(left);
      copy.store(index + 1, actions_[static_cast<size_t>(index)]);
    }
  }();
  return made;
}

abi::SignalAction SignalActions::get(int signal) {
  SpinGuard guard(lock_);
  if (!contains(known_, signal)) return {};
  return actions_[static_cast<size_t>(signal - 1)];
}

void SignalActions::set(int signal, const abi::SignalAction& action) {
  SpinGuard guard(lock_);
  store(signal, action);
}

void SignalActions::store(int signal, const abi::SignalAction& action) {
  const SignalSet bit = bit_of(signal);
  actions_[static_cast<size_t>(signal - 1)] = action;
  known_ |= bit;
  const bool is_ignored =
      action.handler == abi::k_ignore_signal ||
      (action.handler == abi::k_default_action && (k_ignored_by_default & bit) != 0);
  const bool is_caught = action.handler > abi::k_ignore_signal;
  ignored_.store((ignored_.load(relaxed) & ~bit) | (is_ignored ? bit : 0), release);
  caught_.store((caught_.load(relaxed) & ~bit) | (is_caught ? bit : 0), release);
}

void SignalActions::take(int signal, abi::SignalAction& action) {
  SpinGuardIrqsOff guard(lock_);
  if (!contains(known_, signal)) {
    action = {};
    return;
  }
  action = actions_[static_cast<size_t>(signal - 1)];
  if ((action.flags & abi::k_sa_resethand) != 0 && contains(caught_.load(relaxed), signal)) {
    abi::SignalAction left = action;
    left.handler = abi::k_default_action;
    store(signal, left);
  }
}

}  // namespace weft::proc
