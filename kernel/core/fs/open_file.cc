#include "core/fs/open_file.hh"

#include <cstring>

#include "core/mm/object_cache.hh"

namespace weft::fs {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<OpenRegularFile> open_files("open file");
[[clang::no_destroy]] constinit mm::ObjectCache<OpenDirectory> open_directories("open folder");

}  // namespace

Result<uint64_t> seek_from(uint64_t position, uint64_t end, int64_t offset, int32_t whence) {
  int64_t from = 0;
  switch (static_cast<uint32_t>(whence)) {
    case abi::k_seek_set: break;
    case abi::k_seek_cur: from = static_cast<int64_t>(position); break;
    case abi::k_seek_end: from = static_cast<int64_t>(end); break;
    default: return fail(Errno::inval);
  }
  int64_t sum;
  if (__builtin_add_overflow(from, offset, &sum) || sum < 0) return fail(Errno::inval);
  return static_cast<uint64_t>(sum);
}

// ---- Regular files --------------------------------------------------------------------------------

Result<Ref<File>> RegularFile::open(uint32_t flags) { return OpenRegularFile::make(*this, flags); }

Result<Ref<File>> OpenRegularFile::make(RegularFile& node, uint32_t flags) {
  auto* const file = TRY(open_files.make(node, flags));
  if (file->may_write()) {
    if (const auto entered = node.begin_writing(); !entered.has_value()) {
      open_files.destroy(file);
      return fail(entered.error());
    }
  }
  return Ref<File>::adopt(file);
}

void OpenRegularFile::destroy() {
  if (may_write()) node_->end_writing();
  open_files.destroy(this);
}

Result<size_t> OpenRegularFile::read(IoBuffer& to) {
  MutexGuard guard(position_lock_);
  const size_t moved = TRY(node_->read(to, position_));
  position_ += moved;
  return moved;
}

Result<size_t> OpenRegularFile::write(IoBuffer& from) {
  MutexGuard guard(position_lock_);
  uint64_t offset = position_;
  const size_t moved = TRY(node_->write(from, offset, appends()));
  position_ = offset + moved;
  return moved;
}

Result<size_t> OpenRegularFile::read_at(IoBuffer& to, uint64_t offset) {
  return node_->read(to, offset);
}

Result<size_t> OpenRegularFile::write_at(IoBuffer& from, uint64_t offset) {
  return node_->write(from, offset, appends());
}

Result<uint64_t> OpenRegularFile::seek(int64_t offset, int32_t whence) {
  MutexGuard guard(position_lock_);
  position_ = TRY(seek_from(position_, node_->size(), offset, whence));
  return position_;
}

Result<Ref<mm::MemoryObject>> OpenRegularFile::memory_object() {
  node_->note_read();
  return node_->memory();
}

// ---- Folders --------------------------------------------------------------------------------------

Result<Ref<File>> Directory::open(uint32_t flags) { return OpenDirectory::make(*this, flags); }

Result<Ref<File>> OpenDirectory::make(Directory& node, uint32_t flags) {
  return Ref<File>(Ref<OpenDirectory>::adopt(TRY(open_directories.make(node, flags))));
}

void OpenDirectory::destroy() { open_directories.destroy(this); }

Result<uint64_t> OpenDirectory::seek(int64_t offset, int32_t whence) {
  if (static_cast<uint32_t>(whence) == abi::k_seek_end) return fail(Errno::inval);
  MutexGuard guard(position_lock_);
  position_ = TRY(seek_from(position_, 0, offset, whence));
  return position_;
}

bool OpenDirectory::name_at(uint64_t position, ListedName& listed) {
  if (position >= Directory::k_first_position) return node_->list(position, listed);
  listed.name.clear();
  listed.name.write(position == 0 ? "." : "..");
  listed.inode = position == 0 ? node_->number() : entry()->parent()->node().number();
  listed.mode = abi::k_s_ifdir;
  listed.next = position + 1;
  return true;
}

Result<size_t> OpenDirectory::read_directory(IoBuffer& to) {
  constexpr unsigned k_type_shift = 12;
  constexpr size_t k_alignment = 8;
  if (entry()->is_removed()) return fail(Errno::noent);
  MutexGuard guard(position_lock_);
  node_->note_read();
  size_t filled = 0;
  ListedName listed;
  while (name_at(position_, listed)) {
    const std::string_view name = listed.name.view();
    alignas(
        abi::DirectoryEntry) char room[sizeof(abi::DirectoryEntry) + k_longest_name + k_alignment];
    const size_t length = round_up(sizeof(abi::DirectoryEntry) + name.size() + 1, k_alignment);
    if (length > to.left()) return filled > 0 ? Result<size_t>(filled) : fail(Errno::inval);
    memset(room, 0, length);
    auto& record = *reinterpret_cast<abi::DirectoryEntry*>(room);
    record.inode = listed.inode;
    record.next_offset = static_cast<int64_t>(listed.next);
    record.length = static_cast<uint16_t>(length);
    record.type = static_cast<uint8_t>(listed.mode >> k_type_shift);
    name.copy(record.name, name.size());
    if (to.put(room, length) < length) return to.result(filled);
    filled += length;
    position_ = listed.next;
  }
  return filled;
}

}  // namespace weft::fs
