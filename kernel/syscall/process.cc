// Processes and threads: begin, end, wait; and what they keep for themselves. execute.cc has execve().
#include <algorithm>

#include "core/proc/children.hh"
#include "core/proc/process_file.hh"
#include "core/trace/trace.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

bool has(uint64_t flags, uint64_t flag) { return (flags & flag) == flag; }

// What clone() and clone3() ask for.
struct CloneCall {
  uint64_t flags = 0;
  int exit_signal = 0;
  VirtAddr stack = 0;
  VirtAddr pidfd = 0;
  VirtAddr parent_tid = 0;
  VirtAddr child_tid = 0;
  uint64_t tls = 0;
};

// Some flags make sense only with others.
Result<> check_combination(const Context& context, const CloneCall& call) {
  const uint64_t flags = call.flags;
  if (has(flags, abi::k_clone_thread) && !has(flags, abi::k_clone_sighand)) {
    return fail(Errno::inval);
  }
  if (has(flags, abi::k_clone_sighand) && !has(flags, abi::k_clone_vm)) return fail(Errno::inval);
  if (has(flags, abi::k_clone_parent) && context.process.parent == nullptr) {
    return fail(Errno::inval);
  }
  if (has(flags, abi::k_clone_pidfd) && has(flags, abi::k_clone_thread)) return fail(Errno::inval);
  if (has(flags, abi::k_clone_settls) && call.tls >= mm::k_user_end) return fail(Errno::perm);
  return {};
}

Result<uint64_t> clone(Context& context, const CloneCall& call) {
  TRY(check_combination(context, call));
  const uint64_t flags = call.flags;
  const proc::CloneRequest request{
      .shares_memory = has(flags, abi::k_clone_vm),
      .shares_files = has(flags, abi::k_clone_files),
      .shares_file_context = has(flags, abi::k_clone_fs),
      .shares_actions = has(flags, abi::k_clone_sighand),
      .parent_waits = has(flags, abi::k_clone_vfork),
      .is_sibling = has(flags, abi::k_clone_parent),
      .exit_signal =
          has(flags, abi::k_clone_parent) ? context.process.exit_signal : call.exit_signal,
      .stack = call.stack,
      .tls = has(flags, abi::k_clone_settls) ? &call.tls : nullptr,
      .parent_tid = has(flags, abi::k_clone_parent_settid) ? call.parent_tid : 0,
      .child_tid = has(flags, abi::k_clone_child_settid) ? call.child_tid : 0,
      .clear_child_tid = has(flags, abi::k_clone_child_cleartid) ? call.child_tid : 0,
      .pidfd = has(flags, abi::k_clone_pidfd) ? call.pidfd : 0,
  };
  if (has(flags, abi::k_clone_thread)) {
    return static_cast<uint64_t>(
        TRY(proc::start_thread(context.thread, context.registers, request)));
  }
  return static_cast<uint64_t>(TRY(proc::fork(context.thread, context.registers, request)));
}

// Structures that grow with time: what is unknown here must be zero. Errno::too_big.
Result<abi::CloneArguments> load_clone_arguments(UserIn<std::byte> what, size_t size) {
  constexpr size_t k_first_size = 64;
  if (size > k_page_size) return fail(Errno::too_big);
  if (size < k_first_size) return fail(Errno::inval);
  abi::CloneArguments arguments{};
  TRY(mm::copy_from_user(&arguments, what.raw(), std::min(size, sizeof arguments)));
  for (size_t at = sizeof arguments; at < size; ++at) {
    if (TRY(what.load(at)) != std::byte{0}) return fail(Errno::too_big);
  }
  return arguments;
}

// Only the fields that tell something, as Linux does; nobody, if there is no news.
Result<> store_news(VirtAddr place, const proc::ChildNews& news) {
  struct Told {
    int32_t signal, error, code, padding;
    int32_t pid;
    uint32_t user;
    int32_t status;
  };
  Told told{};
  if (news.pid != 0) {
    told = {.signal = abi::k_sigchld,
            .error = 0,
            .code = news.code,
            .padding = 0,
            .pid = news.pid,
            .user = 0,
            .status = news.plain_status()};
  }
  return mm::copy_to_user(place, &told, sizeof told);
}

