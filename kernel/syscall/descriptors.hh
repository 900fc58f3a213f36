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

template <typename Use>
[[gnu::noinline]] Result<uint64_t> with_reference(const Context& context, Fd fd, Use use) {
  const Ref<fs::File> file = TRY(file_of(context, fd));
  return use(*file);
}

// Nobody else can close a file of the process now.
[[gnu::always_inline]] inline bool may_lend(const Context& context) {
  if (context.process.thread_count.load(relaxed) != 1) return false;
  if (context.process.files->reference_count() != 1) return false;
  fence(acquire);  // what the last of the others did to the table was before
  return true;
}

// What use(file) answers for the open file; Errno::badf. As long as the process has one thread and shares
// its table with no other process, nobody can close the file meanwhile, and it is only lent; otherwise the
// call has a reference. A `use` that holds no more than two words goes the short way.
template <typename Use>
[[gnu::always_inline]] inline Result<uint64_t> with_file(const Context& context, Fd fd, Use use) {
  if (!may_lend(context)) [[unlikely]]
    return with_reference(context, fd, use);
  fs::File* const lent = context.process.files->lend(fd.number);
  if (lent == nullptr) [[unlikely]]
    return fail(Errno::badf);
  return use(*lent);
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
