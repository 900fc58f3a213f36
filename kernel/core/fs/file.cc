#include "core/fs/file.hh"

#include "core/fs/entry.hh"
#include "core/fs/file_locks.hh"

namespace weft::fs {

File::File(uint32_t flags, const void* kind) : flags_(flags), kind_(kind) {}
File::~File() = default;

void File::set_entry(Ref<Entry> entry) { entry_ = std::move(entry); }
Node* File::node() const { return entry_ ? &entry_->node() : nullptr; }

[[clang::no_destroy]] constinit Mutex file_watchers_lock{Rank::file_watchers};

// Nobody else has the file any more, so nobody begins to watch it.
void File::last_reference_gone(File& file) {
  if (file.is_locked_.load(relaxed)) drop_locks(*file.node(), FileLock::Family::whole, &file);
  if (file.was_watched_.load(acquire)) {
    MutexGuard guard(file_watchers_lock);
    while (FileWatcher* const watcher = file.watchers_.pop_front()) watcher->on_closed();
  }
  file.destroy();
}

void File::drop_ranges(const void* owner) {
  Node& node = entry_->node();
  if (node.locks() != nullptr) drop_locks(node, FileLock::Family::range, owner);
}

void File::set_flags(uint32_t values, uint32_t which) {
  uint32_t flags = flags_.load(relaxed);
  while (!flags_.compare_exchange(flags, (flags & ~which) | (values & which), relaxed)) {
  }
}

void File::add_watcher(FileWatcher& watcher) {
  watchers_.push_back(watcher);
  was_watched_.store(true, release);
}

void File::remove_watcher(FileWatcher& watcher) { decltype(watchers_)::remove(watcher); }

Result<size_t> File::read(IoBuffer&) { return fail(Errno::inval); }
Result<size_t> File::write(IoBuffer&) { return fail(Errno::inval); }
Result<size_t> File::read_at(IoBuffer&, uint64_t) { return fail(Errno::spipe); }
Result<size_t> File::write_at(IoBuffer&, uint64_t) { return fail(Errno::spipe); }
Result<uint64_t> File::seek(int64_t, int32_t) { return fail(Errno::spipe); }
Result<uint64_t> File::control(uint32_t, uint64_t) { return fail(Errno::notty); }
PollEvents File::poll(PollEntry*) {
  return abi::k_pollin | abi::k_pollrdnorm | abi::k_pollout | abi::k_pollwrnorm;
}
Result<Ref<File>> File::reopen(uint32_t) { return fail(Errno::nxio); }
Result<abi::Stat> File::status() {
  ASSERT(entry_, "a file that is in no tree says itself what it is");
  return entry_->node().status();
}
Result<> File::truncate(uint64_t) { return fail(Errno::inval); }
Result<uint64_t> File::capacity() { return fail(Errno::badf); }
Result<uint64_t> File::set_capacity(uint64_t) { return fail(Errno::badf); }
Result<Ref<mm::MemoryObject>> File::memory_object() { return fail(Errno::nodev); }
Result<size_t> File::read_directory(IoBuffer&) { return fail(Errno::notdir); }

}  // namespace weft::fs
