#include "core/fs/generated_file.hh"

#include <algorithm>

#include "core/fs/file.hh"
#include "core/fs/open_file.hh"
#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"
#include "core/sync/mutex.hh"

namespace weft::fs {
namespace {

class OpenGeneratedFile final : public File {
 public:
  OpenGeneratedFile(GeneratedFile& node, uint32_t flags)
      : File(flags), node_(Ref<GeneratedFile>::share(node)) {}

  Result<size_t> read(IoBuffer& to) override {
    MutexGuard guard(lock_);
    const size_t moved = TRY(read_text(to, position_));
    position_ += moved;
    return moved;
  }
  Result<size_t> read_at(IoBuffer& to, uint64_t offset) override {
    MutexGuard guard(lock_);
    return read_text(to, offset);
  }
  Result<size_t> write(IoBuffer& from) override { return node_->accept(from); }
  Result<size_t> write_at(IoBuffer& from, uint64_t) override { return node_->accept(from); }
  Result<uint64_t> seek(int64_t offset, int32_t whence) override {
    MutexGuard guard(lock_);
    position_ = TRY(seek_from(position_, text_.view().size(), offset, whence));
    return position_;
  }
  bool is_pollable() const override { return false; }

 private:
  void destroy() override;

  Result<size_t> read_text(IoBuffer& to, uint64_t offset) REQUIRES(lock_) {
    if (offset == 0 || !is_made_) {
      is_made_ = false;
      text_.clear();
      TRY(node_->generate(text_));
      if (!text_.is_whole()) return fail(Errno::nomem);
      is_made_ = true;
    }
    const std::string_view all = text_.view();
    const std::string_view rest = all.substr(std::min<uint64_t>(offset, all.size()));
    return to.result(to.put(rest.data(), std::min(rest.size(), to.left())));
  }

  const Ref<GeneratedFile> node_;
  Mutex lock_{Rank::file_position};
  uint64_t position_ GUARDED_BY(lock_) = 0;
  LongTextSink text_ GUARDED_BY(lock_);
  bool is_made_ GUARDED_BY(lock_) = false;
};

[[clang::no_destroy]] constinit mm::ObjectCache<OpenGeneratedFile> open_generated("open text");

void OpenGeneratedFile::destroy() { open_generated.destroy(this); }

}  // namespace

LongTextSink::~LongTextSink() { mm::free(text_); }

void LongTextSink::clear() {
  length_ = 0;
  is_whole_ = true;
}

bool LongTextSink::make_room(size_t more) {
  constexpr size_t k_first = 512;
  size_t room = std::max(room_, k_first);
  while (room - length_ < more) room *= 2;
  if (room == room_) return true;
  const auto memory = mm::allocate(room);
  if (!memory.has_value()) return false;
  auto* const text = static_cast<char*>(*memory);
  view().copy(text, length_);
  mm::free(text_);
  text_ = text;
  room_ = room;
  return true;
}

void LongTextSink::write(std::string_view text) {
  if (!is_whole_ || !make_room(text.size())) {
    is_whole_ = false;
    return;
  }
  text.copy(text_ + length_, text.size());
  length_ += text.size();
}

Result<size_t> GeneratedFile::accept(IoBuffer&) { return fail(Errno::inval); }

Result<Ref<File>> GeneratedFile::open(uint32_t flags) {
  return Ref<File>(Ref<OpenGeneratedFile>::adopt(TRY(open_generated.make(*this, flags))));
}

}  // namespace weft::fs
