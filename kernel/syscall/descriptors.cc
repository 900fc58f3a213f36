// Descriptors: opened, duplicated, closed, and what can be asked of any of them.
#include "core/fs/file_locks.hh"
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

// ---- Locks on ranges of a file's bytes ------------------------------------------------------------

using LockType = fs::FileLock::Type;

Result<LockType> lock_type(const fs::File& file, int16_t type) {
  switch (static_cast<uint16_t>(type)) {
    case abi::k_f_rdlck:
      return file.may_read() ? Result<LockType>(LockType::shared) : fail(Errno::badf);
    case abi::k_f_wrlck:
      return file.may_write() ? Result<LockType>(LockType::exclusive) : fail(Errno::badf);
    case abi::k_f_unlck: return LockType::none;
    default: return fail(Errno::inval);
  }
}

// From where to where a range reaches that is told as its beginning, counted from somewhere, and its
// length: 0 is up to the end, however far away that will be; a negative one goes backwards.
Result<> set_range(fs::File& file, const abi::FileLock& told, fs::FileLock& lock) {
  int64_t start = told.start;
  const auto whence = static_cast<uint32_t>(told.whence);
  if (whence == abi::k_seek_cur || whence == abi::k_seek_end) {
    const auto base = whence == abi::k_seek_end
                          ? static_cast<int64_t>(file.node()->size())
                          : static_cast<int64_t>(file.seek(0, abi::k_seek_cur).value_or(0));
    if (__builtin_add_overflow(base, start, &start)) return fail(Errno::overflow);
  } else if (whence != abi::k_seek_set) {
    return fail(Errno::inval);
  }
  int64_t end;  // behind the last
  if (__builtin_add_overflow(start, told.length, &end)) return fail(Errno::overflow);
  if (told.length < 0) std::swap(start, end);
  if (start < 0) return fail(Errno::inval);
  lock.first = static_cast<uint64_t>(start);
  lock.last = told.length == 0 ? fs::FileLock::k_to_the_end : static_cast<uint64_t>(end) - 1;
  return {};
}

abi::FileLock to_user(const fs::FileLock& lock) {
  abi::FileLock told{};
  told.type = lock.type == LockType::exclusive ? abi::k_f_wrlck : abi::k_f_rdlck;
  told.start = static_cast<int64_t>(lock.first);
  const bool has_end = lock.last != fs::FileLock::k_to_the_end;
  told.length = has_end ? static_cast<int64_t>(lock.last - lock.first + 1) : 0;
  told.pid = lock.pid;
  return told;
}

Result<uint64_t> lock_range(Context& context, fs::File& file, uint32_t command, VirtAddr argument) {
  const UserInOut<abi::FileLock> place(argument);
  abi::FileLock told = TRY(place.load());
  if (file.node() == nullptr) return fail(Errno::inval);
  fs::FileLock wanted{.family = fs::FileLock::Family::range,
                      .type = TRY(lock_type(file, told.type)),
                      .owner = context.process.files.get(),
                      .pid = context.process.pid};
  TRY(set_range(file, told, wanted));
  if (command != abi::k_f_getlk) {
    TRY(fs::set_lock(*file.node(), wanted, command == abi::k_f_setlkw));
    return 0;
  }
  if (wanted.type == LockType::none) return fail(Errno::inval);
  const auto held = fs::lock_in_the_way(*file.node(), wanted);
  if (held.has_value()) {
    told = to_user(*held);
  } else {
    told.type = abi::k_f_unlck;
  }
  TRY(place.store(told));
  return 0;
}

}  // namespace

Result<> add_descriptors(Context& context, Ref<fs::File> first, Ref<fs::File> second,
                         bool close_on_exec, UserOut<int32_t> numbers) {
  fs::DescriptorTable& table = *context.process.files;
  const int32_t limit = descriptor_limit(context);
  std::array<int32_t, 2> chosen{};
  chosen[0] = TRY(table.add(std::move(first), close_on_exec, limit));
  const auto other = table.add(std::move(second), close_on_exec, limit);
  if (!other.has_value()) {
    (void)table.close(chosen[0]);
    return fail(other.error());
  }
  chosen[1] = *other;
  const auto stored = numbers.store_all(chosen);
  if (!stored.has_value()) {
    for (const int32_t number : chosen) (void)table.close(number);
  }
  return stored;
}

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
    case abi::k_f_getlk:
    case abi::k_f_setlk:
    case abi::k_f_setlkw:
      return lock_range(context, *file, static_cast<uint32_t>(command), argument);
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

// A lock on the file as a whole; it belongs to the open file, and so to all its descriptors.
Result<uint64_t> sys_flock(Context& context, Fd fd, uint32_t operation) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  fs::FileLock wanted{.family = fs::FileLock::Family::whole,
                      .type = LockType::none,
                      .owner = file.get(),
                      .pid = context.process.pid};
  switch (operation & ~abi::k_lock_nb) {
    case abi::k_lock_sh: wanted.type = LockType::shared; break;
    case abi::k_lock_ex: wanted.type = LockType::exclusive; break;
    case abi::k_lock_un: break;
    default: return fail(Errno::inval);
  }
  if (file->node() == nullptr) return fail(Errno::badf);
  file->note_locked();
  TRY(fs::set_lock(*file->node(), wanted, !has(operation, abi::k_lock_nb)));
  return 0;
}

// All files are in memory: they are as safe as they will be.
Result<uint64_t> sys_fsync(Context& context, Fd fd) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  const fs::Node* const node = file->node();
  if (node == nullptr || !(node->is_regular() || node->is_directory())) return fail(Errno::inval);
  return 0;
}

}  // namespace weft::syscall
