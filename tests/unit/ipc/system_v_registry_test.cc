// Objects by number and by key: rights, removal, numbers that don't come back soon, limits.
#include "core/ipc/system_v/registry.hh"

#include <gtest/gtest.h>

#include <vector>

#include "unit/support/machine.hh"

namespace weft::ipc::system_v {
namespace {

using host::Machine;

int alive = 0;

struct Thing final : Object {
  Thing() { ++alive; }
  ~Thing() { --alive; }
  void destroy() override { delete this; }
  using Object::permissions_;
};

Result<int32_t> get(Registry& registry, int32_t key, uint32_t flags, const Actor& actor = {}) {
  return registry.get<Thing>(
      key, flags, actor, [](Thing&) -> Result<> { return {}; },
      []() -> Result<Ref<Thing>> { return Ref<Thing>::adopt(new Thing); });
}

void remove(Registry& registry, int32_t id) { registry.remove(*registry.find<Thing>(id).value()); }

constexpr uint32_t k_new = abi::k_ipc_creat | 0600;

TEST(SystemVRegistry, FindsByKeyAndByNumber) {
  Machine().run([] {
    Registry registry(100);
    EXPECT_EQ(get(registry, 7, 0600).error(), Errno::noent);
    const int32_t id = get(registry, 7, k_new).value();
    EXPECT_EQ(get(registry, 7, 0600).value(), id);
    EXPECT_EQ(get(registry, 7, k_new).value(), id);
    EXPECT_EQ(get(registry, 7, k_new | abi::k_ipc_excl).error(), Errno::exist);
    EXPECT_EQ(registry.find<Thing>(id).value()->id(), id);
    EXPECT_EQ(registry.find<Thing>(id + 1).error(), Errno::inval);
    EXPECT_EQ(registry.find<Thing>(-1).error(), Errno::inval);
    registry.forget_key(*registry.find<Thing>(id).value());
    EXPECT_EQ(get(registry, 7, 0600).error(), Errno::noent);
    EXPECT_TRUE(registry.find<Thing>(id).has_value()) << "its number still leads to it";
    remove(registry, id);
    EXPECT_EQ(alive, 0);
  });
}

TEST(SystemVRegistry, PrivateOnesAreAlwaysNew) {
  Machine().run([] {
    Registry registry(100);
    const int32_t one = get(registry, 0, 0).value();
    const int32_t other = get(registry, 0, 0).value();
    EXPECT_NE(one, other);
    EXPECT_EQ(registry.count(), 2u);
    EXPECT_EQ(registry.highest_place(), 1);
    remove(registry, one);
    EXPECT_EQ(registry.find_at<Thing>(0).error(), Errno::inval);
    EXPECT_EQ(registry.find_at<Thing>(1).value()->id(), other);
    EXPECT_EQ(registry.find_at<Thing>(2).error(), Errno::inval);
    remove(registry, other);
  });
}

TEST(SystemVRegistry, AnOldNumberDoesNotFindTheNext) {
  Machine().run([] {
    Registry registry(100);
    const int32_t old = get(registry, 0, 0).value();
    remove(registry, old);
    const int32_t next = get(registry, 0, 0).value();
    EXPECT_NE(old, next);
    EXPECT_EQ(registry.find<Thing>(old).error(), Errno::inval);
    remove(registry, next);
  });
}

TEST(SystemVRegistry, GrowsUpToItsLimitAndFillsHoles) {
  Machine().run([] {
    Registry registry(150);
    std::vector<int32_t> ids;
    for (int32_t key = 1; key <= 150; ++key) ids.push_back(get(registry, key, k_new).value());
    EXPECT_EQ(get(registry, 0, 0).error(), Errno::nospc);
    remove(registry, ids[70]);
    const int32_t again = get(registry, 1000, k_new).value();
    EXPECT_EQ(again % 32'768, ids[70] % 32'768) << "the place is used again";
    ids[70] = again;
    for (int32_t key = 1; key <= 150; ++key) {
      if (key != 71) EXPECT_EQ(get(registry, key, 0).value(), ids[static_cast<size_t>(key) - 1]);
    }
    for (const int32_t id : ids) remove(registry, id);
    EXPECT_EQ(alive, 0);
  });
}

TEST(SystemVRegistry, RightsGoByOwnerGroupAndOthers) {
  Machine().run([] {
    Registry registry(10);
    const Actor owner{.process = 1, .user = 5, .group = 6};
    const int32_t id = get(registry, 9, abi::k_ipc_creat | 0640, owner).value();
    const Ref<Thing> thing = registry.find<Thing>(id).value();
    const uint32_t others[] = {3, 6};
    const Actor member{.process = 2, .user = 7, .group = 8, .other_groups = others};
    const Actor stranger{.process = 3, .user = 7, .group = 8};
    {
      SpinGuard guard(thing->lock);
      EXPECT_TRUE(thing->check(owner, k_may_read | k_may_write).has_value());
      EXPECT_TRUE(thing->check(member, k_may_read).has_value());
      EXPECT_EQ(thing->check(member, k_may_write).error(), Errno::acces);
      EXPECT_EQ(thing->check(stranger, k_may_read).error(), Errno::acces);
      EXPECT_TRUE(thing->check(stranger, 0).has_value());
      EXPECT_TRUE(thing->check(Actor{}, k_may_write).has_value()) << "user 0 may do all";
      EXPECT_EQ(thing->check_owner(member).error(), Errno::perm);
      abi::IpcPermissions wanted{};
      wanted.owner = 7;
      wanted.group = 1;
      wanted.mode = 07777;
      EXPECT_TRUE(thing->change_owner(wanted).has_value());
      EXPECT_TRUE(thing->check_owner(stranger).has_value()) << "the owner now";
      EXPECT_TRUE(thing->check_owner(owner).has_value()) << "its creator stays";
      EXPECT_EQ(thing->permissions_.mode, 0777u);
      wanted.owner = ~0u;
      EXPECT_EQ(thing->change_owner(wanted).error(), Errno::inval);
    }
    EXPECT_EQ(get(registry, 9, 0600, stranger).value(), id);
    remove(registry, id);
  });
}

}  // namespace
}  // namespace weft::ipc::system_v
