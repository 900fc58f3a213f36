#include "x86_64/backtrace.hh"

#include "core/base/format.hh"
#include "core/hal.hh"
#include "x86_64/address_space.hh"
#include "x86_64/paging.hh"
#include "x86_64/symbols.hh"

namespace weft::x86 {
namespace {

struct Frame {
  const Frame* caller;
  uintptr_t return_address;
};

// Looks before it reads, since a panic takes nothing for granted. Most frames are in the page of
// the one before, and then one look is enough.
class FrameReader {
 public:
  bool is_readable(VirtAddr frame) {
    return frame % alignof(Frame) == 0 && is_good(frame) && is_good(frame + sizeof(Frame) - 1);
  }

 private:
  bool is_good(VirtAddr address) {
    const VirtAddr page = round_down(address, k_page_size);
    if (page == good_page_) return true;
    if (!is_mapped(page)) return false;
    good_page_ = page;
    return true;
  }

  VirtAddr good_page_ = 0;  // 0: none yet; nothing is mapped there
};

}  // namespace

size_t follow_frames(VirtAddr frame_pointer, std::span<uintptr_t> addresses) {
  FrameReader reader;
  size_t count = 0;
  // A system call leaves the program's frame pointer in its register: there the kernel's chain ends.
  while (count < addresses.size() && frame_pointer >= k_direct_map &&
         reader.is_readable(frame_pointer)) {
    const auto& frame = *reinterpret_cast<const Frame*>(frame_pointer);
    if (frame.return_address == 0) break;
    addresses[count++] = frame.return_address;
    frame_pointer = reinterpret_cast<VirtAddr>(frame.caller);
  }
  return count;
}

}  // namespace weft::x86

[[gnu::noinline]] size_t weft::hal::backtrace(std::span<uintptr_t> addresses) {
  return x86::follow_frames(reinterpret_cast<VirtAddr>(__builtin_frame_address(0)), addresses);
}

void weft::hal::write_address(uintptr_t address) {
  const x86::Symbol symbol = x86::find_symbol(address);
  if (symbol.name.empty()) {
    write_log(Text<32>("0x{:x}", address).view());
  } else {
    write_log(Text<240>("{}+0x{:x}", symbol.name, symbol.offset).view());
  }
}
