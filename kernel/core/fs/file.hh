// File: what a descriptor stands for (POSIX: an open file description). Made by open(), pipe() and
// their like; dup() and fork() share it, with its position and its flags. Each kind of file derives
// from it and says what it can do; what it can't, answers with the errno that Linux has for that.
#pragma once

#include <cstdint>

#include "abi/constants.hh"
#include "core/abi/file.hh"
#include "core/base/list.hh"
#include "core/base/ref.hh"
#include "core/fs/io_buffer.hh"
#include "core/fs/poll_source.hh"
#include "core/mm/memory_object.hh"
#include "core/sched/wait_queue.hh"
#include "core/sync/mutex.hh"

namespace weft::fs {

class Entry;
class File;
class Node;

// Guards who watches which file, all over the machine: seldom changed, and so the end of a watcher and
// the end of a file can't miss each other.
extern Mutex file_watchers_lock;

// Somebody who wants to know when a file is closed for the last time, without keeping it open: epoll.
class FileWatcher {
 public:
  // The file's last reference is gone; it is still there, but won't be when this has returned.
  virtual void on_closed() REQUIRES(file_watchers_lock) = 0;

 protected:
  ~FileWatcher() = default;

 private:
  friend class File;
  ListHook hook_;
};

class File : public RefCounted {
 public:
  static void last_reference_gone(File& file);
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // The flags of open() that stay with the file: access mode, O_APPEND, O_NONBLOCK and so on.
  uint32_t flags() const { return flags_.load(relaxed); }
  // Takes over the flags among `which` that fcntl(F_SETFL) may change.
  void set_flags(uint32_t values, uint32_t which);
  // The access modes are 0, 1 and 2: reading, writing, both. One more, and each has a bit; the fourth
  // mode, which Linux has for opening without either, has none.
  bool may_read() const { return (access_bits() & 1) != 0; }
  bool may_write() const { return (access_bits() & 2) != 0; }
  bool is_nonblocking() const { return (flags() & abi::k_o_nonblock) != 0; }

  // ---- What a kind of file can do. The caller has checked may_read() or may_write(). --------------

  // Moves bytes at the file's position, and the position with them; how many. 0 from read: the end.
  // May block unless is_nonblocking() (Errno::again); Errno::intr when a signal ends the wait.
  virtual Result<size_t> read(IoBuffer& to);     // here: Errno::inval
  virtual Result<size_t> write(IoBuffer& from);  // here: Errno::inval
  // The same at a place of its own; the position stays.
  virtual Result<size_t> read_at(IoBuffer& to, uint64_t offset);     // here: Errno::spipe
  virtual Result<size_t> write_at(IoBuffer& from, uint64_t offset);  // here: Errno::spipe
  // As lseek(); the new position.
  virtual Result<uint64_t> seek(int64_t offset, int32_t whence);  // here: Errno::spipe
  // As ioctl(); `argument` is often a user address.
  virtual Result<uint64_t> control(uint32_t request, uint64_t argument);  // here: Errno::notty
  // What can be done without blocking now. With an entry, that watches from then on.
  virtual PollEvents poll(PollEntry* entry);  // here: always readable and writable
  // True if poll() means something: epoll takes no others.
  virtual bool is_pollable() const { return true; }
  virtual Result<abi::Stat> status();        // here: its node's
  virtual Result<> truncate(uint64_t size);  // here: Errno::inval
  // As fcntl(F_GETPIPE_SZ) and fcntl(F_SETPIPE_SZ): how many bytes fit in between the two ends.
  virtual Result<uint64_t> capacity();                     // here: Errno::badf
  virtual Result<uint64_t> set_capacity(uint64_t wanted);  // here: Errno::badf
  // What mmap() maps. Errno::nodev here.
  virtual Result<Ref<mm::MemoryObject>> memory_object();
  // Fills the buffer with abi::DirectoryEntry records, from the position on. Errno::inval if it has
  // no room for one. Errno::notdir here.
  virtual Result<size_t> read_directory(IoBuffer& to);
  // Who can make one of these events happen: to be told (proc/waits.hh).
  virtual Ender ender(PollEvents) { return {}; }
  // True if what can be done with this file can end a wait with that ender.
  virtual bool serves(const void* object) { return object == this; }
  // Opens it once more, if it is in no tree but can be found in /proc; flags as in open().
  virtual Result<Ref<File>> reopen(uint32_t flags);  // here: Errno::nxio
  // Tells the kind where a call wants a certain one: the address of something of that kind's own. nullptr: a
  // kind that nobody asks for.
  const void* kind() const { return kind_; }

  // The name in the tree that it was opened by; empty for those that are in no tree (a pipe).
  const Ref<Entry>& entry() const { return entry_; }
  // Once, before anybody else sees the file.
  void set_entry(Ref<Entry> entry);
  // What that name leads to; nullptr if there is none.
  Node* node() const;
  // It has a lock of its own on its node (file_locks.hh), which ends with it.
  void note_locked() { is_locked_.store(true, relaxed); }
  // Somebody's descriptor of the file is closed, and with it his locks on ranges of its bytes.
  void note_closed_by(const void* owner) {
    if (entry_) drop_ranges(owner);
  }

  void add_watcher(FileWatcher& watcher) REQUIRES(file_watchers_lock);
  void remove_watcher(FileWatcher& watcher) REQUIRES(file_watchers_lock);

 protected:
  explicit File(uint32_t flags, const void* kind = nullptr);
  ~File();

  // The last reference is gone: the kind frees its memory (mm::ObjectCache::destroy and so on).
  virtual void destroy() = 0;

 private:
  uint32_t access_bits() const { return (flags() & abi::k_o_accmode) + 1; }

  Atomic<uint32_t> flags_;
  const void* const kind_;
  void drop_ranges(const void* owner);

  Ref<Entry> entry_;
  Atomic<bool> is_locked_{false};
  Atomic<bool> was_watched_{false};
  List<FileWatcher, &FileWatcher::hook_> watchers_ GUARDED_BY(file_watchers_lock);
};

}  // namespace weft::fs
