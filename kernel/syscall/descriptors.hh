// From numbers to open files and back, for all handlers.
#pragma once

#include <algorithm>

#include "core/fs/file.hh"
#include "syscall/argument.hh"

namespace weft::syscall {

// The open file; Errno::badf.
inline Result<Ref<fs::File>> file_of(const Context& context, Fd fd) {
  return context.process.files->get(fd.number);
}

// An open file for the length of a call. As long as the process has one thread and shares its table with
// no other process, nobody can close the file meanwhile, and it is only lent; otherwise the call has a
// reference.
class FileInUse {
 public:
  explicit FileInUse(fs::File& lent) : file_(&lent) {}
  explicit FileInUse(Ref<fs::File> file) : file_(file.get()), reference_(std::move(file)) {}

  fs::File& operator*() const { return *file_; }
  fs::File* operator->() const { return file_; }

 private:
  fs::File* file_;
  Ref<fs::File> reference_;
};

// Errno::badf.
inline Result<FileInUse> use_file(const Context& context, Fd fd) {
  fs::DescriptorTable& table = *context.process.files;
  if (context.process.thread_count.load(relaxed) == 1 && table.reference_count() == 1) {
    fence(acquire);  // what the last of the others did to the table was before
    fs::File* const lent = table.lend(fd.number);
    if (lent == nullptr) return fail(Errno::badf);
    return FileInUse(*lent);
  }
  return FileInUse(TRY(table.get(fd.number)));
}

// How many descriptors the process may have (RLIMIT_NOFILE).
inline int32_t descriptor_limit(const Context& context) {
  const uint64_t limit = context.process.limits.soft(abi::k_rlimit_nofile);
  return static_cast<int32_t>(std::min<uint64_t>(limit, fs::DescriptorTable::k_most));
}

// A descriptor for a new file, as the system calls answer it. Errno::mfile, Errno::nomem.
inline Result<uint64_t> add_descriptor(Context& context, Ref<fs::File> file, bool close_on_exec) {
  return static_cast<uint64_t>(
      TRY(context.process.files->add(std::move(file), close_on_exec, descriptor_limit(context))));
}

// Gives both files a descriptor and stores the two; none is left if that fails.
Result<> add_descriptors(Context& context, Ref<fs::File> first, Ref<fs::File> second,
                         bool close_on_exec, UserOut<int32_t> numbers);

}  // namespace weft::syscall
