// Locks on files, which processes agree to ask for before they touch a file; nobody is kept from reading
// or writing. There are two families, which don't know of each other: locks on the whole file, held by
// an open file (flock), and locks on ranges of bytes, held by a process, that is by its table of
// descriptors (fcntl).
#pragma once

#include <optional>

#include "core/base/list.hh"
#include "core/base/result.hh"
#include "core/fs/node.hh"
#include "core/sched/wait_queue.hh"

namespace weft::fs {

struct FileLock {
  enum class Family : uint8_t { whole, range };
  enum class Type : uint8_t { shared, exclusive, none };
  static constexpr uint64_t k_to_the_end = ~uint64_t{0};

  Family family;
  Type type;
  const void* owner;
  uint64_t first = 0;  // from this byte to that one
  uint64_t last = k_to_the_end;
  int32_t pid = 0;  // who asked for it, to be told
};

// The owner has that lock from now on, on those bytes, instead of what it had; with Type::none, no lock.
// Errno::again if somebody else's is in the way; with `waits`, it waits for that to go: Errno::intr, and
// Errno::deadlk if that one's owner waits for this one's. Errno::nomem.
Result<> set_lock(Node& node, const FileLock& wanted, bool waits);
// Somebody else's lock that is in the way of this one.
std::optional<FileLock> lock_in_the_way(Node& node, const FileLock& wanted);
// The owner lets all its locks of the family go.
void drop_locks(Node& node, FileLock::Family family, const void* owner);

}  // namespace weft::fs
