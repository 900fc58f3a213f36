// Starting a program: a child in our memory, the wishes, exec. Until it execs or ends, we stand still, and
// no memory is copied. So an error needs no pipe: the child writes it into a variable of ours. It has a
// stack of its own, lest what it leaves there is found on ours.
#include "userlib/base/file.hh"
#include "userlib/base/text.hh"
#include "userlib/process/process.hh"
#include "userlib/sys/auxiliary.hh"

namespace weft {
namespace {

constexpr int k_signals = 64;
constexpr uint64_t k_all_signals = ~uint64_t{0};

// While the child is in our memory, none of our handlers may run in it. So signals wait; and before they
// come again, those with handlers have none.
class SignalsHeldBack {
 public:
  SignalsHeldBack() { (void)sys::rt_sigprocmask(abi::k_sig_setmask, &k_all_signals, &before_); }
  ~SignalsHeldBack() { (void)sys::rt_sigprocmask(abi::k_sig_setmask, &before_, nullptr); }

  void let_child_have_them() const {
    for (int signal = 1; signal <= k_signals; ++signal) {
      abi::SignalAction action = {};
      if (!sys::rt_sigaction(signal, nullptr, &action)) continue;
      if (action.handler == abi::k_default_action || action.handler == abi::k_ignore_signal)
        continue;
      action = {};
      (void)sys::rt_sigaction(signal, &action, nullptr);
    }
    (void)sys::rt_sigprocmask(abi::k_sig_setmask, &before_, nullptr);
  }

 private:
  uint64_t before_ = 0;
};

Result<> apply(const spawn_options::file_action& action) {
  using kind = spawn_options::file_action::kind;
  switch (action.what) {
    case kind::close: return sys::close(action.fd);
    case kind::duplicate:
      // One that is there already only has to stay open.
      if (action.from == action.fd) {
        TRY(sys::fcntl(action.fd, abi::k_f_setfd, 0));
      } else {
        TRY(sys::dup3(action.from, action.fd, 0));
      }
      return {};
    case kind::open: {
      const int opened = TRY(sys::open(action.path, action.flags, action.mode));
      if (opened == action.fd) return {};
      TRY(sys::dup3(opened, action.fd, 0));
      return sys::close(opened);
    }
  }
  return {};
}

Result<> apply(const spawn_options& options) {
  if (options.new_group) TRY(sys::setpgid(0, 0));
  if (options.directory != nullptr) TRY(sys::chdir(options.directory));
  for (const auto& action : options.files) TRY(apply(action));
  return {};
}

// The paths that a name may mean, in the order in which they are tried.
Vector<String> places_of(const String& name) {
  if (name.view().contains('/')) return {name};
  Vector<String> places;
  for (const auto folder : split(sys::environment_value("PATH").value_or("/bin:/usr/bin"), ':')) {
    places.push_back(join_path(folder.empty() ? "." : folder, name));
  }
  return places;
}

Vector<const char*> pointers_to(const Vector<String>& texts) {
  Vector<const char*> pointers;
  for (const String& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

// All that the child needs; what needs memory is done before, since the child's would be ours.
struct Plan {
  const spawn_options& options;
  Vector<String> places;
  Vector<const char*> words;
  const char* const* environment;
  const SignalsHeldBack* signals = nullptr;
  Errno error{};
};

// In the child. Comes back only with an error.
Errno become(const Plan& plan) {
  Errno error = Errno::noent;
  for (const String& place : plan.places) {
    const Errno failure = sys::execve(place.c_str(), plan.words.data(), plan.environment).error();
    if (failure != Errno::noent && failure != Errno::notdir) error = failure;
  }
  return error;
}

void live_as_child(void* argument) {
  auto& plan = *static_cast<Plan*>(argument);
  if (const auto applied = apply(plan.options); !applied) {
    plan.error = applied.error();
    return;
  }
  plan.signals->let_child_have_them();
  plan.error = become(plan);
}

Result<int32_t> start_child(Plan& plan) {
  constexpr size_t k_stack_size = 64 * 1024;
  constexpr uint64_t k_flags = abi::k_clone_vm | abi::k_clone_vfork | abi::k_sigchld;
  char* const stack = new char[k_stack_size];
  const SignalsHeldBack held;
  plan.signals = &held;
  const int64_t child =
      weft_clone(k_flags, stack + k_stack_size, nullptr, nullptr, nullptr, live_as_child, &plan);
  delete[] stack;  // the child has another memory now, or is gone
  if (child < 0) return fail(static_cast<Errno>(-child));
  return static_cast<int32_t>(child);
}

}  // namespace

Result<process> process::spawn(const Vector<String>& words, const spawn_options& options) {
  if (words.empty()) return fail(Errno::inval);
  Plan plan = {options, places_of(words[0]), pointers_to(words), nullptr};
  Vector<const char*> variables;
  if (options.environment) {
    variables = pointers_to(*options.environment);
    plan.environment = variables.data();
  } else {
    plan.environment = sys::start_environment().data();
  }
  process started(TRY(start_child(plan)));
  if (plan.error == Errno{}) return started;
  (void)started.wait();
  return fail(plan.error);
}

}  // namespace weft
