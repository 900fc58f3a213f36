#include "core/mm/user_memory.hh"

#include <algorithm>
#include <cstring>

namespace weft::mm {

Result<size_t> copy_text_from_user(std::span<char> to, VirtAddr from) {
  size_t length = 0;
  while (length < to.size()) {
    // Never past the page's end: what stands behind the text may not be there.
    const VirtAddr at = from + length;
    const size_t piece = std::min(to.size() - length, k_page_size - at % k_page_size);
    TRY(copy_from_user(&to[length], at, piece));
    const void* end = std::memchr(&to[length], '\0', piece);
    if (end != nullptr) return static_cast<size_t>(static_cast<const char*>(end) - to.data());
    length += piece;
  }
  return fail(Errno::nametoolong);
}

}  // namespace weft::mm
