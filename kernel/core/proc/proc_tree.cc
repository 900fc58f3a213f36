#include "core/proc/proc_tree.hh"

#include "core/fs/nameless_node.hh"
#include "core/fs/tree.hh"
#include "core/proc/proc_texts.hh"
#include "core/proc/process_tree.hh"

namespace weft::proc {
namespace {

constexpr uint32_t k_text = abi::k_s_ifreg | 0444;
constexpr uint32_t k_link = abi::k_s_iflnk | 0777;
constexpr uint32_t k_folder = abi::k_s_ifdir | 0555;

// ---- Links ----------------------------------------------------------------------------------------

Result<size_t> number_of_self(const Subject&, std::span<char> to) {
  return Text<12>("{}", current_thread().process.pid).view().copy(to.data(), to.size());
}
Result<size_t> path_of_thread(const Subject&, std::span<char> to) {
  const UserThread& self = current_thread();
  const Text<40> path("{}/task/{}", self.process.pid, self.tid);
  return path.view().copy(to.data(), to.size());
}
Result<size_t> path_of_mounts(const Subject&, std::span<char> to) {
  return std::string_view("self/mounts").copy(to.data(), to.size());
}
Result<Ref<fs::Entry>> working_folder(const Subject& subject) {
  const Ref<fs::FileContext> context = subject.process->look_at(&Process::file_context);
  if (!context) return fail(Errno::noent);
  return context->folder();
}
Result<Ref<fs::Entry>> root_folder(const Subject&) { return fs::root(); }
Result<Ref<fs::Entry>> program(const Subject& subject) {
  const Ref<fs::File> program = subject.process->look_at(&Process::program);
  if (!program) return fail(Errno::noent);
  return program->entry();
}

Result<Ref<fs::File>> open_file(const Subject& subject) {
  const Ref<fs::DescriptorTable> files = subject.process->look_at(&Process::files);
  const auto file = files ? files->get(subject.descriptor) : fail(Errno::noent);
  if (!file.has_value()) return fail(Errno::noent);
  return file;
}
Result<Ref<fs::Entry>> entry_of_file(const Subject& subject) {
  Ref<fs::File> file = TRY(open_file(subject));
  if (file->entry()) return file->entry();
  return fs::make_entry_of_nameless(std::move(file));
}
// Files that are in no folder are told by their kind.
Result<size_t> kind_of_file(const Subject& subject, std::span<char> to) {
  const abi::Stat status = TRY(TRY(open_file(subject))->status());
  const uint32_t kind = status.mode & abi::k_s_ifmt;
  Text<40> text;
  if (kind == abi::k_s_ififo || kind == abi::k_s_ifsock) {
    format(text, "{}:[{}]", kind == abi::k_s_ififo ? "pipe" : "socket", status.inode);
  } else {
    format(text, "anon_inode:[{}]", status.inode);
  }
  return text.view().copy(to.data(), to.size());
}

// ---- Numbers --------------------------------------------------------------------------------------

// The lowest number from there on that `is_wanted` says yes to. The tree's lock is let go after each
// number.
template <typename IsWanted>
int32_t next_id(int32_t from, IsWanted is_wanted) {
  for (int32_t id = from; id < PidTable::k_limit;) {
    SpinGuard guard(tree_lock);
    if (is_wanted(id)) return id;
    id = pids.next(id);
  }
  return -1;
}

int32_t next_process(const Subject&, int32_t from) {
  return next_id(from,
                 [](int32_t pid) REQUIRES(tree_lock) { return find_process(pid) != nullptr; });
}
int32_t next_thread(const Subject& folder, int32_t from) {
  return next_id(from, [&](int32_t tid) REQUIRES(tree_lock) {
    const UserThread* const thread = find_thread(tid);
    return thread != nullptr && &thread->process == folder.process.get();
  });
}
int32_t next_descriptor(const Subject& folder, int32_t from) {
  const Ref<fs::DescriptorTable> files = folder.process->look_at(&Process::files);
  return files ? files->next_used(from) : -1;
}

// A process, or any thread of one.
Result<Subject> find_subject(const Subject&, int32_t number) {
  SpinGuard guard(tree_lock);
  Process* process = find_process(number);
  if (process == nullptr) {
    UserThread* const thread = find_thread(number);
    if (thread == nullptr) return fail(Errno::noent);
    process = &thread->process;
  }
  return Subject{.process = Ref<Process>::share(*process), .tid = number};
}
Result<Subject> find_own_thread(const Subject& folder, int32_t tid) {
  SpinGuard guard(tree_lock);
  const UserThread* const thread = find_thread(tid);
  if (thread == nullptr || &thread->process != folder.process.get()) return fail(Errno::noent);
  return Subject{.process = folder.process, .tid = tid, .is_thread = true};
}
Result<Subject> find_descriptor(const Subject& folder, int32_t number) {
  Subject subject{.process = folder.process, .tid = folder.tid, .descriptor = number};
  TRY(open_file(subject));
  return subject;
}

// ---- The levels -----------------------------------------------------------------------------------

constexpr ProcNumbers k_descriptors{
    .kind = {.name = "", .mode = k_link, .target = entry_of_file, .text = kind_of_file},
    .next = next_descriptor,
    .find = find_descriptor};
constexpr Level k_descriptor_level{.id = 1, .names = {}, .numbers = &k_descriptors};

// The last one is for processes only.
extern const Level k_task_level;
constexpr ProcName k_process_names[] = {
    {.name = "stat", .mode = k_text, .write = write_stat},
    {.name = "status", .mode = k_text, .write = write_status},
    {.name = "statm", .mode = k_text, .write = write_statm},
    {.name = "cmdline", .mode = k_text, .write = write_arguments},
    {.name = "comm", .mode = k_text, .write = write_name},
    {.name = "environ", .mode = k_text, .write = write_environment},
    {.name = "limits", .mode = k_text, .write = write_limits},
    {.name = "waits", .mode = k_text, .write = write_waits},
    {.name = "maps", .mode = k_text, .write = write_maps},
    {.name = "mounts", .mode = k_text, .write = write_mounts},
    {.name = "cwd", .mode = k_link, .target = working_folder},
    {.name = "root", .mode = k_link, .target = root_folder},
    {.name = "exe", .mode = k_link, .target = program},
    {.name = "fd", .mode = k_folder, .level = &k_descriptor_level},
    {.name = "task", .mode = k_folder, .level = &k_task_level},
};
constexpr Level k_process_level{.id = 2, .names = k_process_names};
constexpr Level k_thread_level{
    .id = 3, .names = std::span(k_process_names).first(std::size(k_process_names) - 1)};

constexpr ProcNumbers k_threads{.kind = {.name = "", .mode = k_folder, .level = &k_thread_level},
                                .next = next_thread,
                                .find = find_own_thread};
constexpr Level k_task_level{.id = 4, .names = {}, .numbers = &k_threads};

template <size_t k_size>
struct Words {
  char text[k_size];
};
// A file with a text that is always the same.
template <Words k_words>
Result<> write_words(Sink& to, const Subject&) {
  to.write({k_words.text, sizeof k_words.text - 1});
  return {};
}

constexpr ProcName k_kernel_names[] = {
    {.name = "hostname", .mode = k_text, .write = write_words<Words{"weft\n"}>},
    {.name = "ostype", .mode = k_text, .write = write_words<Words{"Weft\n"}>},
    {.name = "osrelease", .mode = k_text, .write = write_words<Words{"6.1.0-weft\n"}>},
    {.name = "pid_max", .mode = k_text, .write = write_words<Words{"65536\n"}>},
    {.name = "threads-max", .mode = k_text, .write = write_words<Words{"32768\n"}>},
    {.name = "ngroups_max", .mode = k_text, .write = write_words<Words{"32\n"}>},
};
constexpr Level k_kernel_level{.id = 5, .names = k_kernel_names};
constexpr ProcName k_sys_names[] = {
    {.name = "kernel", .mode = k_folder, .level = &k_kernel_level},
};
constexpr Level k_sys_level{.id = 6, .names = k_sys_names};

constexpr ProcName k_root_names[] = {
    {.name = "self", .mode = k_link, .text = number_of_self},
    {.name = "thread-self", .mode = k_link, .text = path_of_thread},
    {.name = "mounts", .mode = k_link, .text = path_of_mounts},
    {.name = "cpuinfo", .mode = k_text, .write = write_cpus},
    {.name = "filesystems", .mode = k_text, .write = write_file_systems},
    {.name = "loadavg", .mode = k_text, .write = write_load},
    {.name = "meminfo", .mode = k_text, .write = write_memory_info},
    {.name = "stat", .mode = k_text, .write = write_machine_stat},
    {.name = "uptime", .mode = k_text, .write = write_uptime},
    {.name = "version", .mode = k_text, .write = write_version},
    {.name = "sys", .mode = k_folder, .level = &k_sys_level},
};
constexpr ProcNumbers k_processes{.kind = {.name = "", .mode = k_folder, .level = &k_process_level},
                                  .next = next_process,
                                  .find = find_subject};
constexpr Level k_root_level{.id = 7, .names = k_root_names, .numbers = &k_processes};

// ---- /sys -----------------------------------------------------------------------------------------
// What C libraries ask for the number of CPUs.

constexpr ProcName k_cpu_names[] = {
    {.name = "online", .mode = k_text, .write = write_cpu_range},
    {.name = "possible", .mode = k_text, .write = write_cpu_range},
    {.name = "present", .mode = k_text, .write = write_cpu_range},
};
constexpr Level k_cpu_level{.id = 8, .names = k_cpu_names};
constexpr ProcName k_system_names[] = {{.name = "cpu", .mode = k_folder, .level = &k_cpu_level}};
constexpr Level k_system_level{.id = 9, .names = k_system_names};
constexpr ProcName k_device_names[] = {
    {.name = "system", .mode = k_folder, .level = &k_system_level}};
constexpr Level k_device_level{.id = 10, .names = k_device_names};
constexpr ProcName k_tracing_names[] = {
    {.name = "trace_marker_raw", .mode = abi::k_s_ifreg | 0220, .accept = take_trace_markers}};
constexpr Level k_tracing_level{.id = 12, .names = k_tracing_names};
constexpr ProcName k_sys_kernel_names[] = {
    {.name = "tracing", .mode = k_folder, .level = &k_tracing_level}};
constexpr Level k_sys_kernel_level{.id = 13, .names = k_sys_kernel_names};
constexpr ProcName k_sysfs_names[] = {
    {.name = "devices", .mode = k_folder, .level = &k_device_level},
    {.name = "kernel", .mode = k_folder, .level = &k_sys_kernel_level}};
constexpr Level k_sysfs_level{.id = 11, .names = k_sysfs_names};

// Where programs expect the descriptors of their own.
Result<> make_descriptor_links() {
  constexpr std::string_view k_links[][2] = {{"dev/fd", "/proc/self/fd"},
                                             {"dev/stdin", "/proc/self/fd/0"},
                                             {"dev/stdout", "/proc/self/fd/1"},
                                             {"dev/stderr", "/proc/self/fd/2"}};
  for (const auto& [path, text] : k_links) {
    const auto made = fs::make_symbolic_link(text, {.start = fs::root(), .path = path});
    if (!made.has_value() && made.error() != Errno::exist) return made;
  }
  return {};
}

}  // namespace

Result<> start_proc(void (*describe_cpu)(Sink& to)) {
  constexpr uint64_t k_root_inode = 1;
  describe_cpus_with(describe_cpu);
  TRY(fs::add_to_root("sys", TRY(make_proc_directory(k_sysfs_level, {}, k_root_inode + 1))));
  TRY(fs::add_to_root("proc", TRY(make_proc_directory(k_root_level, {}, k_root_inode))));
  return make_descriptor_links();
}

}  // namespace weft::proc