proc::WaitRequest wait_request(uint32_t options) {
  return {.ends = has(options, abi::k_wexited),
          .stops = has(options, abi::k_wstopped),
          .continuations = has(options, abi::k_wcontinued),
          .may_block = !has(options, abi::k_wnohang),
          .leaves_it = has(options, abi::k_wnowait),
          .sees_all_kinds = has(options, abi::k_wall)};
}

}  // namespace

Result<uint64_t> sys_clone(Context& context, uint32_t flags, VirtAddr stack,
                           UserOut<int32_t> parent_tid, UserOut<int32_t> child_tid, VirtAddr tls) {
  if (has(flags, abi::k_clone_pidfd | abi::k_clone_parent_settid)) return fail(Errno::inval);
  return clone(context, {.flags = flags & ~abi::k_csignal,
                         .exit_signal = static_cast<int>(flags & abi::k_csignal),
                         .stack = stack,
                         .pidfd = parent_tid.raw(),
                         .parent_tid = parent_tid.raw(),
                         .child_tid = child_tid.raw(),
                         .tls = tls});
}

Result<uint64_t> sys_clone3(Context& context, UserIn<std::byte> what, size_t size) {
  constexpr uint64_t k_ignored = abi::k_clone_untraced | uint64_t{abi::k_clone_io};
  constexpr uint64_t k_known = abi::k_clone_vm | abi::k_clone_fs | abi::k_clone_files |
                               abi::k_clone_sighand | abi::k_clone_pidfd | abi::k_clone_vfork |
                               abi::k_clone_parent | abi::k_clone_thread | abi::k_clone_sysvsem |
                               abi::k_clone_settls | abi::k_clone_parent_settid |
                               abi::k_clone_child_cleartid | abi::k_clone_child_settid | k_ignored;
  const abi::CloneArguments given = TRY(load_clone_arguments(what, size));
  if ((given.flags & ~k_known) != 0) return fail(Errno::inval);
  if (given.set_tid != 0 || given.set_tid_size != 0 || given.cgroup != 0) {
    return fail(Errno::inval);
  }
  if (given.exit_signal > static_cast<uint64_t>(proc::k_last_signal)) return fail(Errno::inval);
  if ((given.stack == 0) != (given.stack_size == 0)) return fail(Errno::inval);
  if (!mm::is_user_range(given.stack, given.stack_size)) return fail(Errno::inval);
  const bool is_relative =
      has(given.flags, abi::k_clone_thread) || has(given.flags, abi::k_clone_parent);
  if (is_relative && given.exit_signal != 0) return fail(Errno::inval);
  return clone(context, {.flags = given.flags,
                         .exit_signal = static_cast<int>(given.exit_signal),
                         .stack = given.stack + given.stack_size,
                         .pidfd = given.pidfd,
                         .parent_tid = given.parent_tid,
                         .child_tid = given.child_tid,
                         .tls = given.tls});
}

Result<uint64_t> sys_exit(Context&, int32_t status) {
  proc::end_thread(proc::status_of_exit(status));
}

Result<uint64_t> sys_exit_group(Context&, int32_t status) {
  proc::end_process(proc::status_of_exit(status));
}

Result<uint64_t> sys_wait4(Context& context, int32_t pid, UserOut<int32_t> status, uint32_t options,
                           UserOut<abi::ResourceUsage> usage) {
  if (pid == INT32_MIN) return fail(Errno::srch);
  proc::WaitRequest request = wait_request(options | abi::k_wexited);
  if (pid > 0) {
    request.which = proc::WaitRequest::Which::pid;
    request.id = pid;
  } else if (pid != -1) {
    request.which = proc::WaitRequest::Which::group;
    request.id = -pid;
  }
  const proc::ChildNews news = TRY(proc::wait_for_child(context.process, request));
  if (news.pid != 0 && !status.is_null()) TRY(status.store(news.status));
  if (news.pid != 0 && !usage.is_null()) TRY(usage.store(proc::to_resource_usage(news.usage)));
  return static_cast<uint64_t>(news.pid);
}

