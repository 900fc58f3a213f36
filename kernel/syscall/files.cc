// What files are like: their status, permissions, owners, times and sizes.
#include <algorithm>

#include "core/mm/page_frames.hh"
#include "core/sched/time_values.hh"
#include "core/sched/wall_clock.hh"
#include "syscall/handlers.hh"
#include "syscall/path_argument.hh"

namespace weft::syscall {
namespace {

constexpr uint32_t k_executable = 0111;

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) != 0; }

// The file that an *at call is about.
Result<Ref<fs::Entry>> find(const Context& context, Fd folder, UserPath path, uint32_t flags) {
  PathArgument argument;
  TRY(argument.load(context, folder, path));
  return argument.find_or_start(!has(flags, abi::k_at_symlink_nofollow),
                                has(flags, abi::k_at_empty_path));
}

Result<Ref<fs::Entry>> find(const Context& context, UserPath path) {
  return find(context, Fd{k_at_working_folder}, path, 0);
}

// The node of an open file. Errno::inval for those that have none, such as pipes: nothing about them
// can be set.
Result<fs::Node*> node_of(const fs::File& file) {
  fs::Node* const node = file.node();
  if (node == nullptr) return fail(Errno::inval);
  return node;
}

// A time of utimensat: a date, now, or none.
struct NewTime {
  abi::Timespec time;
  bool is_kept;
};

Result<NewTime> new_time(const abi::Timespec& wanted, const abi::Timespec& now) {
  if (wanted.nanoseconds == static_cast<int64_t>(abi::k_utime_omit)) return NewTime{{}, true};
  if (wanted.nanoseconds == static_cast<int64_t>(abi::k_utime_now)) return NewTime{now, false};
  if (static_cast<uint64_t>(wanted.nanoseconds) >= k_second) return fail(Errno::inval);
  return NewTime{wanted, false};
}

// A descriptor without a path stands for its file; then no flag means anything.
Result<Ref<fs::Entry>> find_for_times(const Context& context, Fd folder, UserPath path,
                                      uint32_t flags) {
  if (path.address != 0 || folder.number == k_at_working_folder) {
    return find(context, folder, path, flags);
  }
  if (flags != 0) return fail(Errno::inval);
  const Ref<fs::File> file = TRY(file_of(context, folder));
  TRY(node_of(*file));
  return file->entry();
}

}  // namespace

Result<uint64_t> sys_fstat(Context& context, Fd fd, UserOut<abi::Stat> status) {
  TRY(status.store(TRY(TRY(file_of(context, fd))->status())));
  return 0;
}

Result<uint64_t> sys_newfstatat(Context& context, Fd directory, UserPath path,
                                UserOut<abi::Stat> status, uint32_t flags) {
  PathArgument argument;
  const bool may_be_empty = has(flags, abi::k_at_empty_path);
  if (may_be_empty && directory.number != k_at_working_folder) {
    UserText text;  // a descriptor of a file in no tree has a status, too
    TRY(text.load(path.address));
    if (text.view().empty()) return sys_fstat(context, directory, status);
  }
  TRY(argument.load(context, directory, path));
  const bool follows = !has(flags, abi::k_at_symlink_nofollow);
  const Ref<fs::Entry> entry = TRY(argument.find_or_start(follows, may_be_empty));
  TRY(status.store(entry->node().status()));
  return 0;
}

// The superuser may do all, but for executing what nobody may execute.
Result<uint64_t> sys_faccessat2(Context& context, Fd directory, UserPath path, uint32_t rights,
                                uint32_t flags) {
  const Ref<fs::Entry> entry = TRY(find(context, directory, path, flags));
  const fs::Node& node = entry->node();
  const bool can_be_executed = node.is_directory() || (node.mode() & k_executable) != 0;
  if (has(rights, abi::k_x_ok) && !can_be_executed) return fail(Errno::acces);
  return 0;
}

Result<uint64_t> sys_readlinkat(Context& context, Fd directory, UserPath path,
                                UserOut<std::byte> buffer, int32_t size) {
  if (size <= 0) return fail(Errno::inval);
  const Ref<fs::Entry> entry = TRY(find(context, directory, path, abi::k_at_symlink_nofollow));
  if (!entry->node().is_link()) return fail(Errno::inval);
  LongText text;
  const std::span<char> room = TRY(text.room());
  const size_t wanted = std::min<size_t>(room.size(), static_cast<uint32_t>(size));
  const size_t length = TRY(entry->node().read_link(room.first(wanted)));
  TRY(mm::copy_to_user(buffer.raw(), room.data(), length));
  return length;
}

