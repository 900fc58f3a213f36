// Segments: attached, counted, and gone with the last who has one that was removed.
#include "core/ipc/system_v/shared_memory.hh"

#include <gtest/gtest.h>

#include "unit/support/machine.hh"
#include "unit/support/user_space.hh"

namespace weft::ipc::system_v {
namespace {

using host::Machine;
using host::UserSpace;

const Actor k_actor{.process = 4};

int32_t make(size_t size) { return get_segment(0, size, 0600, k_actor).value(); }
Result<abi::SegmentStatus> status(int32_t id) {
  abi::SegmentStatus told;
  TRY(segment_status(id, Find::by_id, k_actor, told));
  return told;
}
uint64_t attachments(int32_t id) { return status(id).value().attachments; }
VirtAddr attach_to(UserSpace& space, int32_t id, VirtAddr address = 0, uint32_t flags = 0) {
  return attach(*space.operator->(), id, address, flags, k_actor).value_or(0);
}
Errno detach_error(UserSpace& space, VirtAddr address) {
  const auto done = detach(*space.operator->(), address);
  return done.has_value() ? Errno{} : done.error();
}

TEST(SharedSegment, ProcessesShareIt) {
  Machine().run([] {
    const int32_t id = make(2 * k_page_size);
    UserSpace one, other;
    const VirtAddr here = attach_to(one, id);
    const VirtAddr there = attach_to(other, id, 0, abi::k_shm_rdonly);
    EXPECT_EQ(attachments(id), 2u);
    EXPECT_TRUE(one.write(here + k_page_size, 9));
    EXPECT_EQ(other.read(there + k_page_size), 9u);
    EXPECT_FALSE(other.write(there, 1));
    UserSpace child(one->fork().value());
    EXPECT_EQ(attachments(id), 3u);
    EXPECT_EQ(detach_error(one, here), Errno{});
    EXPECT_EQ(detach_error(one, here), Errno::inval);
    EXPECT_EQ(attachments(id), 2u);
    EXPECT_TRUE(remove_segment(id, k_actor).has_value());
    EXPECT_EQ(get_segment(0, 0, 0, k_actor).error(), Errno::inval);
    EXPECT_EQ(status(id).value().permissions.mode & abi::k_shm_dest, abi::k_shm_dest);
  });
  Machine().run([] { EXPECT_EQ(segment_usage().segments, 0) << "gone with the last"; });
}

TEST(SharedSegment, SplitAndPartlyUnmapped) {
  Machine().run([] {
    const int32_t id = make(3 * k_page_size);
    UserSpace space;
    const VirtAddr place = attach_to(space, id);
    ASSERT_TRUE(space->unmap(place + k_page_size, k_page_size).has_value());
    EXPECT_EQ(attachments(id), 2u);
    EXPECT_EQ(detach_error(space, place + k_page_size), Errno::inval) << "not where it began";
    EXPECT_EQ(detach_error(space, place), Errno{});
    EXPECT_EQ(attachments(id), 0u);
    EXPECT_TRUE(space.regions().empty());
    EXPECT_TRUE(remove_segment(id, k_actor).has_value());
    EXPECT_EQ(status(id).error(), Errno::inval);
  });
}

TEST(SharedSegment, PlacesAndFlags) {
  Machine().run([] {
    const int32_t id = make(k_page_size);
    UserSpace space;
    const VirtAddr place = 0x7000'0000;
    EXPECT_EQ(attach_to(space, id, place + 5), 0u);
    EXPECT_EQ(attach_to(space, id, place + 5, abi::k_shm_rnd), place);
    EXPECT_EQ(attach(*space.operator->(), id, place, 0, k_actor).error(), Errno::inval);
    EXPECT_EQ(attach_to(space, id, place, abi::k_shm_remap), place);
    EXPECT_EQ(attachments(id), 1u);
    EXPECT_EQ(attach(*space.operator->(), id, 0, abi::k_shm_remap, k_actor).error(), Errno::inval);
    const Actor stranger{.process = 1, .user = 3, .group = 3};
    EXPECT_EQ(attach(*space.operator->(), id, 0, 0, stranger).error(), Errno::acces);
    EXPECT_EQ(attachments(id), 1u);
    EXPECT_TRUE(remove_segment(id, k_actor).has_value());
  });
}

TEST(SharedSegment, SizesAndKeys) {
  Machine().run([] {
    EXPECT_EQ(get_segment(0, 0, 0, k_actor).error(), Errno::inval);
    EXPECT_EQ(get_segment(0, ~uint64_t{0}, 0, k_actor).error(), Errno::inval);
    EXPECT_EQ(get_segment(0, uint64_t{1} << 50, 0, k_actor).error(), Errno::nomem);
    const int32_t id = get_segment(5, 100, abi::k_ipc_creat | 0600, k_actor).value();
    EXPECT_EQ(get_segment(5, 101, 0, k_actor).error(), Errno::inval);
    EXPECT_EQ(get_segment(5, 100, 0, k_actor).value(), id);
    EXPECT_TRUE(lock_segment(id, true, k_actor).has_value());
    EXPECT_EQ(status(id).value().permissions.mode, 0600u | abi::k_shm_locked);
    EXPECT_EQ(segment_usage().pages, 1u);
    EXPECT_TRUE(remove_segment(id, k_actor).has_value());
  });
}

}  // namespace
}  // namespace weft::ipc::system_v
