#include "userlib/base/print.hh"

#include "userlib/base/file.hh"
#include "userlib/base/memory.hh"

namespace weft {

constinit Output out(1);
constinit Lock detail::print_lock;

void Output::write(std::string_view text) {
  if (text.size() > k_room - used_) flush();
  if (text.size() > k_room) {
    if (!write_all(fd_, text)) failed_ = true;
    return;
  }
  copy_bytes(room_ + used_, text.data(), text.size());
  used_ += text.size();
}

void Output::flush() {
  if (used_ > 0 && !write_all(fd_, {room_, used_})) failed_ = true;
  used_ = 0;
}

}  // namespace weft
