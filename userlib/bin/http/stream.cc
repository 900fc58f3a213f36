#include "userlib/bin/http/stream.hh"

namespace weft::http {

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
