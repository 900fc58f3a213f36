// Segments of memory that processes attach to theirs: a memory object (mm/memory_object.hh) with a
// number and a key. Marked for removal, it lives as long as somebody has it attached.
#pragma once

#include "core/ipc/system_v/object.hh"
#include "core/mm/address_space.hh"

namespace weft::ipc::system_v {

// The number of the segment with that key, of at least that size. Errno::inval, Errno::noent,
// Errno::exist, Errno::acces, Errno::nospc, Errno::nomem.
Result<int32_t> get_segment(int32_t key, size_t size, uint32_t flags, const Actor& actor);

// Attaches it, at that address if it is not 0, as the flags of shmat() say; where it is. Errno::inval
// (no such segment, or no such place), Errno::idrm, Errno::acces, Errno::nomem.
Result<VirtAddr> attach(mm::AddressSpace& memory, int32_t id, VirtAddr address, uint32_t flags,
                        const Actor& actor);
// Detaches what was attached there. Errno::inval.
Result<> detach(mm::AddressSpace& memory, VirtAddr address);

// The commands of shmctl().
Result<int32_t> segment_status(int32_t id, Find find, const Actor& actor,
                               abi::SegmentStatus& status);
Result<> change_segment(int32_t id, const abi::SegmentStatus& wanted, const Actor& actor);
Result<> remove_segment(int32_t id, const Actor& actor);
// Pages are never taken away, so this is only kept and told.
Result<> lock_segment(int32_t id, bool locks, const Actor& actor);
abi::SegmentLimits segment_limits();
abi::SegmentUsage segment_usage();
int32_t highest_segment();

}  // namespace weft::ipc::system_v
