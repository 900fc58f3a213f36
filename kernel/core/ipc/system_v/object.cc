#include "core/ipc/system_v/object.hh"

#include <algorithm>

#include "core/sched/wall_clock.hh"

namespace weft::ipc::system_v {
namespace {

constexpr uint32_t k_all_rights = 0777;

}  // namespace

int64_t seconds_of(Instant instant) {
  if (instant == k_never) return 0;
  return static_cast<int64_t>(sched::date_of(instant) / k_second);
}
int64_t seconds_now() { return seconds_of(hal::now()); }

bool Actor::is_in(uint32_t wanted) const {
  return group == wanted || std::ranges::binary_search(other_groups, wanted);
}

void Object::set_creator(int32_t key, uint32_t flags, const Actor& actor) {
  key_ = key;
  permissions_.key = key;
  permissions_.owner = permissions_.creator = actor.user;
  permissions_.group = permissions_.creator_group = actor.group;
  permissions_.mode = flags & k_all_rights;
  changed_ = seconds_now();
}

// `wanted` says it three times; the place that counts is the one that the actor has.
bool Object::may_others(const Actor& actor, uint32_t wanted) const {
  unsigned place = 0;
  if (actor.user == permissions_.owner || actor.user == permissions_.creator) {
    place = 6;
  } else if (actor.is_in(permissions_.group) || actor.is_in(permissions_.creator_group)) {
    place = 3;
  }
  const uint32_t asked = (wanted >> 6 | wanted >> 3 | wanted) & 7;
  return (asked & ~(permissions_.mode >> place)) == 0;
}

Result<> Object::check_owner(const Actor& actor) {
  if (is_removed_) return fail(Errno::idrm);
  const bool is_owner = actor.is_privileged() || actor.user == permissions_.owner ||
                        actor.user == permissions_.creator;
  if (!is_owner) return fail(Errno::perm);
  return {};
}

Result<> Object::change_owner(const abi::IpcPermissions& wanted) {
  constexpr uint32_t k_nobody = ~uint32_t{0};
  if (wanted.owner == k_nobody || wanted.group == k_nobody) return fail(Errno::inval);
  permissions_.owner = wanted.owner;
  permissions_.group = wanted.group;
  permissions_.mode = (permissions_.mode & ~k_all_rights) | (wanted.mode & k_all_rights);
  changed_ = seconds_now();
  return {};
}

}  // namespace weft::ipc::system_v
