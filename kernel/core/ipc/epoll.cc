#include "core/ipc/epoll.hh"

#include "core/ipc/anonymous.hh"
#include "core/ipc/poll_set.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/user_memory.hh"

namespace weft::ipc {
namespace {

[[clang::no_destroy]] constinit mm::ObjectCache<EpollSet> sets("epoll set");

constexpr uint32_t k_owner_only = 0600;
constexpr fs::PollEvents k_readable = abi::k_pollin | abi::k_pollrdnorm;
constexpr uint32_t k_flags =
    abi::k_epollexclusive | abi::k_epollwakeup | abi::k_epolloneshot | abi::k_epollet;

}  // namespace

mm::ObjectCache<EpollSet::Item>& EpollSet::item_cache() {
  [[clang::no_destroy]] static constinit mm::ObjectCache<Item> cache("epoll item");
  return cache;
}

Result<Ref<fs::File>> EpollSet::make() {
  return Ref<fs::File>(Ref<EpollSet>::adopt(TRY(sets.make())));
}

EpollSet* EpollSet::from(fs::File& file) {
  return file.kind() == &k_kind ? static_cast<EpollSet*>(&file) : nullptr;
}

void EpollSet::destroy() { sets.destroy(this); }

EpollSet::~EpollSet() {
  MutexGuard keeps_files(fs::file_watchers_lock);
  MutexGuard guard(lock_);
  while (Item* const item = items_.first()) {
    item->file.remove_watcher(*item);
    drop(*item);
  }
}

Result<abi::Stat> EpollSet::status() { return anonymous_status(k_owner_only, 0); }

// ---- What is watched ------------------------------------------------------------------------------

EpollSet::Item::Item(EpollSet& owner, fs::File& watched, int32_t fd, const abi::EpollEvent& event)
    : PollEntry(on_event),
      set(owner),
      file(watched),
      number(fd),
      wanted(event.events | k_always_told),
      data(event.data) {
  if (has_flag(abi::k_epollexclusive)) make_exclusive();
}

EpollSet::Item* EpollSet::find(const Key& key) {
  Item* item = items_.root();
  while (item != nullptr && item->key() != key) {
    item = Order::before(key, item->key()) ? items_.left_of(*item) : items_.right_of(*item);
  }
  return item;
}

// Who watches whom changes only under the lock that the caller has, so the sets need none of theirs.
bool EpollSet::would_loop(EpollSet& inner, unsigned depth) NO_THREAD_SAFETY_ANALYSIS {
  if (inner.nested_sets_ == 0) return false;
  for (Item* item = inner.items_.first(); item != nullptr; item = inner.items_.after(*item)) {
    EpollSet* const nested = from(item->file);
    if (nested == nullptr) continue;
    if (nested == this || depth > k_deepest_nesting || would_loop(*nested, depth + 1)) return true;
  }
  return false;
}

Result<> EpollSet::add(fs::File& file, int32_t number, const abi::EpollEvent& wanted) {
  MutexGuard keeps_files(fs::file_watchers_lock);
  EpollSet* const nested = from(file);
  if (nested != nullptr && would_loop(*nested, 0)) return fail(Errno::loop);
  MutexGuard guard(lock_);
  if (find({&file, number}) != nullptr) return fail(Errno::exist);
  watch(*TRY(item_cache().make(*this, file, number, wanted)));
  if (nested != nullptr) ++nested_sets_;
  return {};
}

void EpollSet::watch(Item& item) {
  items_.insert(item);
  item.file.add_watcher(item);
  if ((item.file.poll(&item) & item.wanted.load(relaxed)) != 0) make_ready(item);
}

Result<> EpollSet::modify(fs::File& file, int32_t number, const abi::EpollEvent& wanted) {
  MutexGuard guard(lock_);
  Item* const item = find({&file, number});
  if (item == nullptr) return fail(Errno::noent);
  if (item->has_flag(abi::k_epollexclusive)) return fail(Errno::inval);
  item->data = wanted.data;
  item->wanted.store(wanted.events | k_always_told, relaxed);
  // What is so now is news again; what comes later finds the new wishes, under the file's own lock.
  if ((file.poll(nullptr) & item->wanted.load(relaxed)) != 0) make_ready(*item);
  return {};
}

Result<> EpollSet::remove(fs::File& file, int32_t number) {
  MutexGuard keeps_files(fs::file_watchers_lock);
  MutexGuard guard(lock_);
  Item* const item = find({&file, number});
  if (item == nullptr) return fail(Errno::noent);
  file.remove_watcher(*item);
  drop(*item);
  return {};
}

void EpollSet::forget(Item& item) {
  MutexGuard guard(lock_);
  drop(item);
}

void EpollSet::drop(Item& item) {
  item.leave();
  {
    SpinGuard guard(ready_lock_);
    if (item.ready_hook.is_linked()) {
      decltype(ready_)::remove(item);
      --ready_count_;
    }
  }
  if (from(item.file) != nullptr) --nested_sets_;
  items_.remove(item);
  item_cache().destroy(&item);
}

// ---- What is ready --------------------------------------------------------------------------------

// Under the lock of the source, and of those sources that it had the event from.
bool EpollSet::on_event(fs::PollEntry& entry, fs::PollEvents happened) {
  auto& item = static_cast<Item&>(entry);
  if ((happened & item.wanted.load(relaxed)) == 0) return false;
  return item.set.make_ready(item);
}

bool EpollSet::make_ready(Item& item) {
  keep_ready(item);
  changes_.notify(k_readable);
  return wake_one();
}

// If there is something for it.
bool EpollSet::wake_one() {
  SpinGuard guard(ready_lock_);
  return !ready_.empty() && waiting_.wake_one() != nullptr;
}

EpollSet::Item* EpollSet::next_ready() {
  SpinGuard guard(ready_lock_);
  Item* const item = ready_.pop_front();
  if (item != nullptr) --ready_count_;
  return item;
}

void EpollSet::keep_ready(Item& item) {
  SpinGuard guard(ready_lock_);
  if (item.ready_hook.is_linked()) return;
  ready_.push_back(item);
  ++ready_count_;
}

size_t EpollSet::ready_count() {
  SpinGuard guard(ready_lock_);
  return ready_count_;
}

Outcome EpollSet::wait_for_ready(Instant deadline) {
  SpinGuard guard(ready_lock_);
  if (!ready_.empty()) return Outcome::woken;
  Waiter self(BlockReason::waiting, this);
  self.set_ender(Ender::having(this));
  waiting_.prepare(self);
  const Outcome outcome = waiting_.block(self, {.deadline = deadline, .interruptible = true});
  return ready_.empty() ? outcome : Outcome::woken;
}

Result<size_t> EpollSet::wait(VirtAddr events, size_t most, Instant deadline) {
  bool is_over = deadline == 0;
  for (;;) {
    {
      MutexGuard guard(lock_);
      const size_t count = TRY(tell(events, most));
      if (count > 0) return count;
    }
    if (is_over) return 0;
    const Outcome outcome = wait_for_ready(deadline);
    if (outcome == Outcome::interrupted) return fail(Errno::intr);
    is_over = outcome == Outcome::timed_out;
  }
}

// Asks those on the list, once each. Where it stays so (level), the item goes to the end of the list:
// so each gets its turn, however few events are asked for.
Result<size_t> EpollSet::tell(VirtAddr events, size_t most) {
  size_t told = 0;
  for (size_t left = ready_count(); left > 0 && told < most; --left) {
    Item* const item = next_ready();
    if (item == nullptr) break;
    const uint32_t wanted = item->wanted.load(relaxed);
    const abi::EpollEvent event{item->file.poll(nullptr) & wanted & ~k_flags, item->data};
    if (event.events == 0) continue;
    if (!mm::copy_to_user(events + told * sizeof event, &event, sizeof event).has_value()) {
      keep_ready(*item);
      if (told == 0) return fail(Errno::fault);
      break;
    }
    ++told;
    if ((wanted & abi::k_epolloneshot) != 0) {
      item->wanted.store(wanted & k_flags, relaxed);
    } else if ((wanted & abi::k_epollet) == 0) {
      keep_ready(*item);
    }
  }
  if (told > 0) wake_one();  // another thread may want what is left
  return told;
}

void EpollSet::visit(void (*visit)(fs::File&, int32_t, fs::PollEvents, void*), void* argument) {
  MutexGuard guard(lock_);
  for (const Item* item = items_.first(); item != nullptr; item = items_.after(*item)) {
    visit(item->file, item->number, item->wanted.load(relaxed) & ~k_flags, argument);
  }
}

bool EpollSet::has_ready() {
  for (size_t left = ready_count(); left > 0; --left) {
    Item* const item = next_ready();
    if (item == nullptr) break;
    if ((item->file.poll(nullptr) & item->wanted.load(relaxed)) == 0) continue;
    keep_ready(*item);
    return true;
  }
  return false;
}

fs::PollEvents EpollSet::poll(fs::PollEntry* entry) {
  if (entry != nullptr) changes_.add(*entry);
  MutexGuard guard(lock_);
  return has_ready() ? k_readable : 0;
}

}  // namespace weft::ipc
