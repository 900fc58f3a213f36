// MemoryDirectory: a folder whose names are in memory, sorted by a number that is made of the name's
// hash: the index by name and the order of listings in one. The number is also the position in a
// listing; it stays as long as the name does, so listings neither miss nor repeat a name that stays,
// whatever else comes and goes.
//
// All changes are made under the lock of the tree's changes (tree.hh), one at a time; the folder's own
// spin lock lets others look meanwhile. Nobody ever holds two folders' locks: an entry that moves is in
// neither for a moment, and who looks in vain meanwhile looks again.
#pragma once

#include "core/fs/directory.hh"

namespace weft::fs {

class MemoryDirectory final : public Directory {
 public:
  // Empty, with that mode. Errno::nomem.
  static Result<Ref<MemoryDirectory>> make(uint32_t permissions);
  explicit MemoryDirectory(uint32_t permissions) : Directory(abi::k_s_ifdir | permissions) {}

  Result<Ref<Entry>> lookup(Entry& self, std::string_view name) override;
  bool list(uint64_t position, ListedName& listed) override;
  MemoryDirectory* changeable() override { return this; }
  uint64_t size() const override { return count_.load(relaxed) * k_size_of_name; }
  bool is_empty() const { return count_.load(relaxed) == 0; }

  // ---- Under the lock of changes ----------------------------------------------------------------

  // A new entry, made for this folder, which has no name like it.
  void add(const Ref<Entry>& entry);
  void remove(Entry& entry);
  // The entry moves to another folder (or the same), under a name that `renamed` has; `replaced`, if
  // there is one, goes away at the same moment.
  static void move(Entry& entry, MemoryDirectory& from, MemoryDirectory& to, Entry& renamed,
                   Entry* replaced);
  // Two entries change places.
  static void exchange(Entry& one, MemoryDirectory& its_folder, Entry& other,
                       MemoryDirectory& others_folder);

 private:
  static constexpr uint64_t k_size_of_name = 20;  // what the tree in memory of Linux says, too

  struct ByPosition {
    static bool before(const Entry& a, const Entry& b) { return a.position_ < b.position_; }
  };
  void destroy() override;
  Entry* find(std::string_view name) REQUIRES(lock_);
  // The first at that position or behind; nullptr if there is none.
  Entry* at_or_behind(uint64_t position) REQUIRES(lock_);
  void insert(Entry& entry) REQUIRES(lock_);
  void take_out(Entry& entry) REQUIRES(lock_);

  SpinLock lock_{Rank::directory};
  RbTree<Entry, &Entry::sorted_, ByPosition> names_ GUARDED_BY(lock_);
  Atomic<uint64_t> count_{0};
};

}  // namespace weft::fs
