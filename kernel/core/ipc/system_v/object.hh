// What the three kinds of System V objects have in common: a number by which processes know it, a key
// by which strangers find it, and rights. It lives until somebody removes it, whoever made it.
#pragma once

#include <span>

#include "abi/constants.hh"
#include "core/abi/system_v.hh"
#include "core/base/rbtree.hh"
#include "core/base/ref.hh"
#include "core/base/result.hh"
#include "core/base/types.hh"
#include "core/sync/spin_lock.hh"

namespace weft::ipc::system_v {

// Who calls: by these an object tells what he may do.
struct Actor {
  int32_t process = 1;
  uint32_t user = 0;
  uint32_t group = 0;
  std::span<const uint32_t> other_groups{};

  bool is_privileged() const { return user == 0; }
  bool is_in(uint32_t wanted) const;
};

// Rights, in each of the three places where a mode has them.
inline constexpr uint32_t k_may_read = 0444;
inline constexpr uint32_t k_may_write = 0222;

// How a command for a status names the object: by its number, or by its place in the table (MSG_STAT and
// its like); then the result is the number of what stands there.
enum class Find { by_id, by_place, by_place_for_anybody };

// The date, as statuses tell it: in seconds; of what has not been yet (k_never): 0.
int64_t seconds_of(Instant instant);
int64_t seconds_now();

class Object : public RefCounted {
 public:
  static void last_reference_gone(Object& object) { object.destroy(); }

  int32_t id() const { return id_; }

  // The lock of all that an object has. Its number is fixed when others can find it.
  SpinLock lock{Rank::system_v};

  // Before anybody else has it.
  void set_creator(int32_t key, uint32_t flags, const Actor& actor) NO_THREAD_SAFETY_ANALYSIS;
  void set_id(int32_t id, uint16_t sequence) NO_THREAD_SAFETY_ANALYSIS {
    id_ = id;
    permissions_.sequence = sequence;
  }
  // It has not been removed, and he may do that to it. Errno::idrm, Errno::acces.
  Result<> check(const Actor& actor, uint32_t wanted) REQUIRES(lock) {
    if (is_removed_) return fail(Errno::idrm);
    if (!actor.is_privileged() && !may_others(actor, wanted)) return fail(Errno::acces);
    return {};
  }
  // The same for who would change or remove it. Errno::idrm, Errno::perm.
  Result<> check_owner(const Actor& actor) REQUIRES(lock);
  // As IPC_SET: another owner, other rights. Errno::inval.
  Result<> change_owner(const abi::IpcPermissions& wanted) REQUIRES(lock);

 protected:
  ~Object() = default;
  virtual void destroy() = 0;

  abi::IpcPermissions permissions_ GUARDED_BY(lock){};
  int64_t changed_ GUARDED_BY(lock) = 0;
  bool is_removed_ GUARDED_BY(lock) = false;

 private:
  friend class Registry;

  [[gnu::noinline]] bool may_others(const Actor& actor, uint32_t wanted) const REQUIRES(lock);

  int32_t id_ = 0;
  int32_t key_ = 0;  // by which the registry finds it; the lock there guards it
  RbNode by_key_;
};

}  // namespace weft::ipc::system_v