Result<uint64_t> sys_waitid(Context& context, int32_t type, int32_t id,
                            UserOut<abi::SignalInfo> info, uint32_t options,
                            UserOut<abi::ResourceUsage> usage) {
  if ((options & (abi::k_wexited | abi::k_wstopped | abi::k_wcontinued)) == 0) {
    return fail(Errno::inval);
  }
  proc::WaitRequest request = wait_request(options);
  request.id = id;
  bool is_nonblocking_file = false;
  switch (static_cast<uint32_t>(type)) {
    case abi::k_p_pid:
      if (id <= 0) return fail(Errno::inval);
      request.which = proc::WaitRequest::Which::pid;
      break;
    case abi::k_p_pgid:
      if (id < 0) return fail(Errno::inval);
      request.which = proc::WaitRequest::Which::group;
      break;
    case abi::k_p_pidfd: {
      if (id < 0) return fail(Errno::inval);
      const proc::FoundProcess found = TRY(proc::find_process_of_file(context.process, id));
      request.which = proc::WaitRequest::Which::pid;
      request.id = found.process->pid;
      is_nonblocking_file = found.is_nonblocking;
      if (is_nonblocking_file) request.may_block = false;
      break;
    }
    default: break;
  }
  const proc::ChildNews news = TRY(proc::wait_for_child(context.process, request));
  if (news.pid == 0 && is_nonblocking_file && !has(options, abi::k_wnohang)) {
    return fail(Errno::again);
  }
  if (news.pid != 0 && !usage.is_null()) TRY(usage.store(proc::to_resource_usage(news.usage)));
  if (!info.is_null()) TRY(store_news(info.raw(), news));
  return 0;
}

Result<uint64_t> sys_arch_prctl(Context&, int32_t code, VirtAddr address) {
  switch (static_cast<uint32_t>(code)) {
    case abi::k_arch_set_fs:
      if (address >= mm::k_user_end) return fail(Errno::perm);
      hal::set_fs_base(address);
      return 0;
    case abi::k_arch_set_gs:
      if (address >= mm::k_user_end) return fail(Errno::perm);
      hal::set_gs_base(address);
      return 0;
    case abi::k_arch_get_fs: TRY(UserOut<uint64_t>(address).store(hal::fs_base())); return 0;
    case abi::k_arch_get_gs: TRY(UserOut<uint64_t>(address).store(hal::gs_base())); return 0;
    default: return fail(Errno::inval);
  }
}

Result<uint64_t> sys_set_tid_address(Context& context, UserOut<int32_t> tid) {
  context.thread.clear_child_tid = tid.raw();
  return static_cast<uint64_t>(context.thread.tid);
}

Result<uint64_t> sys_prctl(Context& context, int32_t option, uint64_t argument2, uint64_t, uint64_t,
                           uint64_t) {
  proc::Process& process = context.process;
  switch (static_cast<uint32_t>(option)) {
    case abi::k_pr_set_pdeathsig: {
      if (argument2 > static_cast<uint64_t>(proc::k_last_signal)) return fail(Errno::inval);
      SpinGuard guard(proc::tree_lock);
      process.parent_end_signal = static_cast<int>(argument2);
      return 0;
    }
    case abi::k_pr_get_pdeathsig:
      TRY(UserOut<int32_t>(argument2).store(process.parent_end_signal));
      return 0;
    case abi::k_pr_get_dumpable: return process.may_dump ? 1 : 0;
    case abi::k_pr_set_dumpable:
      if (argument2 > 1) return fail(Errno::inval);
      process.may_dump = argument2 != 0;
      return 0;
    case abi::k_pr_set_name: {
      std::array<char, proc::k_longest_name + 1> name{};
      const auto length =
          mm::copy_text_from_user(std::span(name).first(proc::k_longest_name), argument2);
      if (!length.has_value() && length.error() == Errno::fault) return fail(Errno::fault);
      context.thread.thread.set_name(name.data());
      trace::record_name(context.thread.thread.id(), name.data());
      return 0;
    }
    case abi::k_pr_get_name: {
      std::array<char, proc::k_longest_name + 1> name{};
      context.thread.thread.name().copy(name.data(), proc::k_longest_name);
      TRY(mm::copy_to_user(argument2, name.data(), name.size()));
      return 0;
    }
    case abi::k_pr_set_child_subreaper: {
      SpinGuard guard(proc::tree_lock);
      process.is_subreaper = argument2 != 0;
      return 0;
    }
    case abi::k_pr_get_child_subreaper:
      TRY(UserOut<int32_t>(argument2).store(process.is_subreaper ? 1 : 0));
      return 0;
    default: return fail(Errno::inval);
  }
}

Result<uint64_t> sys_pidfd_open(Context& context, int32_t pid, uint32_t flags) {
  return static_cast<uint64_t>(TRY(proc::open_process(context.process, pid, flags)));
}

}  // namespace weft::syscall
