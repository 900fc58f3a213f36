#include "core/ipc/epoll.hh"

#include "core/ipc/anonymous.hh"
#include "core/ipc/poll_set.hh"
#include "core/mm/object_cache.hh"
#include "core/mm/user_memory.hh"
#include "core/sched/scheduler.hh"
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
  {
    SpinGuardIrqsOn both_at_once(ready_lock_);
    item->data = wanted.data;
    item->wanted.store(wanted.events | k_always_told, relaxed);
  }
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

[[gnu::always_inline]] inline bool EpollSet::make_ready(Item& item) {
  Thread* woken;
  {
    SpinGuardIrqsOff guard(ready_lock_);
    if (!item.ready_hook.is_linked()) ready_.push_back(item);
    woken = waiting_.end_first();
    if (woken != nullptr) [[likely]]
      sched::wake_irqs_off(*woken);
  }
  if (changes_.is_watched()) [[unlikely]]
    changes_.notify_irqs_off(k_readable);
  return woken != nullptr;
}

void EpollSet::make_ready_if_so(Item& item, fs::PollEvents events) {
  if ((events & item.wanted.load(relaxed)) == 0) return;
  IrqGuard irqs_off;
  make_ready(item);
}

EpollSet::Item* EpollSet::take_next() {
  SpinGuardIrqsOn guard(ready_lock_);
  Item* const item = ready_.front();
  if (item == nullptr || item->asked_in == way_) return nullptr;
  item->asked_in = way_;
  ReadyList::remove(*item);
  return item;
}

fs::PollEvents EpollSet::ask(const Item& item) {
  fs::PollEvents found = item.level();
  if ((found & fs::k_level_is_known) == 0) found = item.file.poll(nullptr);
  return found & item.wanted.load(relaxed) & ~k_flags;
}

// Whoever has looked at the list meanwhile, and found nothing, has to look again.
void EpollSet::keep(Item& item) {
  SpinGuardIrqsOn guard(ready_lock_);
  if (!item.ready_hook.is_linked()) ready_.push_back(item);
  if (!waiting_.empty()) [[unlikely]]
    waiting_.wake_one();
}

// An item on the list is there as long as the list is locked, and so is its file: whoever drops the item
// takes it from the list first.
[[gnu::always_inline]] inline EpollSet::Glance EpollSet::glance(abi::EpollEvent& event) {
  Item* const item = ready_.front();
  if (item == nullptr) return Glance::nothing;
  const fs::PollEvents level = item->level();
  const uint32_t wanted = item->wanted.load(relaxed);
  if ((level & fs::k_level_is_known) == 0) [[unlikely]]
    return Glance::unclear;
  if ((wanted & k_flags) != 0 || ready_.after(*item) != nullptr) [[unlikely]]
    return Glance::unclear;
  if ((level & wanted) != 0) {
    event = {level & wanted, item->data};
    if (!waiting_.empty()) [[unlikely]]
      waiting_.wake_one();  // it stays so, for the next, too
    return Glance::one;
  }
  ReadyList::remove(*item);
  return Glance::nothing;
}

[[gnu::always_inline]] inline EpollSet::Glance EpollSet::wait_and_glance(abi::EpollEvent& event,
                                                                         Instant deadline,
                                                                         Outcome& outcome) {
  SpinGuardIrqsOn guard(ready_lock_);
  const Glance seen = glance(event);
  if (seen != Glance::nothing || deadline == 0) return seen;
  Waiter self(BlockReason::waiting, this);
  self.set_ender(Ender::having(this));
  waiting_.prepare(self);
  outcome = waiting_.block(self, {.deadline = deadline, .interruptible = true});
  return glance(event);
}

Result<size_t> EpollSet::wait(VirtAddr events, size_t most, Instant deadline) {
  abi::EpollEvent event;
  Outcome outcome = Outcome::pending;
  const Glance seen = wait_and_glance(event, deadline, outcome);
  if (seen != Glance::one) [[unlikely]]
    return wait_longer(events, most, deadline, seen, outcome);
  if (!mm::copy_to_user(events, &event, sizeof event).has_value()) [[unlikely]]
    return fail(Errno::fault);
  return 1;
}

[[gnu::noinline]] Result<size_t> EpollSet::wait_longer(VirtAddr events, size_t most,
                                                       Instant deadline, Glance seen,
                                                       Outcome outcome) {
  for (;;) {
    if (seen != Glance::nothing) {
      const Result<size_t> told = tell(events, most);
      if (told != 0) return told;
    }
    if (outcome == Outcome::interrupted) return fail(Errno::intr);
    if (outcome == Outcome::timed_out || deadline == 0) return 0;
    abi::EpollEvent event;
    seen = wait_and_glance(event, deadline, outcome);
  }
}

// Asks those on the list, once each. Where it stays so (level), the item goes to the end of the list:
// so each gets its turn, however few events are asked for.
[[gnu::noinline]] Result<size_t> EpollSet::tell(VirtAddr events, size_t most) {
  MutexGuard guard(lock_);
  size_t told = 0;
  ++way_;
  while (told < most) {
    Item* const next = take_next();
    if (next == nullptr) break;
    Item& item = *next;
    const abi::EpollEvent event{ask(item), item.data};
    if (event.events == 0) continue;
    if (!mm::copy_to_user(events + told * sizeof event, &event, sizeof event).has_value()) {
      keep(item);
      if (told == 0) return fail(Errno::fault);
      break;
    }
    ++told;
    const uint32_t wanted = item.wanted.load(relaxed);
    if ((wanted & abi::k_epolloneshot) != 0) [[unlikely]] {
      item.wanted.store(wanted & k_flags, relaxed);
    } else if ((wanted & abi::k_epollet) == 0) {
      keep(item);
    }
  }
  return told;
}

void EpollSet::visit(void (*visit)(fs::File&, int32_t, fs::PollEvents, void*), void* argument) {
  MutexGuard guard(lock_);
  for (const Item* item = items_.first(); item != nullptr; item = items_.after(*item)) {
    visit(item->file, item->number, item->wanted.load(relaxed) & ~k_flags, argument);
  }
}

bool EpollSet::has_ready() {
  ++way_;
  while (Item* const item = take_next()) {
    if (ask(*item) == 0) continue;
    keep(*item);
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
