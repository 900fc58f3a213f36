#include "userlib/bin/http/stream.hh"

#include "userlib/syscalls.hh"

namespace weft::http {

Result<size_t> BlockingStream::read(char* buffer, size_t size) {
  for (;;) {
    const auto count = sys::read(fd_, buffer, size);
    if (count || count.error() != Errno::intr) return count;
  }
}

Result<> BlockingStream::write_all(std::string_view text) {
  while (!text.empty()) {
    auto count = sys::sendto(fd_, text.data(), text.size(), abi::k_msg_nosignal, nullptr, 0);
    if (!count && count.error() == Errno::intr) continue;
    text.remove_prefix(TRY(count));
  }
  return {};
}

Result<bool> Input::fill() {
  constexpr size_t k_piece = 4096;
  text_.erase(0, used_);
  used_ = 0;
  const size_t before = text_.size();
  text_.resize(before + k_piece);
  const auto count = stream_.read(text_.data() + before, k_piece);
  text_.resize(before + count.value_or(0));
  if (!count) return fail(count.error());
  return *count > 0;
}

}  // namespace weft::http
