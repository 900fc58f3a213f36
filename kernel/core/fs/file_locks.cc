#include "core/fs/file_locks.hh"

#include <algorithm>
#include <array>

#include "core/mm/heap.hh"
#include "core/mm/object_cache.hh"

namespace weft::fs {
namespace {

// Guards all locks of all files: whether two wait for each other is a question about more than one.
[[clang::no_destroy]] constinit SpinLock locks_lock{Rank::file_locks};

struct HeldLock {
  FileLock lock;
  ListHook hook;
};

// An owner who waits, and for whom.
struct WaitingOwner {
  const void* owner;
  const void* holder;
  ListHook hook;
};

[[clang::no_destroy]] constinit List<WaitingOwner, &WaitingOwner::hook> waiting_owners
    GUARDED_BY(locks_lock);

using HeldLocks = List<HeldLock, &HeldLock::hook>;

bool is_same_holder(const FileLock& one, const FileLock& other) {
  return one.family == other.family && one.owner == other.owner;
}

bool overlap(const FileLock& one, const FileLock& other) {
  return one.first <= other.last && other.first <= one.last;
}

// They have a byte in common, or one begins where the other ends.
bool touch(const FileLock& one, const FileLock& other) {
  const auto reaches = [](uint64_t last, uint64_t first) {
    return last == FileLock::k_to_the_end || last + 1 >= first;
  };
  return reaches(one.last, other.first) && reaches(other.last, one.first);
}

bool conflict(const FileLock& held, const FileLock& wanted) {
  return held.family == wanted.family && held.owner != wanted.owner && overlap(held, wanted) &&
         (held.type == FileLock::Type::exclusive || wanted.type == FileLock::Type::exclusive);
}

}  // namespace

// The locks of one file; made with the first, and gone with the node.
class NodeLocks {
 public:
  ~NodeLocks() {
    DEBUG_ASSERT(held_.empty(), "whoever had a lock on a file has let it go when the file ends");
  }

  const FileLock* find_conflict(const FileLock& wanted) REQUIRES(locks_lock) {
    for (const HeldLock& held : held_) {
      if (conflict(held.lock, wanted)) return &held.lock;
    }
    return nullptr;
  }

  // Takes what the owner has on those bytes away; what sticks out on both sides needs the spare
  // record, which is taken then. Locks of the same type next to the wanted one become part of it.
  void make_place(FileLock& wanted, HeldLock*& spare, HeldLocks& unused) REQUIRES(locks_lock) {
    for (auto place = held_.begin(); place != held_.end();) {
      HeldLock& held = *place;
      ++place;
      if (!is_same_holder(held.lock, wanted) || !touch(held.lock, wanted)) continue;
      if (held.lock.type == wanted.type) {
        wanted.first = std::min(wanted.first, held.lock.first);
        wanted.last = std::max(wanted.last, held.lock.last);
        move(held, unused);
      } else if (overlap(held.lock, wanted)) {
        cut(held, wanted, spare, unused);
      }
    }
  }

  void add(HeldLock& lock) REQUIRES(locks_lock) { held_.push_back(lock); }

  void drop(FileLock::Family family, const void* owner, HeldLocks& unused) REQUIRES(locks_lock) {
    for (auto place = held_.begin(); place != held_.end();) {
      HeldLock& held = *place;
      ++place;
      if (held.lock.family == family && held.lock.owner == owner) move(held, unused);
    }
    changed.wake_all();
  }

  WaitQueue changed{locks_lock};

 private:
  static void move(HeldLock& held, HeldLocks& unused) {
    HeldLocks::remove(held);
    unused.push_back(held);
  }

  void cut(HeldLock& held, const FileLock& hole, HeldLock*& spare, HeldLocks& unused)
      REQUIRES(locks_lock) {
    const bool has_front = held.lock.first < hole.first;
    const bool has_back = held.lock.last > hole.last;
    if (has_front && has_back) {
      HeldLock& back = *std::exchange(spare, nullptr);
      back.lock = held.lock;
      back.lock.first = hole.last + 1;
      held_.push_back(back);
    }
    if (has_front) {
      held.lock.last = hole.first - 1;
    } else if (has_back) {
      held.lock.first = hole.last + 1;
    } else {
      move(held, unused);
    }
  }

