// Bytes from and to descriptors. Until there are files, every process has 0, 1 and 2, and they are the
// console, which can only be written to.
#include <algorithm>
#include <array>

#include "core/hal.hh"
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

constexpr int32_t k_last_descriptor = 2;
constexpr size_t k_most_parts = 1024;

// How much of it was written; Errno::fault only if nothing was.
Result<uint64_t> write_console(VirtAddr from, size_t count) {
  std::array<char, 512> piece;
  uint64_t done = 0;
  while (done < count) {
    const size_t size = std::min<size_t>(piece.size(), count - done);
    if (const auto copied = mm::copy_from_user(piece.data(), from + done, size);
        !copied.has_value()) {
      if (done > 0) return done;
      return fail(copied.error());
    }
    hal::write_log({piece.data(), size});
    done += size;
  }
  return done;
}

}  // namespace

Result<uint64_t> sys_write(Context&, Fd fd, UserIn<std::byte> buffer, size_t count) {
  if (fd.number < 0 || fd.number > k_last_descriptor) return fail(Errno::badf);
  return write_console(buffer.raw(), count);
}

Result<uint64_t> sys_writev(Context&, Fd fd, UserIn<abi::IoVector> parts, size_t count) {
  if (fd.number < 0 || fd.number > k_last_descriptor) return fail(Errno::badf);
  if (count > k_most_parts) return fail(Errno::inval);
  uint64_t done = 0;
  for (size_t i = 0; i < count; ++i) {
    const abi::IoVector part = TRY(parts.load(i));
    const auto written = write_console(reinterpret_cast<VirtAddr>(part.base), part.length);
    if (!written.has_value()) {
      if (done > 0) return done;
      return fail(written.error());
    }
    done += *written;
  }
  return done;
}

}  // namespace weft::syscall
