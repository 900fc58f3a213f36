#include "core/ipc/epoll.hh"

#include "core/ipc/anonymous.hh"
#include "core/ipc/poll_set.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/user_memory.hh"
#include "core/sync/irq_guard.hh"

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
  make_ready_if_so(item, item.file.poll(&item));
}

Result<> EpollSet::modify(fs::File& file, int32_t number, const abi::EpollEvent& wanted) {
  MutexGuard guard(lock_);
  Item* const item = find({&file, number});
  if (item == nullptr) return fail(Errno::noent);
  if (item->has_flag(abi::k_epollexclusive)) return fail(Errno::inval);
  item->data = wanted.data;
  item->wanted.store(wanted.events | k_always_told, relaxed);
  // What is so now is news again; what comes later finds the new wishes, under the file's own lock.
  make_ready_if_so(*item, file.poll(nullptr));
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
    if (item.ready_hook.is_linked()) ReadyList::remove(item);
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
  const bool is_new = !item.is_listed.exchange(true, acq_rel);
  Thread* woken;
  {
    SpinGuardIrqsOff guard(ready_lock_);
    if (is_new) ready_.push_back(item);
    woken = ready_.empty() ? nullptr : waiting_.wake_one();
  }
  changes_.notify(k_readable);
  return woken != nullptr;
}

void EpollSet::make_ready_if_so(Item& item, fs::PollEvents events) {
  if ((events & item.wanted.load(relaxed)) == 0) return;
  IrqGuard irqs_off;
  make_ready(item);
}

void EpollSet::take_ready(ReadyList& asked) {
  SpinGuardIrqsOn guard(ready_lock_);
  asked.append(ready_);
}

// The exchange, and not a store: an event that finds the item listed still has changed the file before,
// and then the file says so.
fs::PollEvents EpollSet::ask(Item& item) {
  item.is_listed.exchange(false, acq_rel);
  return item.file.poll(nullptr) & item.wanted.load(relaxed) & ~k_flags;
}

void EpollSet::keep(Item& item, ReadyList& kept) {
  if (!item.is_listed.exchange(true, acq_rel)) kept.push_back(item);
}

// Whoever has looked at the set's list meanwhile, and found nothing, has to look again.
void EpollSet::put_back(ReadyList& asked, ReadyList& kept) {
  if (asked.empty() && kept.empty()) return;
  SpinGuardIrqsOn guard(ready_lock_);
  asked.append(ready_);
  asked.append(kept);
  ready_.append(asked);
  waiting_.wake_one();
}

Outcome EpollSet::wait_for_ready(Instant deadline) {
  SpinGuardIrqsOn guard(ready_lock_);
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
  ReadyList asked;
  ReadyList kept;
  size_t told = 0;
  bool is_bad_address = false;
  take_ready(asked);
  while (told < most && !is_bad_address) {
    Item* const item = asked.pop_front();
    if (item == nullptr) break;
    const abi::EpollEvent event{ask(*item), item->data};
    if (event.events == 0) continue;
    const uint32_t wanted = item->wanted.load(relaxed);
    if (!mm::copy_to_user(events + told * sizeof event, &event, sizeof event).has_value()) {
      keep(*item, kept);
      is_bad_address = true;
    } else {
      ++told;
      if ((wanted & abi::k_epolloneshot) != 0) [[unlikely]] {
        item->wanted.store(wanted & k_flags, relaxed);
      } else if ((wanted & abi::k_epollet) == 0) {
        keep(*item, kept);
      }
    }
  }
  put_back(asked, kept);
  if (told == 0 && is_bad_address) return fail(Errno::fault);
  return told;
}

void EpollSet::visit(void (*visit)(fs::File&, int32_t, fs::PollEvents, void*), void* argument) {
  MutexGuard guard(lock_);
  for (const Item* item = items_.first(); item != nullptr; item = items_.after(*item)) {
    visit(item->file, item->number, item->wanted.load(relaxed) & ~k_flags, argument);
  }
}

bool EpollSet::has_ready() {
  ReadyList asked;
  ReadyList kept;
  take_ready(asked);
  bool is_ready = false;
  while (!is_ready) {
    Item* const item = asked.pop_front();
    if (item == nullptr) break;
    is_ready = ask(*item) != 0;
    if (is_ready) keep(*item, kept);
  }
  put_back(asked, kept);
  return is_ready;
}

fs::PollEvents EpollSet::poll(fs::PollEntry* entry) {
  if (entry != nullptr) changes_.add(*entry);
  MutexGuard guard(lock_);
  return has_ready() ? k_readable : 0;
}

}  // namespace weft::ipc
