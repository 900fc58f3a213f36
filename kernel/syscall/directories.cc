// Names: the working folder, listings, and the calls that make, remove and move names.
#include "syscall/handlers.hh"
#include "syscall/path_argument.hh"

namespace weft::syscall {
namespace {

constexpr uint32_t k_permissions = 07777;

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) != 0; }

uint32_t masked(const Context& context, uint32_t permissions) {
  return permissions & ~context.process.file_context->mask();
}

Result<uint64_t> enter(Context& context, const Ref<fs::Entry>& folder) {
  if (!folder->node().is_directory()) return fail(Errno::notdir);
  context.process.file_context->set_folder(folder);
  return 0;
}

}  // namespace

Result<uint64_t> sys_getcwd(Context& context, UserOut<char> buffer, size_t size) {
  const Ref<fs::Entry> folder = context.process.file_context->folder();
  if (folder->is_removed()) return fail(Errno::noent);
  LongText text;
  const std::span<char> room = TRY(text.room());
  room.back() = '\0';
  const std::string_view path = TRY(folder->path(room.first(room.size() - 1)));
  const size_t length = path.size() + 1;
  if (length > size) return fail(Errno::range);
  TRY(mm::copy_to_user(buffer.raw(), path.data(), length));
  return length;
}

Result<uint64_t> sys_chdir(Context& context, UserPath path) {
  PathArgument argument;
  TRY(argument.load(context, Fd{k_at_working_folder}, path));
  return enter(context, TRY(argument.find(true)));
}

Result<uint64_t> sys_fchdir(Context& context, Fd fd) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  if (!file->entry()) return fail(Errno::notdir);
  return enter(context, file->entry());
}

Result<uint64_t> sys_umask(Context& context, uint32_t mask) {
  return context.process.file_context->set_mask(mask);
}

Result<uint64_t> sys_getdents64(Context& context, Fd fd, UserOut<std::byte> entries,
                                uint32_t size) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  if (!mm::is_user_range(entries.raw(), size)) return fail(Errno::fault);
  fs::IoBuffer to = fs::IoBuffer::user(entries.raw(), size);
  return file->read_directory(to);
}

Result<uint64_t> sys_mkdirat(Context& context, Fd directory, UserPath path, uint32_t mode) {
  constexpr uint32_t k_of_folders = 01777;
  PathArgument argument;
  TRY(argument.load(context, directory, path));
  TRY(fs::make_directory(argument.at(), masked(context, mode & k_of_folders)));
  return 0;
}

Result<uint64_t> sys_mknodat(Context& context, Fd directory, UserPath path, uint32_t mode,
                             uint32_t device) {
  uint32_t kind = mode & abi::k_s_ifmt;
  switch (kind) {
    case 0: kind = abi::k_s_ifreg; break;
    case abi::k_s_ifreg:
    case abi::k_s_ifchr:
    case abi::k_s_ifblk:
    case abi::k_s_ififo:
    case abi::k_s_ifsock: break;
    case abi::k_s_ifdir: return fail(Errno::perm);
    default: return fail(Errno::inval);
  }
  PathArgument argument;
  TRY(argument.load(context, directory, path));
  TRY(fs::make_node(argument.at(), kind | masked(context, mode & k_permissions), device));
  return 0;
}

Result<uint64_t> sys_unlinkat(Context& context, Fd directory, UserPath path, uint32_t flags) {
  PathArgument argument;
  TRY(argument.load(context, directory, path));
  if (has(flags, abi::k_at_removedir)) {
    TRY(fs::remove_directory(argument.at()));
  } else {
    TRY(fs::remove_file(argument.at()));
  }
  return 0;
}

Result<uint64_t> sys_linkat(Context& context, Fd old_directory, UserPath old_path, Fd new_directory,
                            UserPath new_path, uint32_t flags) {
  PathArgument from;
  PathArgument to;
  TRY(from.load(context, old_directory, old_path));
  TRY(to.load(context, new_directory, new_path));
  const Ref<fs::Entry> file = TRY(
      from.find_or_start(has(flags, abi::k_at_symlink_follow), has(flags, abi::k_at_empty_path)));
  TRY(fs::make_link(file, to.at()));
  return 0;
}

Result<uint64_t> sys_symlinkat(Context& context, UserPath content, Fd directory, UserPath path) {
  UserText text;
  PathArgument argument;
  TRY(text.load(content.address));
  TRY(argument.load(context, directory, path));
  TRY(fs::make_symbolic_link(text.view(), argument.at()));
  return 0;
}

Result<uint64_t> sys_renameat2(Context& context, Fd old_directory, UserPath old_path,
                               Fd new_directory, UserPath new_path, uint32_t flags) {
  PathArgument from;
  PathArgument to;
  TRY(from.load(context, old_directory, old_path));
  TRY(to.load(context, new_directory, new_path));
  TRY(fs::rename(from.at(), to.at(), flags));
  return 0;
}

}  // namespace weft::syscall