  HeldLocks held_ GUARDED_BY(locks_lock);
};

namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<NodeLocks> node_locks("file locks");

void free_all(HeldLocks& unused) {
  while (HeldLock* const held = unused.pop_front()) mm::Owned<HeldLock>(held).reset();
}

// A circle of owners who wait for each other would close. As on Linux a long chain is not followed to
// its end.
bool would_deadlock(const void* owner, const void* holder) REQUIRES(locks_lock) {
  constexpr int k_longest_chain = 10;
  for (int steps = 0; steps < k_longest_chain; ++steps) {
    const void* next = nullptr;
    for (const WaitingOwner& waiting : waiting_owners) {
      if (waiting.owner == holder) next = waiting.holder;
    }
    if (next == nullptr) return false;
    if (next == owner) return true;
    holder = next;
  }
  return false;
}

// Until no lock is in the way.
Result<> wait_for_place(NodeLocks& locks, const FileLock& wanted, bool waits) REQUIRES(locks_lock) {
  while (const FileLock* const held = locks.find_conflict(wanted)) {
    if (!waits) return fail(Errno::again);
    WaitingOwner self{wanted.owner, held->owner, {}};
    const bool is_range = wanted.family == FileLock::Family::range;
    if (is_range && would_deadlock(self.owner, self.holder)) return fail(Errno::deadlk);
    if (is_range) waiting_owners.push_back(self);
    Waiter waiter(BlockReason::waiting, &locks);
    waiter.set_ender(Ender::having(held->owner));
    locks.changed.prepare(waiter);
    const Outcome outcome =
        locks.changed.block(waiter, {.deadline = k_never, .interruptible = true});
    if (is_range) decltype(waiting_owners)::remove(self);
    if (outcome == Outcome::interrupted) return fail(Errno::intr);
  }
  return {};
}

}  // namespace

Result<NodeLocks*> Node::make_locks() {
  NodeLocks* locks = locks_.load(acquire);
  if (locks != nullptr) return locks;
  NodeLocks* const made = TRY(node_locks.make());
  if (locks_.compare_exchange(locks, made, acq_rel)) return made;
  node_locks.destroy(made);
  return locks;
}

Node::~Node() {
  NodeLocks* const locks = locks_.load(relaxed);
  if (locks != nullptr) node_locks.destroy(locks);
}

Result<> set_lock(Node& node, const FileLock& wanted, bool waits) {
  NodeLocks& locks = *TRY(node.make_locks());
  mm::Owned<HeldLock> added = TRY(mm::make<HeldLock>());
  mm::Owned<HeldLock> spare = TRY(mm::make<HeldLock>());
  HeldLocks unused;
  added->lock = wanted;
  Result<> done;
  {
    SpinGuard guard(locks_lock);
    // A lock on the whole file is given up before another type of it is asked for.
    if (wanted.family == FileLock::Family::whole) locks.drop(wanted.family, wanted.owner, unused);
    if (wanted.type != FileLock::Type::none) done = wait_for_place(locks, wanted, waits);
    if (done.has_value()) {
      HeldLock* other = spare.release();
      locks.make_place(added->lock, other, unused);
      spare = mm::Owned<HeldLock>(other);
      if (wanted.type != FileLock::Type::none) locks.add(*added.release());
      locks.changed.wake_all();
    }
  }
  free_all(unused);
  return done;
}

std::optional<FileLock> lock_in_the_way(Node& node, const FileLock& wanted) {
  NodeLocks* const locks = node.locks();
  if (locks == nullptr) return std::nullopt;
  SpinGuard guard(locks_lock);
  const FileLock* const held = locks->find_conflict(wanted);
  return held == nullptr ? std::nullopt : std::optional(*held);
}

void drop_locks(Node& node, FileLock::Family family, const void* owner) {
  NodeLocks* const locks = node.locks();
  if (locks == nullptr) return;
  HeldLocks unused;
  {
    SpinGuard guard(locks_lock);
    locks->drop(family, owner, unused);
  }
  free_all(unused);
}

}  // namespace weft::fs
