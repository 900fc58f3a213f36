#include "core/fs/regular_file.hh"

#include <algorithm>

#include "core/fs/open_file.hh"
#include "core/fs/process_hooks.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/page_frames.hh"

namespace weft::fs {

constinit ProcessHooks process_hooks;

namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<RegularFile> files("regular file");

// How much of `wanted` bytes lies in the page of the offset.
size_t part_in_page(uint64_t offset, size_t wanted) {
  return std::min(wanted, k_page_size - offset % k_page_size);
}

std::byte* place_in(PhysAddr frame, uint64_t offset) {
  return static_cast<std::byte*>(hal::phys_to_virt(frame)) + offset % k_page_size;
}

// How many bytes a file may get at that place. Errno::fbig if none.
Result<size_t> allowed_size(uint64_t offset, size_t size) {
  const uint64_t limit = process_hooks.file_size_limit();
  if (offset >= limit) {
    process_hooks.file_size_exceeded();
    return fail(Errno::fbig);
  }
  if (offset >= RegularFile::k_largest) return fail(Errno::fbig);
  return std::min<uint64_t>(size, std::min(limit, RegularFile::k_largest) - offset);
}

}  // namespace

Result<Ref<RegularFile>> RegularFile::make(uint32_t permissions) {
  Ref<mm::MemoryObject> memory = TRY(mm::MemoryObject::make(0));
  return Ref<RegularFile>::adopt(TRY(files.make(permissions, std::move(memory))));
}

void RegularFile::destroy() { files.destroy(this); }

Result<size_t> RegularFile::read(IoBuffer& to, uint64_t offset) {
  const uint64_t end = memory_->size();
  size_t left = offset < end ? std::min<uint64_t>(to.left(), end - offset) : 0;
  size_t moved = 0;
  while (left > 0) {
    const size_t wanted = part_in_page(offset, left);
    const auto frame = memory_->find_page(offset >> k_page_shift);
    size_t put;
    if (frame.has_value()) {
      put = to.put(place_in(*frame, offset), wanted);
      mm::page_frames.drop_reference(*frame);
    } else {
      put = to.put_zeros(wanted);
    }
    moved += put;
    if (put < wanted) break;
    offset += wanted;
    left -= wanted;
  }
  note_read();
  return to.result(moved);
}

Result<size_t> RegularFile::write(IoBuffer& from, uint64_t& offset, bool appends) {
  if (from.left() == 0) return 0;
  MutexGuard guard(writing_);
  if (appends) offset = memory_->size();
  const size_t allowed = TRY(allowed_size(offset, from.left()));
  const auto moved = write_pages(from, offset, allowed);
  if (moved.has_value() && *moved > 0) note_written();
  return moved;
}

Result<size_t> RegularFile::write_pages(IoBuffer& from, uint64_t offset, size_t size) {
  size_t moved = 0;
  while (moved < size) {
    const uint64_t place = offset + moved;
    const size_t wanted = part_in_page(place, size - moved);
    const auto frame = memory_->get_page(place >> k_page_shift);
    if (!frame.has_value()) {
      if (moved == 0) return fail(frame.error());
      break;
    }
    const size_t taken = from.take(place_in(*frame, place), wanted);
    mm::page_frames.drop_reference(*frame);
    moved += taken;
    if (place + taken > memory_->size()) memory_->resize(place + taken);
    if (taken < wanted) break;
  }
  return from.result(moved);
}

Result<> RegularFile::truncate(uint64_t size) {
  MutexGuard guard(writing_);
  if (size > memory_->size() && size > process_hooks.file_size_limit()) {
    process_hooks.file_size_exceeded();
    return fail(Errno::fbig);
  }
  memory_->resize(size);
  note_written();
  return {};
}

Result<> RegularFile::enter(int32_t side) {
  int32_t users = users_.load(relaxed);
  do {
    if ((side > 0) ? users < 0 : users > 0) return fail(Errno::txtbsy);
  } while (!users_.compare_exchange(users, users + side, relaxed));
  return {};
}

}  // namespace weft::fs
