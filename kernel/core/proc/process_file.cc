#include "core/proc/process_file.hh"

#include "core/mm/object_cache.hh"

namespace weft::proc {
namespace {

class ProcessFile final : public fs::File {
 public:
  ProcessFile(Process& process, uint32_t flags)
      : File(abi::k_o_rdwr | flags, &k_kind), process_(Ref<Process>::share(process)) {}

  static constexpr char k_kind = 0;

  Process& process() { return *process_; }

  fs::PollEvents poll(fs::PollEntry* entry) override {
    if (entry != nullptr) process_->end_source.add(*entry);
    SpinGuard guard(tree_lock);
    return process_->has_ended ? abi::k_pollin | abi::k_pollrdnorm : 0;
  }
  Ender ender(fs::PollEvents) override {
    return Ender::number(static_cast<uint32_t>(process_->pid));
  }
  Result<abi::Stat> status() override {
    abi::Stat stat{};
    stat.mode = 0600;
    return stat;
  }

 private:
  void destroy() override;

  Ref<Process> process_;
};

[[clang::no_destroy]] constinit mm::ObjectCache<ProcessFile> file_cache("process file");

void ProcessFile::destroy() { file_cache.destroy(this); }

}  // namespace

Result<int32_t> add_process_file(Process& owner, Process& process, uint32_t flags) {
  Ref<fs::File> file = Ref<fs::File>::adopt(TRY(file_cache.make(process, flags)));
  return owner.files->add(std::move(file), true,
                          static_cast<int32_t>(owner.limits.soft(abi::k_rlimit_nofile)));
}

Result<FoundProcess> find_process_of_file(Process& owner, int32_t fd) {
  const Ref<fs::File> file = TRY(owner.files->get(fd));
  if (file->kind() != &ProcessFile::k_kind) return fail(Errno::badf);
  return FoundProcess{Ref<Process>::share(static_cast<ProcessFile&>(*file).process()),
                      file->is_nonblocking()};
}

Result<int32_t> open_process(Process& owner, int32_t pid, uint32_t flags) {
  if (pid <= 0) return fail(Errno::inval);
  Ref<Process> process;
  {
    SpinGuard guard(tree_lock);
    Process* const found = find_process(pid);
    // A thread that is no process's first one.
    if (found == nullptr) return fail(find_thread(pid) != nullptr ? Errno::inval : Errno::srch);
    process = Ref<Process>::share(*found);
  }
  return add_process_file(owner, *process, flags);
}

}  // namespace weft::proc
