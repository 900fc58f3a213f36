#include "userlib/process/pipe.hh"

namespace weft {

Result<pipe> pipe::make() {
  int32_t ends[2];
  TRY(sys::pipe2(ends, abi::k_o_cloexec));
  return pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<socket_pair> socket_pair::make() {
  int32_t ends[2];
  TRY(sys::socketpair(abi::k_af_unix, abi::k_sock_stream | abi::k_sock_cloexec, 0, ends));
  return socket_pair{Descriptor(ends[0]), Descriptor(ends[1])};
}

// The signal is sent to the thread that writes. So it is held back there, and taken out again, unless
// it was waiting before.
Result<> write_exactly(int fd, std::string_view bytes) {
  constexpr uint64_t k_pipe = uint64_t{1} << (abi::k_sigpipe - 1);
  uint64_t waiting = 0;
  uint64_t before = 0;
  TRY(sys::rt_sigpending(&waiting, sizeof waiting));
  TRY(sys::rt_sigprocmask(abi::k_sig_block, &k_pipe, &before));
  const auto written = write_all(fd, bytes);
  if (!written && written.error() == Errno::pipe && (waiting & k_pipe) == 0) {
    const abi::Timespec at_once = {0, 0};
    (void)sys::rt_sigtimedwait(&k_pipe, nullptr, &at_once);
  }
  TRY(sys::rt_sigprocmask(abi::k_sig_setmask, &before, nullptr));
  return written;
}

Result<bool> read_exactly(int fd, std::span<char> room) {
  size_t got = 0;
  while (got < room.size()) {
    auto count = sys::read(fd, room.data() + got, room.size() - got);
    if (!count && count.error() == Errno::intr) continue;
    if (TRY(count) == 0) {
      if (got > 0) return fail(Errno::connreset);
      return false;
    }
    got += *count;
  }
  return true;
}

}  // namespace weft
