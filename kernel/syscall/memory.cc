// A process's memory: mappings, the heap's end, what becomes of pages.
#include <algorithm>
#include <array>

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

bool has(uint32_t flags, uint32_t flag) { return (flags & flag) != 0; }

// The pages around [address, address + length). Empty if there are none; with no end, as if it went on
// for ever, which is mapped nowhere.
size_t pages_over(VirtAddr address, size_t length) {
  return length > mm::k_user_end ? mm::k_user_end + k_page_size
                                 : round_up(address % k_page_size + length, k_page_size);
}

// What the file offers for such a mapping.
Result<Ref<mm::MemoryObject>> object_of(fs::File& file, uint32_t protection, uint32_t flags) {
  if (!file.may_read()) return fail(Errno::acces);
  if (has(flags, abi::k_map_shared) && has(protection, abi::k_prot_write) && !file.may_write()) {
    return fail(Errno::acces);
  }
  return file.memory_object();
}

// The whole range is mapped: Errno::nomem if not.
Result<> check_mapped(Context& context, VirtAddr address, size_t size) {
  if (size == 0) return {};
  if (!mm::is_user_range(address, size)) return fail(Errno::nomem);
  return context.process.memory->check_mapped(address, size);
}

}  // namespace

// ---- Mappings -------------------------------------------------------------------------------------

Result<uint64_t> sys_mmap(Context& context, VirtAddr address, size_t length, uint32_t protection,
                          uint32_t flags, Fd fd, uint64_t offset) {
  if (offset % k_page_size != 0) return fail(Errno::inval);
  Ref<fs::File> file;
  if (!has(flags, abi::k_map_anonymous)) file = TRY(context.process.files->get(fd.number));
  if (length == 0 || !has(flags, abi::k_map_shared | abi::k_map_private)) return fail(Errno::inval);
  if (length > mm::k_user_end) return fail(Errno::nomem);
  const bool is_fixed = has(flags, abi::k_map_fixed | abi::k_map_fixed_noreplace);
  mm::MapRequest request{
      .address = address,
      .size = round_up(length, k_page_size),
      .access = access_of(protection),
      .is_fixed = is_fixed,
      .no_replace = has(flags, abi::k_map_fixed_noreplace),
      .is_shared = has(flags, abi::k_map_shared),
      .no_reserve = has(flags, abi::k_map_noreserve),
      .populate = has(flags, abi::k_map_populate),
  };
  if (file && offset + request.size < offset) return fail(Errno::overflow);
  if (is_fixed && !mm::is_user_range(address, request.size)) return fail(Errno::nomem);
  if (is_fixed && address % k_page_size != 0) return fail(Errno::inval);
  if (file) {
    request.object = TRY(object_of(*file, protection, flags));
    request.offset = offset;
  } else if (request.is_shared) {
    request.object = TRY(mm::MemoryObject::make(request.size));
  }
  return TRY(context.process.memory->map(request));
}

Result<uint64_t> sys_munmap(Context& context, VirtAddr address, size_t length) {
  if (length == 0 || address % k_page_size != 0) return fail(Errno::inval);
  TRY(context.process.memory->unmap(address, pages_over(address, length)));
  return 0;
}

Result<uint64_t> sys_mprotect(Context& context, VirtAddr address, size_t length,
                              uint32_t protection) {
  if (address % k_page_size != 0) return fail(Errno::inval);
  if (length == 0) return 0;
  TRY(context.process.memory->protect(address, pages_over(address, length), access_of(protection)));
  return 0;
}

Result<uint64_t> sys_brk(Context& context, VirtAddr end) {
  return context.process.memory->set_break(end);
}

