// Sets of semaphores, by their numbers and keys. What can be done with a set: semaphore_set.hh.
#pragma once

#include "core/ipc/system_v/semaphore_set.hh"

namespace weft::ipc::system_v {

// As many operations at once.
inline constexpr size_t k_most_operations = 500;

// The number of the set with that key, of at least so many semaphores. Errno::inval, Errno::noent,
// Errno::exist, Errno::acces, Errno::nospc, Errno::nomem.
Result<int32_t> get_set(int32_t key, int32_t count, uint32_t flags, const Actor& actor);
// Errno::inval.
Result<Ref<SemaphoreSet>> find_set(int32_t id);
Result<Ref<SemaphoreSet>> find_set_at(int32_t place);
Result<> remove_set(int32_t id, const Actor& actor);

abi::SemaphoreLimits set_limits();
abi::SemaphoreLimits set_usage();
int32_t highest_set();

}  // namespace weft::ipc::system_v
