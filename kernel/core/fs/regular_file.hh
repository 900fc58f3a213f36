// RegularFile: a file of bytes. They stand in a memory object, so that read(), mmap() and exec use the
// same frames; a page that was never written takes no memory.
#pragma once

#include "core/fs/io_buffer.hh"
#include "core/fs/node.hh"
#include "core/mm/memory_object.hh"

namespace weft::fs {

class RegularFile final : public Node {
 public:
  static constexpr uint64_t k_largest = (uint64_t{1} << 63) - 1;

  // Empty, with that mode. Errno::nomem.
  static Result<Ref<RegularFile>> make(uint32_t permissions);
  RegularFile(uint32_t permissions, Ref<mm::MemoryObject> memory)
      : Node(abi::k_s_ifreg | permissions), memory_(std::move(memory)) {}

  uint64_t size() const override { return memory_->size(); }
  uint64_t bytes_used() const override { return memory_->resident_pages() << k_page_shift; }
  const Ref<mm::MemoryObject>& memory() const { return memory_; }
  Result<Ref<File>> open(uint32_t flags) override;

  // Moves bytes; how many. They may block: user memory may have to come first. Any number of threads
  // at once; writes come one after the other.
  Result<size_t> read(IoBuffer& to, uint64_t offset);
  // `offset` becomes where the writing began: with `appends`, the end. Errno::fbig, Errno::nomem.
  Result<size_t> write(IoBuffer& from, uint64_t& offset, bool appends);
  // Errno::fbig.
  Result<> truncate(uint64_t size) override;

  // A file that is run can't be opened for writing, nor the other way round: Errno::txtbsy. Each is
  // counted.
  Result<> begin_writing() { return enter(1); }
  void end_writing() { users_.fetch_sub(1, relaxed); }
  Result<> begin_running() { return enter(-1); }
  void end_running() { users_.fetch_add(1, relaxed); }

 private:
  void destroy() override;
  Result<> enter(int32_t side);
  Result<size_t> write_pages(IoBuffer& from, uint64_t offset, size_t size) REQUIRES(writing_);

  const Ref<mm::MemoryObject> memory_;
  Mutex writing_{Rank::file_content};
  Atomic<int32_t> users_{0};  // above zero: so many have it open for writing; below: so many run it
};

}  // namespace weft::fs
