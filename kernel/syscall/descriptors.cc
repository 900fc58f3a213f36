// Descriptors: opened, duplicated, closed, and what can be asked of any of them.
#include "syscall/handlers.hh"
#include "syscall/path_argument.hh"

namespace weft::syscall {
namespace {

// The flags of an open file that F_SETFL changes.
constexpr uint32_t k_changeable_flags = abi::k_o_append | abi::k_o_nonblock | abi::k_o_noatime;

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) != 0; }

Result<uint64_t> duplicate(Context& context, Ref<fs::File> file, uint64_t lowest,
                           bool close_on_exec) {
  const int32_t limit = descriptor_limit(context);
  if (lowest >= static_cast<uint64_t>(limit)) return fail(Errno::inval);
  return static_cast<uint64_t>(TRY(context.process.files->add(std::move(file), close_on_exec, limit,
                                                              static_cast<int32_t>(lowest))));
}

Result<> replace(Context& context, Ref<fs::File> file, Fd wanted, bool close_on_exec) {
  return context.process.files->replace(wanted.number, std::move(file), close_on_exec,
                                        descriptor_limit(context));
}

}  // namespace

Result<uint64_t> sys_openat(Context& context, Fd directory, UserPath path, uint32_t flags,
                            uint32_t mode) {
  constexpr uint32_t k_permissions = 07777;
  PathArgument argument;
  TRY(argument.load(context, directory, path));
  const uint32_t permissions = mode & k_permissions & ~context.process.file_context->mask();
  Ref<fs::File> file = TRY(fs::open(argument.at(), flags, permissions));
  return add_descriptor(context, std::move(file), has(flags, abi::k_o_cloexec));
}

Result<uint64_t> sys_close(Context& context, Fd fd) {
  TRY(context.process.files->close(fd.number));
  return 0;
}

Result<uint64_t> sys_close_range(Context& context, uint32_t first, uint32_t last, uint32_t flags) {
  if (first > last) return fail(Errno::inval);
  if (has(flags, abi::k_close_range_unshare)) {
    // A table of its own is for a whole process here, not for one of several threads.
    if (context.process.thread_count.load(relaxed) > 1) return fail(Errno::inval);
    context.process.change(&proc::Process::files, TRY(context.process.files->copy()));
  }
  if (has(flags, abi::k_close_range_cloexec)) {
    context.process.files->mark_range(first, last);
  } else {
    context.process.files->close_range(first, last);
  }
  return 0;
}

Result<uint64_t> sys_dup(Context& context, Fd fd) {
  return duplicate(context, TRY(file_of(context, fd)), 0, false);
}

Result<uint64_t> sys_dup2(Context& context, Fd fd, Fd wanted) {
  Ref<fs::File> file = TRY(file_of(context, fd));
  if (fd.number != wanted.number) TRY(replace(context, std::move(file), wanted, false));
  return static_cast<uint64_t>(wanted.number);
}

Result<uint64_t> sys_dup3(Context& context, Fd fd, Fd wanted, uint32_t flags) {
  if (fd.number == wanted.number) return fail(Errno::inval);
  TRY(replace(context, TRY(file_of(context, fd)), wanted, has(flags, abi::k_o_cloexec)));
  return static_cast<uint64_t>(wanted.number);
}

Result<uint64_t> sys_fcntl(Context& context, Fd fd, int32_t command, uint64_t argument) {
  Ref<fs::File> file = TRY(file_of(context, fd));
  fs::DescriptorTable& files = *context.process.files;
  switch (static_cast<uint32_t>(command)) {
    case abi::k_f_dupfd: return duplicate(context, std::move(file), argument, false);
    case abi::k_f_dupfd_cloexec: return duplicate(context, std::move(file), argument, true);
    case abi::k_f_getfd: return TRY(files.closes_on_exec(fd.number)) ? abi::k_fd_cloexec : 0;
    case abi::k_f_setfd:
      TRY(files.set_closes_on_exec(fd.number, (argument & abi::k_fd_cloexec) != 0));
      return 0;
    case abi::k_f_getfl: return file->flags();
    case abi::k_f_setfl:
      file->set_flags(static_cast<uint32_t>(argument), k_changeable_flags);
      return 0;
    case abi::k_f_getpipe_sz: return file->capacity();
    case abi::k_f_setpipe_sz: return file->set_capacity(static_cast<uint32_t>(argument));
    default: return fail(Errno::inval);
  }
}

Result<uint64_t> sys_ioctl(Context& context, Fd fd, int32_t request, uint64_t argument) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  switch (static_cast<uint32_t>(request)) {
    case abi::k_fioclex:
    case abi::k_fionclex:
      TRY(context.process.files->set_closes_on_exec(
          fd.number, static_cast<uint32_t>(request) == abi::k_fioclex));
      return 0;
    case abi::k_fionbio: {
      const int32_t on = TRY(UserIn<int32_t>(argument).load());
      file->set_flags(on != 0 ? abi::k_o_nonblock : 0, abi::k_o_nonblock);
      return 0;
    }
    default: return file->control(static_cast<uint32_t>(request), argument);
  }
}

// All files are in memory: they are as safe as they will be.
Result<uint64_t> sys_fsync(Context& context, Fd fd) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  const fs::Node* const node = file->node();
  if (node == nullptr || !(node->is_regular() || node->is_directory())) return fail(Errno::inval);
  return 0;
}

}  // namespace weft::syscall
