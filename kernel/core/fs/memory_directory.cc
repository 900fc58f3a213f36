#include "core/fs/memory_directory.hh"

#include <utility>

#include "core/mm/object_cache.hh"
#include "core/sync/irq_guard.hh"

namespace weft::fs {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<MemoryDirectory> directories("folder");

// Odd while an entry is on its way from one place to another.
constinit Atomic<uint32_t> moves{0};

// While it lives, an entry is on its way. Interrupts are off, since others may spin until it arrives.
class Move {
 public:
  Move() { moves.fetch_add(1, acq_rel); }
  ~Move() { moves.fetch_add(1, release); }

 private:
  IrqGuard irqs_off_;
};

// A name's position: its hash, and below that the numbers of those that have the same hash.
constexpr unsigned k_number_bits = 16;

uint64_t first_position_of(std::string_view name) {
  uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const char each : name) hash = (hash ^ static_cast<unsigned char>(each)) * 0x100'0000'01b3;
  // The upper bits are the better mixed; the result stays positive as an int64_t, and behind "..".
  return (hash >> (k_number_bits + 2) << k_number_bits) + Directory::k_first_position;
}

}  // namespace

Result<Ref<MemoryDirectory>> MemoryDirectory::make(uint32_t permissions) {
  return Ref<MemoryDirectory>::adopt(TRY(directories.make(permissions)));
}

void MemoryDirectory::destroy() { directories.destroy(this); }

Entry* MemoryDirectory::at_or_behind(uint64_t position) {
  Entry* found = nullptr;
  for (Entry* at = names_.root(); at != nullptr;) {
    if (at->position_ >= position) {
      found = at;
      at = names_.left_of(*at);
    } else {
      at = names_.right_of(*at);
    }
  }
  return found;
}

Entry* MemoryDirectory::find(std::string_view name) {
  const uint64_t first = first_position_of(name);
  Entry* at = at_or_behind(first);
  while (at != nullptr && at->position_ >> k_number_bits == first >> k_number_bits) {
    if (at->name() == name) return at;
    at = names_.after(*at);
  }
  return nullptr;
}

void MemoryDirectory::insert(Entry& entry) {
  uint64_t position = first_position_of(entry.name());
  for (const Entry* at = at_or_behind(position); at != nullptr && at->position_ == position;
       at = names_.after(*at)) {
    ++position;
  }
  entry.position_ = position;
  names_.insert(entry);
  count_.fetch_add(1, relaxed);
}

void MemoryDirectory::take_out(Entry& entry) {
  names_.remove(entry);
  count_.fetch_sub(1, relaxed);
}

Result<Ref<Entry>> MemoryDirectory::lookup(Entry&, std::string_view name) {
  for (;;) {
    const uint32_t before = moves.load(acquire);
    {
      SpinGuard guard(lock_);
      Entry* const entry = find(name);
      if (entry != nullptr) return Ref<Entry>::share(*entry);
    }
    if (before % 2 == 0 && moves.load(acquire) == before) return fail(Errno::noent);
    hal::relax();
  }
}

bool MemoryDirectory::list(uint64_t position, ListedName& listed) {
  SpinGuard guard(lock_);
  const Entry* const entry = at_or_behind(position);
  if (entry == nullptr) return false;
  listed.name.clear();
  listed.name.write(entry->name());
  listed.inode = entry->node().number();
  listed.mode = entry->node().mode();
  listed.next = entry->position_ + 1;
  return true;
}

void MemoryDirectory::add(const Ref<Entry>& entry) {
  SpinGuard guard(lock_);
  insert(*Ref<Entry>(entry).release());
}

void MemoryDirectory::remove(Entry& entry) {
  {
    SpinGuard guard(lock_);
    take_out(entry);
  }
  entry.mark_removed();
  Ref<Entry>::adopt(&entry).reset();  // the folder's
}

void MemoryDirectory::move(Entry& entry, MemoryDirectory& from, MemoryDirectory& to, Entry& renamed,
                           Entry* replaced) {
  {
    const Move move;
    {
      SpinGuard guard(from.lock_);
      from.take_out(entry);
    }
    {
      SpinGuard guard(names_lock);
      entry.swap_names(renamed);
      std::swap(entry.parent_, renamed.parent_);
    }
    SpinGuard guard(to.lock_);
    if (replaced != nullptr) to.take_out(*replaced);
    to.insert(entry);
  }
  if (replaced == nullptr) return;
  replaced->mark_removed();
  Ref<Entry>::adopt(replaced).reset();
}

void MemoryDirectory::exchange(Entry& one, MemoryDirectory& its_folder, Entry& other,
                               MemoryDirectory& others_folder) {
  const Move move;
  {
    SpinGuard guard(its_folder.lock_);
    its_folder.take_out(one);
  }
  {
    SpinGuard guard(others_folder.lock_);
    others_folder.take_out(other);
  }
  {
    SpinGuard guard(names_lock);
    one.swap_names(other);
    std::swap(one.parent_, other.parent_);
  }
  {
    SpinGuard guard(its_folder.lock_);
    its_folder.insert(other);
  }
  SpinGuard guard(others_folder.lock_);
  others_folder.insert(one);
}

}  // namespace weft::fs