Result<uint64_t> sys_truncate(Context& context, UserPath path, int64_t length) {
  if (length < 0) return fail(Errno::inval);
  const Ref<fs::Entry> entry = TRY(find(context, path));
  if (entry->node().is_directory()) return fail(Errno::isdir);
  if (!entry->node().is_regular()) return fail(Errno::inval);
  // As a writer, so that nobody runs it meanwhile.
  const Ref<fs::File> file = TRY(fs::open_entry(entry, abi::k_o_wronly));
  TRY(file->truncate(static_cast<uint64_t>(length)));
  return 0;
}

Result<uint64_t> sys_ftruncate(Context& context, Fd fd, int64_t length) {
  if (length < 0) return fail(Errno::inval);
  const Ref<fs::File> file = TRY(file_of(context, fd));
  if (!file->may_write()) return fail(Errno::inval);
  TRY(file->truncate(static_cast<uint64_t>(length)));
  return 0;
}

Result<uint64_t> sys_fchmod(Context& context, Fd fd, uint32_t mode) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  TRY(node_of(*file))->set_permissions(mode);
  return 0;
}

Result<uint64_t> sys_fchmodat(Context& context, Fd directory, UserPath path, uint32_t mode) {
  TRY(find(context, directory, path, 0))->node().set_permissions(mode);
  return 0;
}

Result<uint64_t> sys_fchown(Context& context, Fd fd, uint32_t owner, uint32_t group) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  TRY(node_of(*file))->set_owner(owner, group);
  return 0;
}

Result<uint64_t> sys_fchownat(Context& context, Fd directory, UserPath path, uint32_t owner,
                              uint32_t group, uint32_t flags) {
  TRY(find(context, directory, path, flags))->node().set_owner(owner, group);
  return 0;
}

Result<uint64_t> sys_utimensat(Context& context, Fd directory, UserPath path,
                               UserIn<abi::Timespec> times, uint32_t flags) {
  const abi::Timespec now = sched::to_timespec(sched::real_time());
  NewTime accessed{now, false};
  NewTime modified{now, false};
  if (!times.is_null()) {
    accessed = TRY(new_time(TRY(times.load(0)), now));
    modified = TRY(new_time(TRY(times.load(1)), now));
    if (accessed.is_kept && modified.is_kept) return 0;
  }
  const Ref<fs::Entry> entry = TRY(find_for_times(context, directory, path, flags));
  entry->node().set_times(accessed.is_kept ? nullptr : &accessed.time,
                          modified.is_kept ? nullptr : &modified.time);
  return 0;
}

Result<uint64_t> sys_statfs(Context& context, UserPath path, UserOut<abi::Statfs> status) {
  constexpr int64_t k_memory_type = 0x0102'1994, k_proc_type = 0x9fa0;
  const Ref<fs::Entry> entry = TRY(find(context, path));
  const mm::FrameStats frames = mm::page_frames.stats();
  abi::Statfs all{};
  all.type = entry->node().file_system() == fs::Node::k_proc ? k_proc_type : k_memory_type;
  all.block_size = all.fragment_size = k_page_size;
  all.blocks = frames.total;
  all.blocks_free = all.blocks_available = frames.free + frames.cached;
  all.name_length = fs::k_longest_name;
  TRY(status.store(all));
  return 0;
}

Result<uint64_t> sys_memfd_create(Context& context, UserPath name, uint32_t flags) {
  constexpr std::string_view k_prefix = "/memfd:";
  constexpr size_t k_longest = 249;
  UserText text;
  TRY(text.load(name.address));
  if (text.view().size() > k_longest) return fail(Errno::inval);
  const Text<k_prefix.size() + k_longest> path("{}{}", k_prefix, text.view());
  Ref<fs::File> file = TRY(fs::open_nameless(path.view(), abi::k_o_rdwr));
  return add_descriptor(context, std::move(file), has(flags, abi::k_mfd_cloexec));
}

}  // namespace weft::syscall