Result<uint64_t> sys_mremap(Context& context, VirtAddr address, size_t old_length,
                            size_t new_length, uint32_t flags, VirtAddr new_address) {
  const bool is_fixed = has(flags, abi::k_mremap_fixed);
  if (is_fixed && !has(flags, abi::k_mremap_maymove)) return fail(Errno::inval);
  if (address % k_page_size != 0 || new_length == 0) return fail(Errno::inval);
  if (old_length > mm::k_user_end) return fail(Errno::fault);
  if (new_length > mm::k_user_end) return fail(is_fixed ? Errno::inval : Errno::nomem);
  return TRY(context.process.memory->remap(
      address, old_length, new_length, has(flags, abi::k_mremap_maymove), is_fixed, new_address));
}

// ---- What becomes of pages --------------------------------------------------------------------------

Result<uint64_t> sys_madvise(Context& context, VirtAddr address, size_t length, int32_t advice) {
  const size_t size = pages_over(address, length);
  if (address % k_page_size != 0 || (size != 0 && !mm::is_user_range(address, size))) {
    return fail(Errno::inval);
  }
  if (size == 0) return 0;
  mm::AddressSpace& memory = *context.process.memory;
  switch (static_cast<uint32_t>(advice)) {
    case abi::k_madv_dontneed: TRY(memory.advise(address, size, mm::Advice::dont_need)); break;
    case abi::k_madv_free: TRY(memory.advise(address, size, mm::Advice::free)); break;
    case abi::k_madv_guard_install:
      TRY(memory.advise(address, size, mm::Advice::guard_install));
      break;
    case abi::k_madv_guard_remove:
      TRY(memory.advise(address, size, mm::Advice::guard_remove));
      break;
    default: TRY(memory.check_mapped(address, size)); break;  // a hint that is not taken
  }
  return 0;
}

// There is no other memory that a mapping could differ from.
Result<uint64_t> sys_msync(Context& context, VirtAddr address, size_t length, uint32_t flags) {
  constexpr uint32_t k_both = abi::k_ms_async | abi::k_ms_sync;
  if (address % k_page_size != 0 || (flags & k_both) == k_both) return fail(Errno::inval);
  TRY(check_mapped(context, address, pages_over(address, length)));
  return 0;
}

Result<uint64_t> sys_mincore(Context& context, VirtAddr address, size_t length,
                             UserOut<std::byte> answers) {
  if (address % k_page_size != 0) return fail(Errno::inval);
  const size_t size = pages_over(address, length);
  if (size != 0 && !mm::is_user_range(address, size)) return fail(Errno::nomem);
  std::array<uint8_t, 256> batch;
  const size_t pages = size / k_page_size;
  for (size_t done = 0; done < pages;) {
    const size_t count = std::min(batch.size(), pages - done);
    TRY(context.process.memory->resident(address + done * k_page_size, count, batch.data()));
    TRY(mm::copy_to_user(answers.raw() + done, batch.data(), count));
    done += count;
  }
  return 0;
}

// ---- Locking: no page is ever taken away, so all that is left is to make it -------------------------

Result<uint64_t> sys_mlock(Context& context, VirtAddr address, size_t length) {
  const VirtAddr start = round_down(address, k_page_size);
  const size_t size = length == 0 ? 0 : pages_over(address, length);
  TRY(check_mapped(context, start, size));
  if (size != 0) TRY(context.process.memory->advise(start, size, mm::Advice::populate));
  return 0;
}

Result<uint64_t> sys_munlock(Context& context, VirtAddr address, size_t length) {
  const size_t size = length == 0 ? 0 : pages_over(address, length);
  TRY(check_mapped(context, round_down(address, k_page_size), size));
  return 0;
}

// ---- Order among threads ---------------------------------------------------------------------------

Result<uint64_t> sys_membarrier(Context& context, int32_t command, int32_t) {
  constexpr int32_t k_allow = abi::k_membarrier_cmd_register_private_expedited;
  constexpr int32_t k_synchronize = abi::k_membarrier_cmd_private_expedited;
  if (command == k_allow) context.process.memory->allow_barriers();
  if (command == k_synchronize) TRY(context.process.memory->synchronize());
  return command == abi::k_membarrier_cmd_query ? k_allow | k_synchronize : 0;
}

}  // namespace weft::syscall
