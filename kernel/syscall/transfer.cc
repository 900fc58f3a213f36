// Bytes from and to descriptors.
#include <algorithm>
#include <array>

#include "core/mm/heap.hh"
#include "syscall/handlers.hh"
#include "syscall/parts.hh"
#include "syscall/path_argument.hh"

namespace weft::syscall {
namespace {

constexpr size_t k_most_bytes = Parts::k_most_bytes;

Result<> check_readable(const fs::File& file) {
  if (file.may_read()) [[likely]]
    return {};
  return fail(Errno::badf);
}

Result<> check_writable(const fs::File& file) {
  if (file.may_write()) [[likely]]
    return {};
  return fail(Errno::badf);
}

Result<fs::IoBuffer> buffer_of(VirtAddr address, size_t count) {
  if (!mm::is_user_range(address, count)) return fail(Errno::fault);
  return fs::IoBuffer::user(address, std::min(count, k_most_bytes));
}

// The two calls that programs make all the time, without a step too many.
[[gnu::always_inline]] inline Result<uint64_t> read(fs::File& file, VirtAddr address,
                                                    size_t count) {
  if (!file.may_read()) [[unlikely]]
    return fail(Errno::badf);
  if (!mm::is_user_range(address, count)) [[unlikely]]
    return fail(Errno::fault);
  fs::IoBuffer to = fs::IoBuffer::user(address, std::min(count, k_most_bytes));
  return file.read(to);
}

[[gnu::always_inline]] inline Result<uint64_t> write(fs::File& file, VirtAddr address,
                                                     size_t count) {
  if (!file.may_write()) [[unlikely]]
    return fail(Errno::badf);
  if (!mm::is_user_range(address, count)) [[unlikely]]
    return fail(Errno::fault);
  fs::IoBuffer from = fs::IoBuffer::user(address, std::min(count, k_most_bytes));
  return file.write(from);
}

struct PageOfBytes {
  std::array<std::byte, k_page_size> bytes;
};

// From file to file, through the kernel's memory, a page at a time.
Result<size_t> copy(fs::File& source, uint64_t offset, fs::File& target, size_t count) {
  const mm::Owned<PageOfBytes> page = TRY(mm::make<PageOfBytes>());
  size_t copied = 0;
  while (copied < count) {
    const size_t wanted = std::min(count - copied, k_page_size);
    fs::IoBuffer to = fs::IoBuffer::kernel({page->bytes.data(), wanted});
    const auto read = source.read_at(to, offset + copied);
    size_t written = 0;
    Result<size_t> done = read;
    if (read.has_value() && *read > 0) {
      fs::IoBuffer from = fs::IoBuffer::kernel({page->bytes.data(), *read});
      done = target.write(from);
      written = done.value_or(0);
    }
    copied += written;
    if (!done.has_value() && copied == 0) return done;
    if (!done.has_value() || written < wanted) break;
  }
  return copied;
}

}  // namespace

[[gnu::always_inline]] Result<uint64_t> sys_read(Context& context, Fd fd, UserOut<std::byte> buffer,
                                                 size_t count) {
  return with_file(context, fd, [=](fs::File& file) { return read(file, buffer.raw(), count); });
}

[[gnu::always_inline]] Result<uint64_t> sys_write(Context& context, Fd fd, UserIn<std::byte> buffer,
                                                  size_t count) {
  return with_file(context, fd, [=](fs::File& file) { return write(file, buffer.raw(), count); });
}

Result<uint64_t> sys_pread64(Context& context, Fd fd, UserOut<std::byte> buffer, size_t count,
                             int64_t offset) {
  if (offset < 0) return fail(Errno::inval);
  return with_file(context, fd, [&](fs::File& file) -> Result<uint64_t> {
    TRY(check_readable(file));
    fs::IoBuffer to = TRY(buffer_of(buffer.raw(), count));
    return file.read_at(to, static_cast<uint64_t>(offset));
  });
}

Result<uint64_t> sys_pwrite64(Context& context, Fd fd, UserIn<std::byte> buffer, size_t count,
                              int64_t offset) {
  if (offset < 0) return fail(Errno::inval);
  return with_file(context, fd, [&](fs::File& file) -> Result<uint64_t> {
    TRY(check_writable(file));
    fs::IoBuffer from = TRY(buffer_of(buffer.raw(), count));
    return file.write_at(from, static_cast<uint64_t>(offset));
  });
}

Result<uint64_t> sys_readv(Context& context, Fd fd, UserIn<abi::IoVector> parts, size_t count) {
  return with_file(context, fd, [&](fs::File& file) -> Result<uint64_t> {
    TRY(check_readable(file));
    Parts loaded;
    fs::IoBuffer to = TRY(loaded.load(parts, count));
    return file.read(to);
  });
}

Result<uint64_t> sys_writev(Context& context, Fd fd, UserIn<abi::IoVector> parts, size_t count) {
  return with_file(context, fd, [&](fs::File& file) -> Result<uint64_t> {
    TRY(check_writable(file));
    Parts loaded;
    fs::IoBuffer from = TRY(loaded.load(parts, count));
    return file.write(from);
  });
}

// The upper half of the offset is for machines whose registers are too small for it.
Result<uint64_t> sys_preadv(Context& context, Fd fd, UserIn<abi::IoVector> parts, size_t count,
                            int64_t offset, uint64_t) {
  if (offset < 0) return fail(Errno::inval);
  return with_file(context, fd, [&](fs::File& file) -> Result<uint64_t> {
    TRY(check_readable(file));
    Parts loaded;
    fs::IoBuffer to = TRY(loaded.load(parts, count));
    return file.read_at(to, static_cast<uint64_t>(offset));
  });
}

Result<uint64_t> sys_pwritev(Context& context, Fd fd, UserIn<abi::IoVector> parts, size_t count,
                             int64_t offset, uint64_t) {
  if (offset < 0) return fail(Errno::inval);
  return with_file(context, fd, [&](fs::File& file) -> Result<uint64_t> {
    TRY(check_writable(file));
    Parts loaded;
    fs::IoBuffer from = TRY(loaded.load(parts, count));
    return file.write_at(from, static_cast<uint64_t>(offset));
  });
}

Result<uint64_t> sys_sendfile(Context& context, Fd target_fd, Fd source_fd,
                              UserInOut<int64_t> offset, size_t count) {
  int64_t place = 0;
  if (!offset.is_null()) place = TRY(offset.load());
  const Ref<fs::File> source = TRY(file_of(context, source_fd));
  TRY(check_readable(*source));
  const Ref<fs::File> target = TRY(file_of(context, target_fd));
  TRY(check_writable(*target));
  const auto position = source->seek(0, static_cast<int32_t>(abi::k_seek_cur));
  if (!position.has_value()) return fail(offset.is_null() ? Errno::inval : Errno::spipe);
  if ((target->flags() & abi::k_o_append) != 0 || place < 0) return fail(Errno::inval);
  const uint64_t from = offset.is_null() ? *position : static_cast<uint64_t>(place);
  const size_t copied = TRY(copy(*source, from, *target, std::min(count, k_most_bytes)));
  const auto end = static_cast<int64_t>(from + copied);
  if (!offset.is_null()) {
    TRY(offset.store(end));
  } else {
    TRY(source->seek(end, static_cast<int32_t>(abi::k_seek_set)));
  }
  return copied;
}

Result<uint64_t> sys_lseek(Context& context, Fd fd, int64_t offset, int32_t whence) {
  return TRY(file_of(context, fd))->seek(offset, whence);
}

}  // namespace weft::syscall
