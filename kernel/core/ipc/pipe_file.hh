// PipeFile: an end of a pipe, or of a FIFO, as a file.
#pragma once

#include "core/fs/file.hh"
#include "core/ipc/pipe.hh"

namespace weft::ipc {

struct PipeEnds {
  Ref<fs::File> reader;
  Ref<fs::File> writer;
};

// Both ends of a new pipe; `flags` may have O_NONBLOCK. Errno::nomem.
Result<PipeEnds> make_pipe(uint32_t flags);

// What opening a FIFO means (fs::register_fifo_opener). Errno::intr, Errno::nxio, Errno::nomem.
Result<Ref<fs::File>> open_fifo(fs::SpecialNode& node, uint32_t flags);

// The flags of an open(): which ends it wants.
Ends ends_of(uint32_t flags);

class PipeFile final : public fs::File {
 public:
  // Its ends are counted as open already.
  PipeFile(Ref<Pipe> pipe, uint32_t flags, uint64_t inode, uint32_t writers_before = 0)
      : File(flags), pipe_(std::move(pipe)), inode_(inode), writers_before_(writers_before) {}
  ~PipeFile() { pipe_->close(ends_of(flags())); }

  Result<size_t> read(fs::IoBuffer& to) override;
  Result<size_t> write(fs::IoBuffer& from) override;
  Result<uint64_t> control(uint32_t request, uint64_t argument) override;
  fs::PollEvents poll(fs::PollEntry* entry) override;
  Ender ender(fs::PollEvents wanted) override {
    return pipe_->ender((wanted & abi::k_pollin) != 0);
  }
  bool serves(const void* object) override { return pipe_->serves(ends_of(flags()), object); }
  Result<Ref<fs::File>> reopen(uint32_t flags) override;
  Result<abi::Stat> status() override;
  Result<uint64_t> capacity() override;
  Result<uint64_t> set_capacity(uint64_t wanted) override;

 private:
  void destroy() override;

  Ref<Pipe> pipe_;
  uint64_t inode_;
  uint32_t writers_before_;
};

}  // namespace weft::ipc
