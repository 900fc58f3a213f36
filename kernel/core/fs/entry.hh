// Entry: one name in the tree: in which folder it stands, and which node it leads to. Whoever has
// found or opened a file holds the entry, so that its path can be told even after it was renamed or
// removed. An entry of a folder in memory is owned by that folder, too, as long as the name is there.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "core/base/rbtree.hh"
#include "core/base/ref.hh"
#include "core/fs/node.hh"

namespace weft::fs {

inline constexpr size_t k_longest_name = 255;
inline constexpr size_t k_longest_path = 4096;  // with its end

// Guards every entry's name and folder, beside the locks of tree.hh: for who reads them without those.
extern SpinLock names_lock;

class Entry : public RefCounted {
 public:
  // `parent` is empty for the root, and for files that are in no folder. Errno::nomem.
  static Result<Ref<Entry>> make(Ref<Entry> parent, std::string_view name, Ref<Node> node);
  static void last_reference_gone(Entry& entry);
  Entry(Ref<Entry> parent, Ref<Node> node) : node_(std::move(node)), parent_(std::move(parent)) {}
  ~Entry();

  Node& node() const { return *node_; }
  // The folder that it is in; the root is in itself.
  Ref<Entry> parent() const;
  // Nobody finds it by its name any more.
  bool is_removed() const { return is_removed_.load(relaxed); }
  void mark_removed() { is_removed_.store(true, relaxed); }

  // The path from the root, at the end of the room; Errno::nametoolong if it doesn't fit. " (deleted)"
  // stands behind it when the name was removed.
  Result<std::string_view> path(std::span<char> room) const;
  // It is that folder, or somewhere below it.
  bool is_within(const Entry& folder) const;

 private:
  friend class MemoryDirectory;

  static constexpr size_t k_short = 32;

  std::string_view name() const { return {name_, name_length_}; }
  Result<> set_name(std::string_view name);
  void swap_names(Entry& other);

  const Ref<Node> node_;
  Ref<Entry> parent_;  // changed under names_lock
  std::array<char, k_short> short_name_;
  char* name_ = short_name_.data();
  size_t name_length_ = 0;
  Atomic<bool> is_removed_{false};
  // Its folder's own (memory_directory.hh).
  uint64_t position_ = 0;
  RbNode sorted_;
};

}  // namespace weft::fs
