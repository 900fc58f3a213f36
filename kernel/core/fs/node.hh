// Node: a file of any kind, without its names: a regular file, a directory, a symbolic link, a device,
// a FIFO. It lives as long as a name leads to it or somebody has it open.
#pragma once

#include <span>
#include <string_view>

#include "abi/constants.hh"
#include "core/abi/file.hh"
#include "core/base/ref.hh"
#include "core/base/result.hh"
#include "core/sync/spin_lock.hh"

namespace weft::fs {

class Directory;
class Entry;
class File;
class NodeLocks;

class Node : public RefCounted {
 public:
  static void last_reference_gone(Node& node) { node.destroy(); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // The inode number: no other node of the tree ever has it.
  uint64_t number() const { return number_; }
  // Kind and permissions, as stat() tells them.
  uint32_t mode() const { return mode_.load(relaxed); }
  uint32_t kind() const { return mode() & abi::k_s_ifmt; }
  bool is_directory() const { return kind() == abi::k_s_ifdir; }
  bool is_link() const { return kind() == abi::k_s_iflnk; }
  bool is_regular() const { return kind() == abi::k_s_ifreg; }
  // How many names lead here. Changed under the lock of the tree's changes.
  uint32_t links() const { return links_.load(relaxed); }
  void change_links(int by) { links_.fetch_add(static_cast<uint32_t>(by), relaxed); }

  abi::Stat status();
  // The lower twelve bits of the mode.
  void set_permissions(uint32_t permissions);
  // -1 keeps what is. What runs with its owner's rights does so no longer, except for folders.
  void set_owner(uint32_t owner, uint32_t group);
  // A new node belongs to its folder's group; a new folder hands that on to what is made in it.
  void inherit_group(Node& folder);
  // nullptr keeps what is.
  void set_times(const abi::Timespec* accessed, const abi::Timespec* modified);

  // What was done to it just now, for its times. A read is noted by the rule that Linux calls
  // "relatime": only the first one after a change, and one a day.
  void note_read() {
    if (!read_is_noted_.load(relaxed)) note_first_read();
  }
  void note_opened();
  void note_written();
  void note_changed();

  // ---- What a kind of node can do ---------------------------------------------------------------

  virtual uint64_t size() const { return 0; }
  // The memory that its contents take.
  virtual uint64_t bytes_used() const { return 0; }
  // Which device it is, for stat() and for those that are one.
  virtual uint32_t device() const { return 0; }
  // The number of the file system it is in.
  virtual uint32_t file_system() const { return k_tree; }
  // Opens it; the flags are those of open() that stay with the file.
  virtual Result<Ref<File>> open(uint32_t flags) = 0;
  // As truncate(). Errno::inval here.
  virtual Result<> truncate(uint64_t size);
  // A link's text; how long it is, cut to the room. Errno::inval here.
  virtual Result<size_t> read_link(std::span<char> to);
  // Where a link leads that is more than its text (/proc/self/fd/3); empty here: follow the text.
  virtual Result<Ref<Entry>> link_target();

  // It has a place of its own, which a file that is opened there keeps; not so nameless_node.hh.
  virtual bool has_place() const { return true; }

  // The locks that are held on it (file_locks.hh); nullptr if there have never been any.
  NodeLocks* locks() const { return locks_.load(acquire); }
  // Errno::nomem.
  Result<NodeLocks*> make_locks();

  static constexpr uint32_t k_tree = 1;  // the tree in memory
  static constexpr uint32_t k_proc = 2;
  static constexpr uint32_t k_nameless = 3;

 protected:
  explicit Node(uint32_t mode) : Node(mode, next_number()) {}
  Node(uint32_t mode, uint64_t number);
  ~Node();

  // The last reference is gone: the kind frees its memory.
  virtual void destroy() = 0;

 private:
  static uint64_t next_number();
  void note_first_read();

  const uint64_t number_;
  Atomic<uint32_t> mode_;
  Atomic<uint32_t> links_{0};
  Atomic<bool> read_is_noted_{false};
  Atomic<NodeLocks*> locks_{nullptr};
  SpinLock lock_{Rank::node};
  uint32_t owner_ GUARDED_BY(lock_) = 0;
  uint32_t group_ GUARDED_BY(lock_) = 0;
  abi::Timespec accessed_ GUARDED_BY(lock_);
  abi::Timespec modified_ GUARDED_BY(lock_);
  abi::Timespec changed_ GUARDED_BY(lock_);
};

}  // namespace weft::fs
