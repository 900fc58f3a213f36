// Directory: a node that has names in it. The folders of the tree keep theirs in memory
// (memory_directory.hh); those of /proc make them up when they are asked.
#pragma once

#include "core/base/format.hh"
#include "core/fs/entry.hh"

namespace weft::fs {

class MemoryDirectory;

// What a listing tells of one name, and where the listing goes on.
struct ListedName {
  Text<k_longest_name> name;
  uint64_t inode = 0;
  uint32_t mode = 0;
  uint64_t next = 0;
};

class Directory : public Node {
 public:
  // Positions 0 and 1 of a listing are "." and "..".
  static constexpr uint64_t k_first_position = 2;

  // What the name leads to; `self` is this folder's entry. Errno::noent, Errno::nomem.
  virtual Result<Ref<Entry>> lookup(Entry& self, std::string_view name) = 0;
  // The first name at that position or behind; false if there is none.
  virtual bool list(uint64_t position, ListedName& listed) = 0;
  // The folder as one whose names can be changed; nullptr if they can't.
  virtual MemoryDirectory* changeable() { return nullptr; }

  Result<Ref<File>> open(uint32_t flags) override;

 protected:
  using Node::Node;
  ~Directory() = default;
};

}  // namespace weft::fs
