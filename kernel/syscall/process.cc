// Processes and threads: begin, become another program, end, wait.
#include "core/proc/program.hh"
#include "syscall/handlers.hh"
#include "syscall/program_files.hh"

namespace weft::syscall {
namespace {

// What makes a thread: all of these or none.
constexpr uint32_t k_thread_flags = abi::k_clone_vm | abi::k_clone_sighand | abi::k_clone_thread;

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) != 0; }

Result<uint64_t> clone(Context& context, uint32_t flags, VirtAddr stack, VirtAddr parent_tid,
                       VirtAddr child_tid, uint64_t tls) {
  const bool is_thread = has(flags, abi::k_clone_thread);
  if (is_thread && (flags & k_thread_flags) != k_thread_flags) return fail(Errno::inval);
  if (has(flags, abi::k_clone_sighand) && !has(flags, abi::k_clone_vm)) return fail(Errno::inval);
  const proc::CloneRequest request{
      .shares_memory = has(flags, abi::k_clone_vm),
      .shares_files = has(flags, abi::k_clone_files),
      .parent_waits = has(flags, abi::k_clone_vfork),
      .stack = stack,
      .tls = has(flags, abi::k_clone_settls) ? &tls : nullptr,
      .parent_tid = has(flags, abi::k_clone_parent_settid) ? parent_tid : 0,
      .child_tid = has(flags, abi::k_clone_child_settid) ? child_tid : 0,
      .clear_child_tid = has(flags, abi::k_clone_child_cleartid) ? child_tid : 0,
  };
  if (is_thread) {
    return static_cast<uint64_t>(
        TRY(proc::start_thread(context.thread, context.registers, request)));
  }
  return static_cast<uint64_t>(TRY(proc::fork(context.thread, context.registers, request)));
}

}  // namespace

Result<uint64_t> sys_clone(Context& context, uint32_t flags, VirtAddr stack,
                           UserOut<int32_t> parent_tid, UserOut<int32_t> child_tid, VirtAddr tls) {
  return clone(context, flags, stack, parent_tid.raw(), child_tid.raw(), tls);
}

Result<uint64_t> sys_execve(Context& context, UserPath path, UserStrings argv,
                            UserStrings environment) {
  constexpr size_t k_longest_path = 256;
  // The other threads would have to end first; so far only a process with one thread can do it.
  if (context.process.thread_count.load(relaxed) > 1) return fail(Errno::again);
  std::array<char, k_longest_path> name;
  const size_t length = TRY(mm::copy_text_from_user(name, path.address));
  const Ref<mm::MemoryObject> file = TRY(open_program({name.data(), length}));
  proc::StartTexts texts = TRY(proc::StartTexts::make());
  TRY(texts.add_arguments(argv.address));
  TRY(texts.add_environment_list(environment.address));
  TRY(proc::execute(context.thread, context.registers, file, {name.data(), length}, texts));
  return 0;
}

Result<uint64_t> sys_exit(Context&, int32_t status) {
  proc::end_thread(proc::status_of_exit(status));
}

Result<uint64_t> sys_exit_group(Context&, int32_t status) {
  proc::end_process(proc::status_of_exit(status));
}

Result<uint64_t> sys_wait4(Context& context, int32_t pid, UserOut<int32_t> status, uint32_t options,
                           UserOut<abi::ResourceUsage> usage) {
  const proc::EndedChild child =
      TRY(proc::wait_for_child(context.process, pid, !has(options, abi::k_wnohang)));
  if (child.pid != 0 && !status.is_null()) TRY(status.store(child.status));
  if (child.pid != 0 && !usage.is_null()) TRY(usage.store(proc::to_resource_usage(child.usage)));
  return static_cast<uint64_t>(child.pid);
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

}  // namespace weft::syscall
