// What open() makes of a regular file and of a folder.
#pragma once

#include "core/fs/directory.hh"
#include "core/fs/file.hh"
#include "core/fs/regular_file.hh"
#include "core/sync/mutex.hh"

namespace weft::fs {

// As lseek(), for files that know where they end. Errno::inval.
Result<uint64_t> seek_from(uint64_t position, uint64_t end, int64_t offset, int32_t whence);

// A regular file. Threads that share it read and write one after the other, since they share its
// position.
class OpenRegularFile final : public File {
 public:
  // Errno::txtbsy, if it is for writing and the file is run; Errno::nomem.
  static Result<Ref<File>> make(RegularFile& node, uint32_t flags);
  OpenRegularFile(RegularFile& node, uint32_t flags)
      : File(flags), node_(Ref<RegularFile>::share(node)) {}

  Result<size_t> read(IoBuffer& to) override;
  Result<size_t> write(IoBuffer& from) override;
  Result<size_t> read_at(IoBuffer& to, uint64_t offset) override;
  Result<size_t> write_at(IoBuffer& from, uint64_t offset) override;
  Result<uint64_t> seek(int64_t offset, int32_t whence) override;
  Result<> truncate(uint64_t size) override { return node_->truncate(size); }
  Result<Ref<mm::MemoryObject>> memory_object() override;
  bool is_pollable() const override { return false; }

 private:
  void destroy() override;
  bool appends() const { return (flags() & abi::k_o_append) != 0; }

  const Ref<RegularFile> node_;
  Mutex position_lock_{Rank::file_position};
  uint64_t position_ GUARDED_BY(position_lock_) = 0;
};

// A folder, open for its listing.
class OpenDirectory final : public File {
 public:
  static Result<Ref<File>> make(Directory& node, uint32_t flags);
  OpenDirectory(Directory& node, uint32_t flags)
      : File(flags), node_(Ref<Directory>::share(node)) {}

  Result<size_t> read(IoBuffer&) override { return fail(Errno::isdir); }
  Result<size_t> read_at(IoBuffer&, uint64_t) override { return fail(Errno::isdir); }
  Result<uint64_t> seek(int64_t offset, int32_t whence) override;
  Result<size_t> read_directory(IoBuffer& to) override;
  bool is_pollable() const override { return false; }

 private:
  void destroy() override;
  bool name_at(uint64_t position, ListedName& listed);

  const Ref<Directory> node_;
  Mutex position_lock_{Rank::file_position};
  uint64_t position_ GUARDED_BY(position_lock_) = 0;
};

}  // namespace weft::fs
