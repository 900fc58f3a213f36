#include "core/ipc/pipe_file.hh"

#include "core/ipc/anonymous.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/user_memory.hh"

namespace weft::ipc {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<PipeFile> files("pipe end");

constexpr uint32_t k_owner_only = 0600;

// A FIFO keeps its pipe as long as it exists; what is in it goes when all have closed it.
Result<Ref<Pipe>> pipe_of(fs::SpecialNode& node) {
  Ref<fs::Attachment> attached = node.attachment();
  if (!attached) attached = node.attach(TRY(Pipe::make()));
  return Ref<Pipe>::adopt(static_cast<Pipe*>(attached.release()));
}

Result<Ref<fs::File>> make_end(const Ref<Pipe>& pipe, uint32_t flags, uint64_t inode) {
  PipeFile* const file = TRY(files.make(pipe, flags, inode));
  pipe->open(ends_of(flags));
  return Ref<fs::File>(Ref<PipeFile>::adopt(file));
}

}  // namespace

Ends ends_of(uint32_t flags) {
  const uint32_t mode = flags & abi::k_o_accmode;
  return {.reads = mode != abi::k_o_wronly, .writes = mode != abi::k_o_rdonly};
}

Result<PipeEnds> make_pipe(uint32_t flags) {
  const Ref<Pipe> pipe = TRY(Pipe::make());
  const uint64_t inode = next_anonymous_inode();
  PipeEnds ends;
  ends.reader = TRY(make_end(pipe, flags | abi::k_o_rdonly, inode));
  ends.writer = TRY(make_end(pipe, flags | abi::k_o_wronly, inode));
  return ends;
}

Result<Ref<fs::File>> open_fifo(fs::SpecialNode& node, uint32_t flags) {
  const Ref<Pipe> pipe = TRY(pipe_of(node));
  const uint32_t writers_before =
      TRY(pipe->open_fifo(ends_of(flags), (flags & abi::k_o_nonblock) == 0));
  const auto file = files.make(pipe, flags, node.number(), writers_before);
  if (!file.has_value()) {
    pipe->close(ends_of(flags));
    return fail(file.error());
  }
  return Ref<fs::File>(Ref<PipeFile>::adopt(*file));
}

// Unlike a FIFO it doesn't wait for the other side.
Result<Ref<fs::File>> PipeFile::reopen(uint32_t flags) { return make_end(pipe_, flags, inode_); }

void PipeFile::destroy() { files.destroy(this); }

Result<size_t> PipeFile::read(fs::IoBuffer& to) { return pipe_->read(to, !is_nonblocking()); }

Result<size_t> PipeFile::write(fs::IoBuffer& from) { return pipe_->write(from, !is_nonblocking()); }

Result<uint64_t> PipeFile::control(uint32_t request, uint64_t argument) {
  if (request != abi::k_fionread) return fail(Errno::notty);
  const auto bytes = static_cast<int32_t>(pipe_->unread_bytes());
  TRY(mm::UserOut<int32_t>(argument).store(bytes));
  return 0;
}

fs::PollEvents PipeFile::poll(fs::PollEntry* entry) {
  return pipe_->poll(ends_of(flags()), writers_before_, entry);
}

Result<abi::Stat> PipeFile::status() {
  if (entry()) return File::status();
  return anonymous_status(abi::k_s_ififo | k_owner_only, inode_);
}

Result<uint64_t> PipeFile::capacity() { return pipe_->capacity(); }

Result<uint64_t> PipeFile::set_capacity(uint64_t wanted) { return pipe_->set_capacity(wanted); }

}  // namespace weft::ipc
