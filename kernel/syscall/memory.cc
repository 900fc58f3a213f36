// A process's memory: map, unmap, protect, the heap's end.
#include "syscall/handlers.hh"

namespace weft::syscall {
namespace {

mm::Access access_of(uint32_t protection) {
  return static_cast<mm::Access>(protection &
                                 (abi::k_prot_read | abi::k_prot_write | abi::k_prot_exec));
}
static_assert(abi::k_prot_read == static_cast<uint32_t>(mm::Access::read) &&
              abi::k_prot_write == static_cast<uint32_t>(mm::Access::write) &&
              abi::k_prot_exec == static_cast<uint32_t>(mm::Access::execute));

// Whole pages; what wraps around is larger than any user memory.
size_t pages_around(size_t length) {
  return length > mm::k_user_end ? mm::k_user_end + k_page_size : round_up(length, k_page_size);
}

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) != 0; }

}  // namespace

Result<uint64_t> sys_mmap(Context& context, VirtAddr address, size_t length, uint32_t protection,
                          uint32_t flags, Fd, uint64_t offset) {
  if (length == 0 || offset % k_page_size != 0) return fail(Errno::inval);
  if (!has(flags, abi::k_map_anonymous)) return fail(Errno::nodev);  // no file can be mapped yet
  if (length > mm::k_user_end) return fail(Errno::nomem);
  mm::MapRequest request{
      .address = address,
      .size = pages_around(length),
      .access = access_of(protection),
      .is_fixed = has(flags, abi::k_map_fixed) || has(flags, abi::k_map_fixed_noreplace),
      .no_replace = has(flags, abi::k_map_fixed_noreplace),
      .is_shared = has(flags, abi::k_map_shared),
      .grows_down = has(flags, abi::k_map_growsdown),
      .no_reserve = has(flags, abi::k_map_noreserve),
      .populate = has(flags, abi::k_map_populate),
  };
  if (request.is_shared) request.object = TRY(mm::MemoryObject::make(request.size));
  return TRY(context.process.memory->map(request));
}

Result<uint64_t> sys_munmap(Context& context, VirtAddr address, size_t length) {
  if (length == 0 || address % k_page_size != 0) return fail(Errno::inval);
  TRY(context.process.memory->unmap(address, pages_around(length)));
  return 0;
}

Result<uint64_t> sys_mprotect(Context& context, VirtAddr address, size_t length,
                              uint32_t protection) {
  if (address % k_page_size != 0) return fail(Errno::inval);
  if (length == 0) return 0;
  TRY(context.process.memory->protect(address, pages_around(length), access_of(protection)));
  return 0;
}

Result<uint64_t> sys_brk(Context& context, VirtAddr end) {
  return context.process.memory->set_break(end);
}

}  // namespace weft::syscall
